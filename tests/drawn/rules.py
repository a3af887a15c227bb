"""Rules of every kind drawn at random, as the documents of a pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from drawn.expressions import DAYS, OPS, PERIODS, Names, Writer, names_of
from drawn.fields import ENUMS, Document, words_of

Records = Mapping[str, Document]
FORMS = ("limit", "record", "related", "group", "group")
LEVELS = ("white", "yellow", "orange", "red")
STARTS = {
    "year": ("2018", "2020"),
    "half_year": ("2018-H1", "2020-H1"),
    "quarter": ("2018-Q2", "2020-Q3"),
    "two_months": ("2018-03/04", "2020-09/10"),
    "month": ("2018-11", "2020-10"),
}


def sometimes(draw: st.DrawFn, one_in: int) -> bool:
    """False mostly; what shrinks is left out."""
    return draw(st.integers(0, one_in - 1)) == one_in - 1


@st.composite
def rule(draw: st.DrawFn, records: Records, forms: Sequence[str]) -> Document:
    """A rule of one of the forms: a limit alone, on a record, on its related records, or on groups."""
    form = draw(st.sampled_from(forms))
    if form == "limit":
        return limit_rule(draw, records)
    if form == "total":
        return total_rule(draw, records)
    if form == "group":
        return group_rule(draw, records)
    return record_rule(draw, records, related=form == "related")


def limit_rule(draw: st.DrawFn, records: Records) -> Document:
    """One field against one limit and nothing else, so that what lies beside the limit decides."""
    record = draw(st.sampled_from(("plant", "plant", "boiler")))
    names = _with_derived(names_of(records[record]), records[record])
    writer = Writer(draw, names)
    kind = writer.numeric()
    require = f"{writer.pick(names.of(kind))} {writer.pick(OPS)} {writer.literal(kind)}"
    found: Document = {"record": record, "require": require}
    if sometimes(draw, 2):
        found["due"] = draw(st.sampled_from(("d1", "d2", *DAYS[1:])))
    return found


def total_rule(draw: st.DrawFn, records: Records) -> Document:
    """One aggregate against one limit, over records of which some only may belong."""
    names = names_of(records["plant"])
    writer = Writer(draw, names)
    kind = writer.pick([k for k in set_of_numbers(names) if k != "quantity:heat"])
    inner = writer.pick(
        (f"{writer.pick(names.of(kind))}", f"{writer.pick(names.of(kind))} {writer.pick(OPS)} {writer.literal(kind)}")
    )
    if " " in inner:
        aggregate = (
            f"{writer.pick(('count', 'share'))}({inner}) {writer.pick(OPS)} {writer.pick(('1', '0.5', '2', '0'))}"
        )
    else:
        aggregate = (
            f"{writer.pick(('sum', 'mean', 'most', 'least'))}({inner}) {writer.pick(OPS)} {writer.literal(kind)}"
        )
    group = writer.pick(({}, {}, {"zone": "area"}, {"zone": {"key": "area", "values": "all"}}))
    found: Document = {"record": "plant", "group": group, "require": aggregate}
    if sometimes(draw, 2):
        found["when"] = "b1"
    return found


def set_of_numbers(names: Names) -> list[str]:
    """The kinds of numbers among some names."""
    return sorted({k for k in names.own.values() if k.startswith("quantity") or k == "number"})


def record_rule(draw: st.DrawFn, records: Records, related: bool) -> Document:
    record = "plant" if related else draw(st.sampled_from(("plant", "plant", "boiler", "cap")))
    found: Document = {"record": record}
    names = _with_derived(names_of(records[record]), records[record])
    if related:
        links, names = _related(draw, records, names)
        found["related"] = links
    code = not related and sometimes(draw, 8)
    if code:
        # A quantity whose unit depends on another field can be used once the condition has fixed that field.
        unit = draw(st.sampled_from(("coal", "gas", "oil")))
        found["when"] = f"e1 == {unit}"
        kind = {"coal": "quantity:mass", "gas": "quantity:level", "oil": "quantity:share"}[unit]
        names = replace(names.with_own({"v1": kind}), bounded=names.bounded)
    elif sometimes(draw, 2):
        found["when"] = Writer(draw, names).condition(2)
    _body(draw, found, names)
    if code and "v1" not in found["require"]:
        found["require"] = Writer(draw, Names(own={"v1": names.own["v1"]})).compared(1)
    if sometimes(draw, 3):
        dates = [n for n, k in names.own.items() if k == "date" and "." not in n]
        found["due"] = draw(
            st.sampled_from(
                [*DAYS[1 if "effective" not in found else 4 :], *dates, "d1 + 10 day", "last_day(m)", "day_of(y, 60)"]
            )
        )
    return found


def _related(draw: st.DrawFn, records: Records, names: Names) -> tuple[Document, Names]:
    """Sets of related records, and the names with what they bring: values of one that matches, sets to range over."""
    links: Document = {}
    for name, record in draw(
        st.sampled_from(([("own", "cap")], [("boilers", "boiler")], [("own", "cap"), ("boilers", "boiler")]))
    ):
        link: Document = {"record": record}
        if record == "cap":
            link["keys"] = draw(
                st.sampled_from(
                    (
                        {"area": "area"},
                        {"area": "area", "y": "y"},
                        {"area": "area", "y": "y - 1"},
                        {"area": "area", "y": "2018"},
                        {"area": "north"},
                        {"y": "year(d1)"},
                        {"t1": "t1"},
                        {"b1": "b1"},
                        {"g1": "g1", "e1": "e1"},
                        {"d1": "d1"},
                        {"m": "m"},
                        {"m": "month(d2)"},
                        {"n1": "n1"},
                        {"k1": "k1 + 1"},
                    )
                )
            )
        else:
            keys = [{"plant": "id"}, {"plant": "id"}, {"plant": "t1"}, {"area": "area", "plant": "id"}]
            if "own" in links:
                keys += [{"plant": "own.t1"}, {"area": "own.area"}]
            link["keys"] = draw(st.sampled_from(keys))
        if sometimes(draw, 3):
            link["where"] = Writer(draw, _with_derived(names_of(records[record]), records[record])).condition(1)
        links[name] = link
        inner = _with_derived(names_of(records[record], f"{name}."), records[record], f"{name}.")
        one = draw(st.sampled_from((True, False))) or record == "cap"
        names = replace(
            names,
            own={**names.own, **(inner.own if one else {})},
            sets={**names.sets, name: inner},
            answers=names.answers + (inner.answers if one else ()),
            bounded=names.bounded + (inner.bounded if one else ()),
        )
    return links, names


def group_rule(draw: st.DrawFn, records: Records) -> Document:
    record = draw(st.sampled_from(("plant", "boiler", "cap")))
    members = _with_derived(names_of(records[record]), records[record])
    keys, kinds = _keys(draw, members)
    found: Document = {"record": record, "group": keys}
    if sometimes(draw, 2):
        found["when"] = Writer(draw, members).condition(1)
    # A word beside a derived word inside an aggregate is not understood.
    inner = {n: k for n, k in members.own.items() if n not in ("x1", "x2") or not k.startswith("enum")}
    # A key that has the name of a field stands for the field inside aggregates too.
    answers = tuple(a for a in members.answers if a not in kinds)
    names = Names(own=kinds, members=replace(members, own=inner, answers=answers))
    periods = [k for k in kinds.values() if k.startswith("period")]
    if len(periods) == 1 and sometimes(draw, 2):
        found["coverage"] = {
            "of": draw(st.sampled_from(("d1", "d2"))),
            "least": draw(st.sampled_from((1, 2, 3, 28, 400))),
        }
    _body(draw, found, names)
    if sometimes(draw, 3):
        dates = [f"last_day({n})" for n, k in kinds.items() if k.startswith("period")]
        found["due"] = draw(st.sampled_from([*DAYS[1 if "effective" not in found else 4 :], *dates]))
    return found


def _keys(draw: st.DrawFn, members: Names) -> tuple[Document, dict[str, str]]:
    """The keys of a group as written, and their kinds."""
    chosen = draw(st.lists(st.sampled_from(("area", "period", "unit", "grade", "plain")), max_size=2, unique=True))
    keys: Document = {}
    kinds: dict[str, str] = {}
    for one in chosen:
        if one == "period":
            period = draw(st.sampled_from(tuple(PERIODS)))
            text = Writer(draw, Names(own={n: k for n, k in members.own.items() if k != "enum:fuel"})).period(period, 1)
            name = "span"
            keys[name] = {"key": text, "from": draw(st.sampled_from(STARTS[period]))} if sometimes(draw, 2) else text
            kinds[name] = f"period:{period}"
        elif one in ("area", "grade"):
            kind = f"enum:{one}"
            text = draw(st.sampled_from(members.of(kind)))
            name = "zone" if one == "area" else "level"
            values = draw(st.sampled_from((None, None, "all", list(words_of(kind))[:1])))
            keys[name] = text if values is None else {"key": text, "values": values}
            kinds[name] = kind
        elif one == "unit":
            values = draw(st.sampled_from((None, None, ["甲", "z"])))
            keys["unit"] = "t1" if values is None else {"key": "t1", "values": values}
            kinds["unit"] = "text"
        else:
            # The key may be the name of the field itself.
            keys["e1"] = "e1"
            kinds["e1"] = "enum:fuel"
    return keys, kinds


def _with_derived(names: Names, document: Document, prefix: str = "") -> Names:
    return names.with_own({prefix + n: str(d["kind"]) for n, d in document.get("derived kinds", {}).items()})


def _body(draw: st.DrawFn, found: Document, names: Names) -> None:
    """Requirement, derived values, dates, severity and notes."""
    if sometimes(draw, 3):
        names = _derive(draw, found, names)
    if "require" not in found:
        found["require"] = Writer(draw, names).condition(2)
    if sometimes(draw, 4):
        found["effective"] = draw(st.sampled_from(DAYS[:4]))
    if sometimes(draw, 6):
        found["expires"] = draw(st.sampled_from(DAYS[4:]))
    writer = Writer(draw, names)
    if sometimes(draw, 5):
        found["severity"] = {"high": writer.condition(1), "low": writer.condition(0), "otherwise": "medium"}
    if sometimes(draw, 5):
        told = "".join(f" {{{n}}}" for n in found.get("derive", {}))
        note: Document = {"en": f"mind{told}", "zh": f"注意{told}"}
        if draw(st.booleans()):
            note["when"] = writer.condition(0)
        found["notes"] = [note]
    if sometimes(draw, 6):
        found["message"] = {"en": "found {observed}, needed {limit}, by {margin}", "zh": "实际{observed}，限值{limit}"}


def _derive(draw: st.DrawFn, found: Document, names: Names) -> Names:
    """Derived values of the rule; one of them may be what it requires, or what it gives out."""
    found["derive"] = {}
    more: dict[str, str] = {}
    for name in ("z1", "z2")[: draw(st.integers(1, 2))]:
        inner = Writer(draw, names.with_own(more))
        form = draw(st.sampled_from(("alert", "value", "condition", "numbers", "demands")))
        if form == "alert":
            level: Document = {"ordered": draw(st.booleans()), "values": {w: {"zh": f"{w}级"} for w in LEVELS}}
            level.update(_table(draw, inner, ["red", "orange", "yellow", "white"]))
            found["derive"][name] = level
            found.setdefault("require", f"{name} {draw(st.sampled_from(('==', '!=')))} {draw(st.sampled_from(LEVELS))}")
        elif form == "numbers":
            kind = inner.numeric()
            found["derive"][name] = _table(
                draw, inner, [inner.number(kind, 1), inner.literal(kind), inner.literal(kind)]
            )
            more[name] = kind
        elif form == "demands":
            table: Document = {"values": {w: {} for w in LEVELS}, **_table(draw, inner, list(LEVELS))}
            for row in table["rows"]:
                if draw(st.booleans()):
                    row["require"] = inner.condition(0)
            found["derive"][name] = table
            if any("require" in row for row in table["rows"]):
                found.setdefault("require", name)
        elif form == "value":
            kind = inner.numeric()
            found["derive"][name] = {"value": inner.number(kind, 1)}
            more[name] = kind
        else:
            found["derive"][name] = {"value": inner.condition(1)}
            more[name] = "bool"
        if draw(st.booleans()):
            found["output"] = name
    return names.with_own(more)


def _table(draw: st.DrawFn, writer: Writer, values: list[str]) -> Document:
    size = draw(st.integers(1, 3))
    rows: list[Document] = [{"when": writer.condition(1), "then": values[i % len(values)]} for i in range(size)]
    if draw(st.booleans()):
        rows.append({"then": values[-1]})
    table: Document = {"rows": rows}
    if sometimes(draw, 2):
        table["hit"] = "unique"
    return table


def derived(draw: st.DrawFn, document: Document) -> Document:
    """Derived fields of a record type; `derived kinds` says what they are."""
    names = names_of(document)
    found: Document = {}
    kinds: Document = {}
    for name in ("x1", "x2")[: draw(st.integers(0, 2))]:
        writer = Writer(draw, names.with_own({n: str(k["kind"]) for n, k in kinds.items()}))
        form = draw(st.sampled_from(("condition", "number", "table")))
        if form == "condition":
            found[name], kinds[name] = {"value": writer.condition(1)}, {"kind": "bool"}
        elif form == "number":
            kind = writer.numeric()
            found[name], kinds[name] = {"value": writer.number(kind, 2)}, {"kind": kind}
        else:
            found[name] = {"enum": "grade", **_table(draw, writer, list(ENUMS["grade"]["values"]))}
            kinds[name] = {"kind": "enum:grade"}
    return {"derived": found, "derived kinds": kinds} if found else {}
