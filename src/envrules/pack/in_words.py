"""A rule's expressions in words, Chinese or English, with the labels of its fields.

For pages and lists that people read: the expression itself stays what counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from envrules.interval import Interval
from envrules.lang import ast
from envrules.lang.render import render, with_unit
from envrules.pack.pack import Pack, Rule
from envrules.records.types import Enumeration, RecordType
from envrules.units import Unit

Language = Literal["en", "zh"]

_NUMBERS: Final = {
    "zh": {"<=": "不超过", "<": "低于", ">=": "不低于", ">": "高于", "==": "等于", "!=": "不等于"},
    "en": {"<=": "at most", "<": "below", ">=": "at least", ">": "above", "==": "equal to", "!=": "other than"},
}
_DATES: Final = {
    "zh": {"<=": "不晚于", "<": "早于", ">=": "不早于", ">": "晚于", "==": "为", "!=": "不为"},
    "en": {"<=": "not after", "<": "before", ">=": "not before", ">": "after", "==": "", "!=": "other than"},
}
_COUNTS_ZH: Final = {"<=": "不多于", "<": "少于", ">=": "不少于", ">": "多于", "==": "等于", "!=": "不等于"}
_AGGREGATES: Final = {
    "zh": {
        "count": "符合“{}”的记录数", "distinct": "不同{}的个数",
        "sum": "{}之和", "mean": "{}的平均值", "least": "{}的最小值",
        "most": "{}的最大值", "share": "“{}”的记录所占比例", "any": "至少一条记录符合“{}”", "all": "全部记录符合“{}”",
        "none": "没有记录符合“{}”",
    },
    "en": {
        "count": "the number of records with “{}”", "distinct": "the number of different values of {}",
        "sum": "the sum of {}", "mean": "the mean of {}", "least": "the least of {}", "most": "the greatest of {}",
        "share": "the share of records with “{}”", "any": "at least one record has “{}”",
        "all": "every record has “{}”", "none": "no record has “{}”",
    },
}  # fmt: skip
_CALLS: Final = {
    "zh": {
        "abs": "{}的绝对值", "lowest": "{}与{}中的较小者", "highest": "{}与{}中的较大者", "year": "{}所在年份",
        "half_year": "{}所在半年", "quarter": "{}所在季度", "two_months": "{}所在双月", "month": "{}所在月份",
        "day_of": "{}的{}日", "first_day": "{}的首日", "last_day": "{}的末日", "working_days_after": "{}后第{}个工作日",
    },
    "en": {
        "abs": "the size of {}", "lowest": "the lower of {} and {}", "highest": "the higher of {} and {}",
        "year": "the year of {}", "half_year": "the half-year of {}", "quarter": "the quarter of {}",
        "two_months": "the two months of {}", "month": "the month of {}", "day_of": "day {1} of the {0}",
        "first_day": "the first day of {}", "last_day": "the last day of {}",
        "working_days_after": "the working day number {1} after {0}",
    },
}  # fmt: skip
_UNITS_ZH: Final = {"mu": "亩", "count": "个", "yuan": "元", "year": "年", "day": "天"}


def unit_words(unit: Unit | str, language: Language) -> str:
    """A unit as people write it.

    Examples:
        >>> unit_words("1e8 m**3", "zh"), unit_words("m**3/1e4 yuan", "zh"), unit_words("ug/m**3", "en")
        ('亿m³', 'm³/万元', 'μg/m³')
    """
    text = unit.text if isinstance(unit, Unit) else unit
    text = text.replace("**3", "³").replace("**2", "²").replace("degC", "℃")
    text = re.sub(r"\bug\b", "μg", text)
    text = re.sub(r"(?<![A-Za-z])m([23])(?![A-Za-z0-9])", lambda m: "m²" if m[1] == "2" else "m³", text)
    if language == "zh":
        text = re.sub(r"\b1e8 ?", "亿", re.sub(r"\b1e4 ?", "万", text))
        text = re.sub(r"(?<![A-Za-z])(mu|count|yuan|year|day)(?![A-Za-z])", lambda m: _UNITS_ZH[m[1]], text)
    return text


def in_words(pack: Pack, rule: Rule, node: ast.Node, language: Language = "zh") -> str:
    """An expression of a rule in words.

    Examples:
        >>> from envrules.pack.load import load_pack
        >>> pack = load_pack("jiuquan-2018")
        >>> rule = pack.rules["coal.sulfur.built-up"]
        >>> in_words(pack, rule, rule.when, "zh"), in_words(pack, rule, rule.require, "zh")
        ('区域为城市建成区，且环节为销售或使用', '干燥基全硫不超过0.8%')
        >>> in_words(pack, rule, rule.require, "en")
        'total sulfur, dry basis at most 0.8 %'
    """
    speaker = _Speaker(pack, rule, language)
    return speaker.say(node) if node.type.kind == "bool" else speaker.value(node)


def record_words(pack: Pack, record: RecordType, node: ast.Node, language: Language = "zh") -> str:
    """An expression of a record type's derived field in words."""
    speaker = _Speaker(pack, None, language, record)
    return speaker.say(node) if node.type.kind == "bool" else speaker.value(node)


