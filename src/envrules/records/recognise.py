"""Headers to fields, tables to record types: what a column or table is called decides, never what its cells hold.

A header is a field's name, a label or an alias, with the unit of its numbers in brackets. Doubt is never resolved here:
it is given back with its candidates.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from envrules.records.once import MadeOnce
from envrules.records.quantities import mismatch, parse_unit_text
from envrules.records.types import Field, RecordType
from envrules.records.values import Fault
from envrules.records.words import WordTable, fold, listed, shown, simplified
from envrules.units import Unit, Units

_BRACKETS = re.compile(r"[(\[【〔{（［]([^()\[\]【】〔〕{}（）［］]*(?:\([^()]*\)[^()]*)?)[)\]】〕}）］]\s*$")
_SEPARATORS = " \t\r\n\u3000,，:：_/／"
_SEPARATED = re.compile(rf"[{_SEPARATORS}]+")
_UNSEPARATED = re.compile(r"(?P<name>.*[\u4e00-\u9fff)）])(?P<unit>[A-Za-zμµ°Ω][\w/·*^²³.-]*|[%％‰])", re.DOTALL)
# t·h-1: the power of a unit written on the line.
_POWER = re.compile(r"(?<=[A-Za-z])[-−–](?=[1-3](?![\d.]))")
# A group over a name may make it another quantity: a limit, a plan, last year's, the one before treatment.
_QUALIFIES = re.compile(
    r"[年月季前后後增减減率]|计划|目标|标准|标限|限值|要求|设计|核定|许可|去除|进口|入口|进水|原料|合计|平均|最大|最小|最高|最低|同比|历史|\d"
    r"|limit|plan|target|design|standard|before|after|inlet|max|min|mean|average|total|last|previous",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[(\[【〔{（［]([^()\[\]【】〔〕{}（）［］]+)[)\]】〕}）］]")
_UNIT_WORD = re.compile(r"^\s*(?:计量)?(?:单位|units?)\s*[:：]\s*", re.IGNORECASE)
_NUMBERING = re.compile(r"^\s*(?:[(（]\s*\d{1,2}\s*[)）]|\d{1,2}\s*[.．、](?!\d)|[一二三四五六七八九十]{1,3}\s*、)\s*")
#: A month or year, which is no amount of time where it stands in a header.
_PERIOD = re.compile(r"\d{1,4}\s*[年月日]份?")
_LONGEST = 200
_REMEMBERED = 20_000  # texts of cells, of all tables read
_PERIODS = {"年": "year", "annual": "year", "月": "month", "monthly": "month", "日": "day", "daily": "day"}
_HARMLESS = frozenset(["", "必填", "选填", "必填项", "选填项", "required", "optional"])
_NUMERIC = ("quantity", "number", "int")


class HeaderWords:
    """The words that may stand in the header of some table of these record types; what a finder of headers asks."""

    decides = False

    def __init__(self, record_types: Mapping[str, RecordType], units: Units) -> None:
        self._fields: dict[str, set[str]] = {}
        for record_type in record_types.values():
            for one in record_type.fields.values():
                for word in (one.name, *one.label.both(), *one.aliases):
                    self._fields.setdefault(fold(word), set()).add(one.name)
        self._values: dict[str, set[str]] = {}
        for one in (f for t in record_types.values() for f in t.fields.values()):
            values = one.enum.values if one.enum is not None else ()
            found = {fold(w) for v in values for w in (v.name, *v.label.both(), *v.aliases)}
            self._values.setdefault(one.name, set()).update(found)
        self._any_value = set().union(*self._values.values())
        self._units = units
        self._known: dict[str, frozenset[str]] = {}

    @classmethod
    def of(cls, record_types: Mapping[str, RecordType], units: Units) -> HeaderWords:
        """Those of these record types, made once for all tables."""
        return _header_words((*record_types.values(), units), lambda: cls(record_types, units))

    def fields(self, text: str) -> frozenset[str]:
        """The fields, of any record type, that a column called so may be, with or without a unit behind the name."""
        text = text[:_LONGEST]
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            named = (self._fields.get(fold(simplified(base)), ()) for base in self._bases(text))
            known = self._known[text] = frozenset(next((n for n in named if n), ()))
        return known

    def _bases(self, header: str) -> Iterator[str]:
        """The header, and what of it may be a name: without numbering, brackets, and a unit behind it."""
        yield header
        base = name_of(header)
        yield base
        yield from (name for name, unit in _loose_splits(base) if self.is_unit(unit))

    def is_value(self, text: str, header: str = "") -> bool:
        """Whether a text is a word that some enumeration has; with a header, one of the fields that it may name."""
        fields = self.fields(header) if header else frozenset[str]()
        word = fold(simplified(text))
        return any(word in self._values[n] for n in fields) if fields else word in self._any_value

    def is_unit(self, text: str) -> bool:
        """Whether a text is a unit and nothing else, in brackets or not."""
        plain = bare_unit(text)
        if _PERIOD.fullmatch(plain):
            return False
        return 0 < len(plain) <= 30 and not plain.isdecimal() and isinstance(parse_unit_text(self._units, plain), Unit)


def bare_unit(text: str) -> str:
    """The text of a unit without the brackets and the word `单位` before it.

    Examples:
        >>> bare_unit("（单位：t/h）"), bare_unit("mg·m-3")
        ('t/h', 'mg·m^-3')
    """
    plain = text.strip()
    match = _BRACKETS.fullmatch(plain)
    return _POWER.sub("^-", _UNIT_WORD.sub("", match[1] if match else plain)).strip()


def _loose_splits(header: str) -> Iterator[tuple[str, str]]:
    """(name, unit) as a header without brackets may part them: `capacity_MW`, `硫分%`, `排放量/t`."""
    text = header.strip()
    for match in _SEPARATED.finditer(text):
        if match.start() > 0 and match.end() < len(text):
            yield text[: match.start()], text[match.end() :]
    together = _UNSEPARATED.fullmatch(text)
    if together is not None:
        yield together["name"].rstrip(_SEPARATORS), together["unit"]


@dataclass(frozen=True)
class Column:
    """One column of a table that is a field: its place among the columns, its header, and the unit the header names.

    `by_part` says that a group stands over the name in the header, as 污染物 does in 污染物/颗粒物. `states` are the
    words of other fields that the header says too, as `St,d` says the basis.
    """

    index: int
    header: str
    field: Field
    unit: Unit | None = None
    by_part: bool = False
    states: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class HeaderFault:
    """A header that cannot be used, and why."""

    headers: tuple[str, ...]
    code: str
    reason: str
    hint: str = ""


@dataclass(frozen=True)
class HeaderMatch:
    """What the headers of a table are, read as one record type.

    `passed` are columns of fields that other columns give on the terms that are assumed anyway.
    """

    record_type: RecordType
    columns: tuple[Column, ...]
    unknown: tuple[tuple[int, str], ...]
    faults: tuple[HeaderFault, ...] = ()
    passed: tuple[Column, ...] = ()

    @property
    def score(self) -> int:
        """How many fields other than the id were found, those with a fault of their unit too."""
        faulty = sum(1 for f in self.faults if f.code != "duplicate-column")
        return len({c.field.name for c in self.columns} - {"id"}) + faulty


@dataclass(frozen=True)
class Doubt:
    """A table whose record type is not clear, with what it may be and why."""

    candidates: tuple[HeaderMatch, ...] = ()
    named: tuple[str, ...] = ()


_header_words: MadeOnce[HeaderWords] = MadeOnce()
_field_words: MadeOnce[WordTable] = MadeOnce(most=256)
_type_words: MadeOnce[WordTable] = MadeOnce()


def field_words(record_type: RecordType) -> WordTable:
    """The words that a column of this record type may be called by."""
    return _field_words(
        (record_type,),
        lambda: WordTable(
            (word, f.name) for f in record_type.fields.values() for word in (f.name, *f.label.both(), *f.aliases)
        ),
    )


def match_headers(
    headers: Sequence[str], record_type: RecordType, units: Units, taken: frozenset[str] = frozenset()
) -> HeaderMatch:
    """Which column is which field.

    Args:
        taken: fields that a mapping already fills; a column that would be one of them stays unknown.

    Examples:
        >>> from envrules.units import registry
        >>> from envrules.records.types import Words
        >>> capacity = Field("capacity", "quantity", unit=registry().parse("t/h"), label=Words("", "额定蒸发量"))
        >>> boiler = RecordType("boiler", {"id": Field("id", "id"), "capacity": capacity})
        >>> found = match_headers(["ID", "额定蒸发量（吨/小时）", "remarks"], boiler, registry())
        >>> [(c.field.name, str(c.unit)) for c in found.columns], found.unknown
        ([('id', 'None'), ('capacity', '吨/小时')], ((2, 'remarks'),))
    """
    words = field_words(record_type)
    columns: list[Column] = []
    unknown: list[tuple[int, str]] = []
    faults: list[HeaderFault] = []
    for index, header in enumerate(headers):
        found = _match(index, header, record_type, words, units) if header.strip() else None
        if isinstance(found, HeaderFault):
            faults.append(found)
        elif found is None or found.field.name in taken:
            unknown.append((index, header))
        else:
            columns.append(found)
    whole = {c.field.name for c in columns if not c.by_part}
    unknown += [(c.index, c.header) for c in columns if c.by_part and c.field.name in whole]
    columns = [c for c in columns if not (c.by_part and c.field.name in whole)]
    columns, passed = _best_stated(columns, record_type)
    by_field: dict[str, list[Column]] = {}
    for column in columns:
        by_field.setdefault(column.field.name, []).append(column)
    for name, same in by_field.items():
        if len(same) > 1:
            columns_named = listed([c.header for c in same])
            faults.append(
                HeaderFault(
                    tuple(c.header for c in same),
                    "duplicate-column",
                    f"the columns {columns_named} are {'both' if len(same) == 2 else 'all'} {name} of "
                    f"{record_type.name}",
                    "rename one of them, or say in a mapping file which is meant",
                )
            )
    return HeaderMatch(record_type, tuple(columns), tuple(sorted(unknown)), tuple(faults), tuple(passed))


def _best_stated(columns: list[Column], record_type: RecordType) -> tuple[list[Column], list[Column]]:
    """The columns without those of a field that another column gives on the assumed terms: St,ad beside St,d."""
    assumed = {n: str(f.assume.value) for n, f in record_type.fields.items() if f.assume is not None}

    def is_assumed(column: Column) -> bool:
        return bool(column.states) and all(assumed.get(n) == word for n, word in column.states)

    better = {c.field.name for c in columns if is_assumed(c)}
    passed = [c for c in columns if c.field.name in better and c.states and not is_assumed(c)]
    return [c for c in columns if c not in passed], passed


def _match(
    index: int, header: str, record_type: RecordType, words: WordTable, units: Units
) -> Column | HeaderFault | None:
    found = words.find(header)
    if found:
        return _column(index, header, [record_type.fields[n] for n in found], [], units, record_type)
    base = _NUMBERING.sub("", header[:_LONGEST])
    remarks: list[str] = []
    stages: list[tuple[str, list[str]]] = []
    while True:
        found = words.find(base)
        if found:
            return _column(index, header, [record_type.fields[n] for n in found], remarks, units, record_type)
        stages.append((base, list(remarks)))
        match = _BRACKETS.search(base)
        if match is None or not base[: match.start()].strip():
            break
        remarks.append(match[1])
        base = base[: match.start()].rstrip(_SEPARATORS)
    loose = _loose(index, header, record_type, words, units)
    # The name under a group may end in brackets itself, as 县（市、区） does.
    grouped = (_under_group(index, header, b, r, record_type, words, units) for b, r in stages)
    return loose or next((g for g in grouped if g is not None), None)


def _under_group(
    index: int,
    header: str,
    base: str,
    remarks: list[str],
    record_type: RecordType,
    words: WordTable,
    units: Units,
) -> Column | HeaderFault | None:
    """The column of a name under a group, where the group does not make another quantity of it."""
    group, slash, name = base.rpartition("/")
    if not slash:
        return None
    found = words.find(group.replace("/", "") + name)
    if not found and not _QUALIFIES.search(group):
        found = words.find(name)
    if not found:
        return None
    column = _column(index, header, [record_type.fields[n] for n in found], remarks, units, record_type)
    return column if isinstance(column, HeaderFault) else replace(column, by_part=True)


def _column(
    index: int, header: str, fields: list[Field], remarks: list[str], units: Units, record_type: RecordType
) -> Column | HeaderFault:
    """The column of a header whose name is known, with the unit among the remarks in brackets after it."""
    if len(fields) > 1:
        names = " or ".join(f.name for f in fields)
        return HeaderFault((header,), "ambiguous-column", f"the column {shown(header)} may be {names}")
    one = fields[0]
    states = stated(header, one, record_type)
    if one.kind not in _NUMERIC:
        return Column(index, header, one, states=tuple(states.items()))
    unit: Unit | None = None
    for remark in (r for r in remarks if not _says_nothing(r, one) and not _beside(r, one, record_type)):
        parsed = parse_unit_text(units, bare_unit(remark))
        if isinstance(parsed, Fault) or (unit is not None and parsed != unit):
            what = parsed.reason if isinstance(parsed, Fault) else "a second unit"
            return HeaderFault(
                (header,),
                "unknown-unit",
                f"the brackets of the column {shown(header)} are not the unit of {one.name}: {what}",
                "say in a mapping file which field and unit the column is",
            )
        unit = parsed
    if unit is not None and not _converts(unit, one, units):
        rate = _per_period(header, unit, one, units)
        if rate is None:
            what = f"the column {shown(header)}: {mismatch(unit, one.unit, one)}"
            return HeaderFault((header,), "unit-mismatch", what)
        unit = rate
    return Column(index, header, one, unit, states=tuple(states.items()))


def stated(header: str, one: Field, record_type: RecordType) -> dict[str, str]:
    """What a header says of other fields than its own: by an alias that states it, or by a word in brackets.

    Capitals count: Ad is ash on the dry basis, ad the air-dried basis.

    Examples:
        >>> from envrules.records.types import Enumeration, EnumValue
        >>> basis = Field("basis", "enum", enum=Enumeration("b", (EnumValue("d", aliases=("干基",)), EnumValue("ad"))))
        >>> ash = Field("ash", "quantity", aliases=("灰分", "Ad"), states={"Ad": {"basis": "d"}}, beside="basis")
        >>> coal = RecordType("coal", {"ash": ash, "basis": basis})
        >>> stated("Ad(%)", ash, coal), stated("灰分(ad)(%)", ash, coal), stated("灰分", ash, coal)
        ({'basis': 'd'}, {'basis': 'ad'}, {})
    """
    if not one.states and not one.beside:
        return {}
    found: dict[str, str] = {}
    for piece in _pieces(header):
        plain = _spelled(piece)
        states = next((s for alias, s in one.states.items() if _spelled(alias) == plain), None)
        if states is not None:
            return dict(states)
        word = _beside(piece, one, record_type)
        if word:
            found[one.beside] = word
    return found


def answers(header: str, one: Field) -> tuple[str, str] | None:
    """What yes and no stand for in a column of this header, where its name is a question that says it."""
    pieces = {_spelled(p) for p in _pieces(header)} if one.answers else set()
    return next((said for alias, said in one.answers.items() if _spelled(alias) in pieces), None)


def _pieces(header: str) -> list[str]:
    """The parts of a header that may be a name: with and without what stands in brackets, and what does."""
    text = header[:_LONGEST]
    found = [text, base := _NUMBERING.sub("", text)]
    while (match := _BRACKETS.search(base)) is not None and base[: match.start()].strip():
        base = base[: match.start()].rstrip(_SEPARATORS)
        found.append(base)
    # A name under a group says what it says without one, and so does the group: 空干基/全硫.
    for grouped in [name for name in found if "/" in name]:
        found += [grouped.replace("/", ""), *(part.strip() for part in reversed(grouped.split("/")) if part.strip())]
    return [*found, *(name for name, _ in _loose_splits(base)), *_BRACKETED.findall(text)]


def _spelled(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _beside(remark: str, one: Field, record_type: RecordType) -> str:
    """The word of the field beside this one that a remark in brackets is, or an empty text."""
    enum = record_type.fields[one.beside].enum if one.beside else None
    if enum is None:
        return ""
    plain = _spelled(remark)
    return next((v.name for v in enum.values if plain in (v.name, *map(_spelled, (*v.label.both(), *v.aliases)))), "")


def _per_period(header: str, unit: Unit, one: Field, units: Units) -> Unit | None:
    """The rate that an amount is where the name says for how long: 年取水量(万m³) is in 万m³ a year."""
    for word, period in _PERIODS.items():
        rate = parse_unit_text(units, f"{unit.text}/{period}") if word in header.lower() else None
        if isinstance(rate, Unit) and units.conversion(rate, one.unit, one.context) is not None:
            return rate
    return None


def unit_of_header(header: str, one: Field, units: Units) -> Unit | Fault | None:
    """The unit in the header of a column that is a quantity: None where there is none, a Fault for a wrong one.

    Examples:
        >>> from envrules.units import registry
        >>> steam = Field("capacity", "quantity", unit=registry().parse("t/h"), context="steam")
        >>> [str(unit_of_header(h, steam, registry())) for h in ("额定功率（MW）", "功率MW", "锅炉吨位")]
        ['MW', 'MW', 'None']
    """
    stated = bracket_of(header)
    if not stated:
        found = (parse_unit_text(units, bare_unit(text)) for _, text in _loose_splits(header[:_LONGEST]))
        fitting = (u for u in found if isinstance(u, Unit) and _converts(u, one, units))
        return next(fitting, None)
    unit = parse_unit_text(units, bare_unit(stated))
    if isinstance(unit, Fault) or _converts(unit, one, units):
        return unit
    return _per_period(header, unit, one, units) or Fault("unit-mismatch", mismatch(unit, one.unit, one))


def _converts(unit: Unit, one: Field, units: Units) -> bool:
    return bool(one.unit_of) or units.conversion(unit, one.unit, one.context) is not None


def _says_nothing(remark: str, one: Field) -> bool:
    """Whether a remark in brackets changes nothing: a word for filling in the form, or the field's other name."""
    return fold(remark) in _HARMLESS or fold(remark) in {fold(w) for w in (one.name, *one.label.both(), *one.aliases)}


