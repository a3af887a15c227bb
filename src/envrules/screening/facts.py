"""What a rule rests on: values of records, and facts derived of them, each with the rule and the facts it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from envrules.engines.reference.evaluate import Env, Worth, evaluate
from envrules.engines.reference.explain import say
from envrules.lang import ast
from envrules.lang.render import render
from envrules.lang.types import Type
from envrules.pack.in_words import in_words, record_words
from envrules.pack.pack import Pack, Rule
from envrules.records.types import Words
from envrules.records.values import Nothing, Record
from envrules.screening.case import Case, Pair
from envrules.screening.same import Same
from envrules.screening.words import field_words, in_both, value_words


@dataclass(frozen=True)
class Fact:
    """A value of a record, or what was derived from such.

    Args:
        record_id: the record it is about; of what holds of a set, the record that the set belongs to.
        name: the field, the derived value, or the question about a set, as rules write it.
        rule: what derived it: `record type.derived field`, `rule.derived value`, or the rule that asks it of a set;
            empty for a value that was given.
        meaning, expression: its definition in words, and as the rule writes it.
        sources: the facts it came from.
    """

    record_type: str
    record_id: str
    name: str
    label: Words
    value: Words
    known: bool
    rule: str = ""
    meaning: Words = Words()
    expression: str = ""
    sources: tuple[Fact, ...] = ()

    @property
    def derived(self) -> bool:
        """Whether it was derived, not given."""
        return bool(self.rule)

    def said(self, language: str = "en") -> str:
        """What it says, as `label: value`."""
        colon = "：" if language == "zh" else ": "
        return f"{self.label.either(language)}{colon}{self.value.either(language)}"

    def as_dict(self) -> dict[str, Any]:
        """A derived fact as the command's JSON output gives it."""
        return {
            "record_type": self.record_type,
            "record_id": self.record_id,
            "name": self.name,
            "value": _both(self.value),
            "rule": self.rule,
            "definition": self.expression,
            "from": [
                {"record_type": s.record_type, "record_id": s.record_id, "name": s.name, "value": _both(s.value)}
                for s in self.sources
            ],
        }


def _both(words: Words) -> dict[str, str]:
    return {"en": words.en, "zh": words.zh}


def facts_of(case: Case, pair: Pair) -> tuple[Fact, ...]:
    """The facts that a rule rests on directly: derived ones, and values that no derived one stands for."""
    _, env = case.environment(pair)
    nodes = [n for n in (pair.rule.when, pair.rule.require) if n is not None]
    return _Finder(case, pair).facts(nodes, env)


def derived_facts(facts: Iterable[Fact]) -> Iterator[Fact]:
    """The derived ones of some facts and all they came from, each after its sources."""
    for fact in facts:
        yield from derived_facts(fact.sources)
        if fact.derived:
            yield fact