class _Speaker:
    def __init__(self, pack: Pack, rule: Rule | None, language: Language, record: RecordType | None = None) -> None:
        self.pack, self.rule = pack, rule
        self.language: Language = language
        self.zh = language == "zh"
        self.record = record or (pack.records[rule.record] if rule else None)
        fields = (f.enum for r in pack.records.values() for f in r.fields.values())
        tables = (t.enum for t in rule.derive.values()) if rule else ()
        self.enums: Mapping[str, Enumeration] = {e.name: e for e in (*fields, *tables, *pack.enums.values()) if e}

    def say(self, node: ast.Node) -> str:
        """The phrase of a node."""
        match node:
            case ast.And() | ast.Or():
                return self._joined(node)
            case ast.Not():
                return self._not(node.of)
            case ast.Equal():
                return self._equal(node, False)
            case ast.Member():
                return self._is(self.value(node.of), self._listed(node.words, node.of), False)
            case ast.Filled():
                label = self.value(node.of)
                return f"已填写{label}" if self.zh else f"{label} is filled in"
            case ast.Compare():
                return self._compare(node)
            case ast.Aggregate() if node.type.kind == "bool":
                return self._aggregate(node)
            case ast.Case() if node.type.kind == "bool":
                return self._case(node)
            case ast.Const() if isinstance(node.value, bool):
                return ("不作要求" if self.zh else "nothing is required") if node.value else self._yes_no(False)
            case ast.Derived() if self.rule and node.name in self.rule.derive:
                name = f"“{self.value(node)}”"
                return f"符合{name}中适用行的要求" if self.zh else f"what the row of {name} that holds demands"
            case ast.Derived() if isinstance(node.of, ast.Case):
                return self._is(f"“{self.value(node)}”", self._yes_no(True), False)
            case ast.Derived():
                return self.say(node.of)
            case ast.FieldValue():
                return self._is(f"“{self.value(node)}”", self._yes_no(True), False)
        return render(node)

    def value(self, node: ast.Node) -> str:
        """The phrase of what is no condition: a field, a number, a sum."""
        match node:
            case ast.FieldValue():
                return self._scoped(self._label(node), node.scope)
            case ast.Bounded() | ast.Convert():
                return self.value(node.of)
            case ast.Derived():
                return self._scoped(self._derived(node), node.scope)
            case ast.AsOf():
                return "判定日期" if self.zh else "the evaluation date"
            case ast.Key():
                return self._key(node)
            case ast.Const():
                return self._constant(node)
            case ast.Arithmetic():
                sign = {"*": "×", "/": "÷", "-": "−"}.get(node.op, node.op)
                return f"{self._inner(node.left)} {sign} {self._inner(node.right)}"
            case ast.Call():
                words = _CALLS[self.language].get(node.function)
                said = [self.value(a) for a in node.arguments]
                return words.format(*said) if words else f"{node.function}({', '.join(said)})"
            case ast.Aggregate():
                return self._aggregate(node)
            case ast.Case():
                return self._case(node)
        return self.say(node)

    def _inner(self, node: ast.Node) -> str:
        text = self.value(node)
        plain = node.of if isinstance(node, ast.Convert) else node
        return f"({text})" if isinstance(plain, ast.Arithmetic | ast.Case) else text

    def _yes_no(self, yes: bool) -> str:
        return ("是" if yes else "否") if self.zh else ("yes" if yes else "no")

    def _is(self, left: str, right: str, negated: bool) -> str:
        if self.zh:
            return f"{left}{'不为' if negated else '为'}{right}"
        return f"{left} is {'not ' if negated else ''}{right}"

    def _joined(self, node: ast.And | ast.Or) -> str:
        both = isinstance(node, ast.And)
        parts = [self.say(i) for i in node.items]
        inside = [
            self._bracketed(t) if isinstance(i, ast.And | ast.Or) else t for i, t in zip(node.items, parts, strict=True)
        ]
        if not self.zh:
            return (" and " if both else " or ").join(inside)
        if len(inside) == 2:
            return ("，且" if both else "，或").join(inside)
        return "，".join(inside[:-1]) + ("，且" if both else "，或") + inside[-1]

    def _bracketed(self, text: str) -> str:
        return f"（{text}）" if self.zh else f"({text})"

    def _not(self, node: ast.Node) -> str:
        match node:
            case ast.Equal():
                return self._equal(node, True)
            case ast.Member():
                return self._is(self.value(node.of), self._listed(node.words, node.of), True)
            case ast.Filled():
                label = self.value(node.of)
                return f"未填写{label}" if self.zh else f"{label} is not filled in"
            case ast.FieldValue():
                return self._is(f"“{self.value(node)}”", self._yes_no(False), False)
        text = self._bracketed(self.say(node))
        return f"不符合{text}" if self.zh else f"not {text}"

    def _equal(self, node: ast.Equal, negated: bool) -> str:
        left = self.value(node.left)
        if isinstance(node.right, ast.Const) and isinstance(node.right.value, str):
            return self._is(left, self._word(node.right.value, node.left), negated)
        right = self.value(node.right)
        if self.zh:
            return f"{left}与{right}{'不' if negated else ''}一致"
        return f"{left} is {'not ' if negated else ''}the same as {right}"

    def _word(self, word: str, of: ast.Node) -> str:
        enum = self.enums.get(of.type.enum.name) if of.type.enum else None
        if enum is None or word not in enum.names:
            return f"“{word}”"
        return enum.values[enum.rank(word)].label.either(self.language) or word

    def _listed(self, words: Iterable[str], of: ast.Node) -> str:
        said = [self._word(w, of) for w in words]
        last = "或" if self.zh else " or "
        return last.join([*([("、" if self.zh else ", ").join(said[:-1])] if said[:-1] else []), *said[-1:]])

    def _compare(self, node: ast.Compare) -> str:
        left = self.value(node.left)
        if node.left.type.kind == "enum" and node.left.type.enum is not None:
            return self._ordered(node, left)
        right = self._limit(node)
        if node.left.type.kind in ("date", "period"):
            relation = _DATES[self.language][node.op]
            return f"{left}{relation}{right}" if self.zh else f"{left} is {relation} {right}".replace("  ", " ")
        counted = isinstance(node.left, ast.Aggregate) and node.left.function in ("count", "distinct")
        relation = _COUNTS_ZH[node.op] if self.zh and counted else _NUMBERS[self.language][node.op]
        return f"{left}{relation}{right}" if self.zh else f"{left} {relation} {right}"

    def _ordered(self, node: ast.Compare, left: str) -> str:
        """A comparison of ordered words: the words that hold, or where the other side is no word, the order."""
        assert node.left.type.enum is not None
        order = node.left.type.enum.values
        right = node.right
        if isinstance(right, ast.Const) and right.value in order:
            limit = order.index(str(right.value))
            wanted = {"<": order[:limit], "<=": order[: limit + 1], ">": order[limit + 1 :], ">=": order[limit:]}
            if wanted.get(node.op):
                return self._is(left, self._listed(wanted[node.op], node.left), False)
        words = self._listed(order, node.left).replace("或" if self.zh else " or ", "、" if self.zh else ", ")
        relation, other = _NUMBERS[self.language][node.op].replace("不超过", "不高于"), self.value(right)
        if self.zh:
            return f"{left}{relation}{other}（由低到高：{words}）"
        return f"{left} {relation} {other} (from the lowest: {words})"

    def _limit(self, node: ast.Compare) -> str:
        right = node.right
        if isinstance(right, ast.Const) and isinstance(right.value, Interval) and node.unit is not None:
            return self._amount(right.value.scaled(*node.display), node.unit)
        return self.value(right)

    def _amount(self, value: Interval, unit: Unit) -> str:
        if not value.known:
            return f"{value!r} {unit_words(unit, self.language)}".rstrip()
        # A ratio of two quantities is a plain number, whatever they were measured in.
        plain = unit.dimensionless and unit.factor == 1.0 and unit.text != "count"
        number, words = value.lo, "" if plain else unit_words(unit, self.language)
        if not self.zh:
            text = f"{number:,.12g}" if abs(number) >= 1e4 else f"{number:.12g}"
            return f"{text} {words}".rstrip()
        for size, name in ((1e8, "亿"), (1e4, "万")):
            if abs(number) >= size:
                return f"{number / size:.12g}{name}{words}"
        joined = words[:1] in ("%", "℃") or "\u4e00" <= words[:1] <= "\u9fff"
        return f"{number:.12g}{'' if joined else ' '}{words}".rstrip()

    def _constant(self, node: ast.Const) -> str:
        if isinstance(node.value, bool):
            return self._yes_no(node.value)
        if isinstance(node.value, str):
            return self._word(node.value, node) if node.type.kind == "enum" else f"“{node.value}”"
        if node.type.kind == "quantity":
            return self._amount(node.value, node.type.unit)
        text = with_unit(node.value, node.type)
        return f"{text}年" if self.zh and node.type.period == "year" and text.isdigit() else text

    def _scoped(self, label: str, scope: str) -> str:
        if not scope:
            return label
        return f"“{scope}”的{label}" if self.zh else f"{label} of “{scope}”"

    def _label(self, node: ast.FieldValue) -> str:
        related = self.rule.related.get(node.scope) if self.rule else None
        record = self.pack.records[related.record] if related else self.record
        found = record.fields.get(node.name) if record else None
        return (found.label.either(self.language) if found else "") or node.name

    def _derived(self, node: ast.Derived) -> str:
        table = self.rule.derive.get(node.name) if self.rule and not node.scope else None
        if table is not None:
            return table.label.either(self.language) or node.name
        related = self.rule.related.get(node.scope) if self.rule else None
        record = related.record if related else self.record.name if self.record else ""
        label = self.pack.derived_labels.get(record, {}).get(node.name)
        return (label.either(self.language) if label else "") or node.name

    def _key(self, node: ast.Key) -> str:
        for key in (self.rule.group if self.rule else None) or ():
            if key.name == node.name:
                return self.value(key.node)
        return node.name

    def _aggregate(self, node: ast.Aggregate) -> str:
        scope = (f"“{node.over}”中" if self.zh else f" of “{node.over}”") if node.over else ""
        if node.argument is None:
            return f"{scope}记录数" if self.zh else f"the number of records{scope}"
        inside = self.say(node.argument) if node.argument.type.kind == "bool" else self.value(node.argument)
        text = _AGGREGATES[self.language].get(node.function, node.function + "({})").format(inside)
        return f"{scope}{text}" if self.zh else f"{text}{scope}"

    def _case(self, node: ast.Case) -> str:
        rows = []
        for row in node.rows:
            then = self.say(row.then) if row.then.type.kind == "bool" else self.value(row.then)
            if row.when is None:
                rows.append(f"其他情况：{then}" if self.zh else f"otherwise: {then}")
            else:
                rows.append(f"{self.say(row.when)}时：{then}" if self.zh else f"if {self.say(row.when)}: {then}")
        return ("；" if self.zh else "; ").join(rows)