def _loose(index: int, header: str, record_type: RecordType, words: WordTable, units: Units) -> Column | None:
    """A quantity's name with a unit after it and no brackets: `capacity_MW`, `硫分%`, `排放量/t`."""
    for name, text in _loose_splits(_NUMBERING.sub("", header[:_LONGEST])):
        found = words.find(name)
        if len(found) != 1 or record_type.fields[found[0]].kind != "quantity":
            continue
        one = record_type.fields[found[0]]
        unit = parse_unit_text(units, bare_unit(text))
        if isinstance(unit, Unit) and _converts(unit, one, units):
            return Column(index, header, one, unit, states=tuple(stated(header, one, record_type).items()))
    return None


def type_words(record_types: Mapping[str, RecordType]) -> WordTable:
    """The words that a sheet or file of each record type may be called by; an English plural too."""

    def spellings(t: RecordType) -> list[str]:
        words = [t.name, *t.label.both(), *t.aliases]
        return words + [w + "s" for w in words if w.isascii()]

    types = tuple(record_types.values())
    return _type_words(types, lambda: WordTable((word, t.name) for t in types for word in spellings(t)))


def types_named(text: str, record_types: Mapping[str, RecordType]) -> tuple[str, ...]:
    """The record types that a sheet's or file's name means: by the whole of it, else by the longest word in it.

    Examples:
        >>> from envrules.records.types import Words
        >>> words = {"boiler": Words("", "锅炉"), "boiler_application": Words("", "锅炉审批")}
        >>> types = {name: RecordType(name, {}, label) for name, label in words.items()}
        >>> types_named("boilers", types), types_named("2020年锅炉审批台账", types), types_named("Sheet1", types)
        (('boiler',), ('boiler_application',), ())
    """
    whole = type_words(record_types).find(text)
    if whole:
        return whole
    folded = fold(text)
    inside: dict[str, set[str]] = {}
    for t in record_types.values():
        for word in (t.name, *t.label.both(), *t.aliases):
            key = fold(word)
            if len(key) >= (4 if key.isascii() else 2) and key in folded:
                inside.setdefault(key, set()).add(t.name)
    longest = [k for k in inside if not any(k != other and k in other for other in inside)]
    return tuple(sorted({name for key in longest for name in inside[key]}))