@dataclass(frozen=True)
class _Finder:
    case: Case
    pair: Pair

    def facts(self, nodes: Iterable[ast.Node], env: Env) -> tuple[Fact, ...]:
        """The facts that expressions rest on, each once."""
        return tuple(dict.fromkeys(fact for node in nodes for fact in self._of(node, env)))

    def _of(self, node: ast.Node, env: Env) -> Iterator[Fact]:
        if isinstance(node, ast.Derived):
            yield self._derived(node, env)
        elif isinstance(node, ast.Aggregate) and node.over:
            yield self._set(node, env)
        elif isinstance(node, ast.FieldValue):
            yield from self._values(node, env)
        else:
            for child in ast.children(node):
                yield from self._of(child, env)

    def _derived(self, node: ast.Derived, env: Env) -> Fact:
        owner = env.own(node.scope) or self._judged()
        pack, own = self.case.pack, not node.scope and node.name in self.pair.rule.derive
        label, meaning = Words(node.name, node.name), Words()
        if own:
            meaning = _meaning(Same(pack), Same(self.pair.rule), Same(node.of))
        else:
            label = pack.derived_labels.get(owner.type, {}).get(node.name, label)
            definition = pack.derived.get(owner.type, {}).get(node.name)
            if definition is not None:
                meaning = _definition(Same(pack), owner.type, Same(definition))
        return Fact(
            owner.type,
            owner.id,
            node.name,
            label,
            *self._worth(evaluate(node, env), node.type),
            rule=f"{self.pair.rule.id if own else owner.type}.{node.name}",
            meaning=meaning,
            expression=render(node.of),
            sources=self.facts([node.of], env),
        )

    def _set(self, node: ast.Aggregate, env: Env) -> Fact:
        owner, text = self._judged(), render(node)
        sources: dict[Fact, None] = {}
        for record, _ in env.related_to(node.over):
            bound = replace(env, bound={**env.bound, node.over: record}, matches=dict(env.matches), worths={})
            if node.argument is not None:
                sources.update(dict.fromkeys(self.facts([node.argument], bound)))
        return Fact(
            owner.type,
            owner.id,
            text,
            Words(text, text),
            *self._worth(evaluate(node, env), node.type),
            rule=self.pair.rule.id,
            expression=text,
            sources=tuple(sources),
        )

    def _values(self, node: ast.FieldValue, env: Env) -> Iterator[Fact]:
        own = env.own(node.scope)
        for record in [own] if own is not None else [r for r, _ in env.related_to(node.scope)]:
            field = self.case.pack.records[record.type].fields[node.name]
            value = record.value(node.name)
            yield Fact(
                record.type,
                record.id,
                node.name,
                in_both(field_words(field, "en"), field_words(field, "zh")),
                in_both(value_words(field, value, "en"), value_words(field, value, "zh")),
                not isinstance(value, Nothing),
            )

    def _judged(self) -> Record:
        return self.case.records[self.pair.rule.record][self.pair.index]

    def _worth(self, worth: Worth, type_: Type) -> tuple[Words, bool]:
        """What a derived value is worth in words, and whether anything is known of it."""
        if worth is None or isinstance(worth, bool):
            return _TRUTHS[worth], worth is not None
        if isinstance(worth, frozenset) and len(worth) == 1 and type_.enum is not None:
            (word,) = worth
            return self._label(type_.enum.name, word), True
        text = say(worth, type_)
        return Words(text, text), text != "unknown"

    def _label(self, enum: str, word: str) -> Words:
        """A word of an enumeration as people call it."""
        own = (table.enum for table in self.pair.rule.derive.values())
        known = {e.name: e for e in (*self.case.pack.enums.values(), *own) if e is not None}
        found = next((v.label for v in known[enum].values if v.name == word), Words()) if enum in known else Words()
        return Words(found.either("en") or word, found.either("zh") or word)


@lru_cache(maxsize=1024)
def _meaning(pack: Same[Pack], rule: Same[Rule], node: Same[ast.Node]) -> Words:
    """A definition in words; one that speaks of related records as the rule writes it, which is shorter."""
    if _speaks_of_others(node.of):
        return Words(render(node.of), render(node.of))
    return Words(*(in_words(pack.of, rule.of, node.of, x) for x in _LANGUAGES))


@lru_cache(maxsize=1024)
def _definition(pack: Same[Pack], record_type: str, node: Same[ast.Node]) -> Words:
    """The definition of a record type's derived field in words."""
    return Words(*(record_words(pack.of, pack.of.records[record_type], node.of, x) for x in _LANGUAGES))


def _speaks_of_others(node: ast.Node) -> bool:
    """Whether an expression itself, apart from the derived values it names, reads related records."""
    if isinstance(node, ast.Aggregate) or (isinstance(node, ast.FieldValue) and node.scope):
        return True
    return not isinstance(node, ast.Derived) and any(map(_speaks_of_others, ast.children(node)))


_LANGUAGES: tuple[Literal["en"], Literal["zh"]] = ("en", "zh")
_TRUTHS = {True: Words("yes", "是"), False: Words("no", "否"), None: Words("not known", "未知")}