def recognise_type(
    headers: Sequence[str],
    names: Sequence[str],
    record_types: Mapping[str, RecordType],
    units: Units,
    read_by: Callable[[RecordType], Sequence[str]] | None = None,
) -> RecordType | Doubt:
    """The record type of a table, from the names of its sheet and file, then from its headers.

    Args:
        names: the sheet's name and the file's, the more telling first.
        read_by: the headers as a record type would read them, where that is not as they stand (`records.unfold`).

    A name decides where it is one type's own and the headers do not speak for another, or where it holds one type's
    word and no type fits the headers better. Headers decide where they are half of the named columns or more, two at
    least, and clearly more than of any other type; where they are fewer, but three at least, twice as many as of any
    other type, and two of them of no other type; or where all of them are fields of a type that no other shares.
    """
    own = read_by or (lambda _: headers)
    matches = sorted((match_headers(own(t), t, units) for t in record_types.values()), key=lambda m: -m.score)
    scores = {m.record_type.name: m.score for m in matches}
    # Hours have the columns of days and one more; without that one they are days.
    matches = [m for m in matches if {c.field.name for c in m.columns}.issuperset(m.record_type.told_by)]
    best = matches[0].score if matches else 0
    whole = type_words(record_types)
    for name in names:
        exact = whole.find(name)
        if len(exact) == 1 and scores[exact[0]] * 2 >= best:
            return record_types[exact[0]]
        inside = () if exact else types_named(name, record_types)
        if len(inside) == 1 and scores[inside[0]] == best > 0:
            return record_types[inside[0]]
        if exact:
            likely = [m for m in matches if m.score == best or m.record_type.name in exact]
            return Doubt(tuple(likely[:5]), tuple(n for n in names if n))
    named = sum(1 for h in (own(matches[0].record_type) if matches else ()) if h.strip())
    clear = len(matches) == 1 or best - matches[1].score >= max(1, round(0.2 * best))
    if best >= 2 and best * 2 >= named - 1 and clear:
        return matches[0].record_type
    if best >= 3 and _tells(matches):
        return matches[0].record_type
    alone = sum(1 for m in matches if m.score) == 1
    if alone and not matches[0].unknown:
        return matches[0].record_type
    candidates = tuple(m for m in matches if m.score > 0 and m.score >= best - max(1, round(0.2 * best)))
    return Doubt(candidates[:5], tuple(n for n in names if n))


def _tells(matches: Sequence[HeaderMatch]) -> bool:
    """Whether the columns speak for the first type alone, whatever else the table holds: twice as many as for any
    other, and two that are a column of no other type."""
    first, others = matches[0], matches[1:]
    shared = {c.header for m in others for c in m.columns} | {h for m in others for f in m.faults for h in f.headers}
    alone = {c.field.name for c in first.columns if c.header not in shared} - {"id"}
    return first.score >= 2 * max((m.score for m in others), default=0) and len(alone) >= 2


def name_of(header: str) -> str:
    """The name in a header, without its number and what stands in brackets behind it.

    Examples:
        >>> name_of("1.额定蒸发量（必填）（t/h）")
        '额定蒸发量'
    """
    base = _NUMBERING.sub("", header[:_LONGEST])
    while (match := _BRACKETS.search(base)) is not None and base[: match.start()].strip():
        base = base[: match.start()].rstrip(_SEPARATORS)
    return base.strip() or header


def bracket_of(header: str) -> str:
    """What stands in brackets at the end of a header, or an empty text.

    Examples:
        >>> bracket_of("额定功率（MW）"), bracket_of("capacity")
        ('MW', '')
    """
    match = _BRACKETS.search(header)
    return match[1].strip() if match else ""


def near_field(header: str, words: WordTable) -> str:
    """The nearest word of a field to a header that is none, or an empty text."""
    plain = unicodedata.normalize("NFKC", header[:_LONGEST])
    base = _BRACKETS.sub("", plain).strip() or plain
    return words.near(base) or (words.near(base.rpartition("/")[2]) if "/" in base else "")
