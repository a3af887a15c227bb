"""Screen one project, or many: what a notebook, a pipeline and the command call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envrules.diagnostics import CallError, Diagnostic, InputError, nearest
from envrules.pack.pack import Pack, Rule, Screening
from envrules.records.types import Words
from envrules.records.values import CellProblem, Record
from envrules.request import Request, made_certain
from envrules.screening.answer import exit_code
from envrules.screening.case import Case, make_case, screened_rules
from envrules.screening.decide import decide
from envrules.screening.decision import Decision
from envrules.screening.sources import Reader, Sources


@dataclass(frozen=True)
class Screened:
    """The decisions on several projects, and what was wrong with how they were given."""

    pack: Pack
    as_of: dt.date
    decisions: Sequence[Decision]
    problems: Sequence[CellProblem]
    warnings: Sequence[Diagnostic]

    def exit_code(self, lenient: bool = False) -> int:
        """1 where a project is refused, 3 where none is but something is open, 0 where all are clear."""
        code = exit_code(self.decisions, lenient)
        lost = any(w.code == "unlinked-record" for w in self.warnings)
        return 3 if code == 0 and lost and not lenient else code

    def text(self, language: str = "en") -> str:
        """One project in full; several as a table."""
        from envrules.screening.text import decision_text, table_text

        if len(self.decisions) == 1:
            return decision_text(self.decisions[0], language)
        return table_text(self.decisions, language)

    def to_json(self) -> str:
        """The object that the command's JSON output is."""
        from envrules.screening.text import to_json

        pack = {"name": self.pack.name, "version": self.pack.version, "sha256": self.pack.sha256}
        engines = sorted({d.engine for d in self.decisions})
        head = {"pack": pack, "as_of": self.as_of.isoformat(), "engine": ", ".join(engines)}
        more = {
            "problems": [p.as_dict() for p in self.problems],
            "warnings": [{"code": w.code, "where": str(w.where), "what": w.what} for w in self.warnings],
        }
        return to_json(head, self.decisions, more)

    def __repr__(self) -> str:
        return self.text()


def screen(
    pack: Pack | str | Path,
    project: Any,
    *,
    as_of: dt.date | str | None = None,
    engine: str = "auto",
    places: Mapping[str, Any] | None = None,
    **linked: Any,
) -> Decision:
    """The decision on one project with the records that belong to it.

    Args:
        pack: a loaded pack that says what it screens, or what `load_pack` takes.
        project: fields with values (a dict, dataclass or model; its linked records may be written in it), or a file.
        as_of: the evaluation date; today where none is given.
        engine: `durable`, `reference`, or `auto`: durable-rules where Python has it and the case fits, else the
            interpreter. The decision says which one answered.
        places: field -> file of polygons that gives it to records with coordinates, as for `check`.
        linked: records of the project by the name that the pack gives them (`boilers=[...]`), or by record type: dicts
            or other objects, a frame, or a file of them.

    Raises:
        PackError, InputError, CallError: with everything that is wrong with what was given.

    Examples:
        >>> boiler = {"zone": "built_up", "fuel": "coal", "kind": "new", "capacity": "8 t/h"}
        >>> heating = {"kind": "new", "capacity_status": "normal", "reserve_zone": "none", "heavy_metal": False,
        ...            "takes_water": False, "livestock": False, "in_water_source_protection": False}
        >>> found = screen("jiuquan-2018", heating, boilers=[boiler], as_of="2020-06-30")
        >>> found.decision, [str(c) for c in found.cures]
        ('refuse', ['rated capacity above 20 t/h'])
        >>> del boiler["zone"]
        >>> found = screen("jiuquan-2018", heating, boilers=[boiler], as_of="2020-06-30")
        >>> found.decision, [str(c) for c in found.cures], len(found.reasons[0].ways)
        ('refuse', ['rated capacity above 20 t/h'], 2)
    """
    _known_engine(engine)
    asked = made_certain(pack, as_of=as_of, places=places)
    loaded, day, screening = asked.pack, asked.as_of, _screening(asked.pack)
    reader = _reader(asked, screening)
    if isinstance(project, str | Path):
        reader.read(project)
        if linked:
            reader.add_document([], "call", "call", linked)
    else:
        label = loaded.records[screening.record].label.en or screening.record
        reader.add_document(project, screening.record, label, linked)
    cases, problems, warnings = _cases(loaded, screening, day, engine, reader.finish())
    if len(cases) != 1:
        what = f"there are {len(cases)} projects here; screen takes one"
        raise CallError([Diagnostic("call-value", str(project)[:80], what, hint="screen_all takes many")])
    found = decide(cases[0])
    said = [f"{p.column or p.field}: {p.reason} (counts as unknown)" for p in problems]
    said += [f"{w.where}: {w.what}" for w in warnings]
    return replace(found, notes=(*found.notes, *(Words(text) for text in said))) if said else found


def screen_all(
    pack: Pack | str | Path,
    sources: Iterable[str | Path | Mapping[str, Any]],
    *,
    as_of: dt.date | str | None = None,
    engine: str = "auto",
    places: Mapping[str, Any] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Screened:
    """The decisions on all projects of files, folders, or dicts that hold a project with its linked records.

    Raises:
        PackError, InputError, CallError: with everything that is wrong with what was given.
    """
    _known_engine(engine)
    asked = made_certain(pack, as_of=as_of, places=places)
    loaded, day, screening = asked.pack, asked.as_of, _screening(asked.pack)
    reader = _reader(asked, screening)
    for n, source in enumerate(sources, 1):
        if isinstance(source, str | Path):
            reader.read(source)
        else:
            reader.add_document(source, f"{screening.record} {n}", str(n))
    cases, problems, warnings = _cases(loaded, screening, day, engine, reader.finish())
    decisions = []
    for n, case in enumerate(cases, 1):
        decisions.append(decide(case))
        if progress is not None:
            progress(n, len(cases))
    return Screened(loaded, day, decisions, problems, warnings)


def _reader(asked: Request, screening: Screening) -> Reader:
    """A reader of projects, whose records with coordinates get their zones from the places."""
    reader = Reader(asked.pack, screening, asked.types)
    reader.found.warnings += asked.warnings
    return reader


def _screening(pack: Pack) -> Screening:
    if pack.screening is None:
        what = f"the pack {pack.name} does not say what it screens"
        raise CallError([Diagnostic("no-screening", pack.name, what, hint="add `screening:` to its pack.yaml")])
    return pack.screening


ENGINES = ("auto", "durable", "reference")


def _known_engine(name: str) -> None:
    if name not in ENGINES:
        what = f"there is no engine {name!r} for screening"
        hint = nearest(name, ENGINES)
        raise CallError([Diagnostic("unknown-engine", "engine", what, expected=", ".join(ENGINES), hint=hint)])


def _cases(
    pack: Pack, screening: Screening, day: dt.date, engine: str, found: Sources
) -> tuple[list[Case], list[CellProblem], list[Diagnostic]]:
    """A case for each project, with the records that name it or were written under it."""
    tables = found.groups[0].records
    rules = screened_rules(pack, screening)
    links = {link.record: link.key for link in screening.linked.values()}
    by_key = _by_key(tables, links)
    used: set[int] = set()
    cases: list[Case] = []
    seen: dict[str, Record] = {}
    warnings = list(found.warnings)
    for group in found.groups:
        own = {} if group is found.groups[0] else _by_key(group.records, links)
        for root in group.records.get(screening.record, ()):
            records: dict[str, list[Record]] = {screening.record: [root]}
            for name in links:
                mine = [*own.get((name, root.id), ()), *by_key.get((name, root.id), ())]
                if group.records.get(name) is not None or name in tables:
                    records[name] = mine
                used.update(map(id, mine))
            for name in {*group.records, *tables} - {screening.record, *links}:
                others = group.records.get(name, []) if group is not found.groups[0] else []
                records[name] = [*others, *tables.get(name, [])]
            if (first := seen.setdefault(root.id, root)) is not root:
                what = f"the id {root.id} is also that of {first.place}; each is screened by itself"
                warnings.append(Diagnostic("duplicate-id", root.place, what, level="warning"))
            cases.append(make_case(pack, screening, day, records, rules, engine))
    if not cases:
        _refuse_nothing(pack, screening)
    warnings += _unlinked(found, links, used, set(seen))
    return cases, list(found.problems), warnings


def _by_key(tables: Mapping[str, Sequence[Record]], links: Mapping[str, str]) -> dict[tuple[str, object], list[Record]]:
    """Linked records by their type and the project that they name."""
    found: dict[tuple[str, object], list[Record]] = {}
    for name, key in links.items():
        for record in tables.get(name, ()):
            found.setdefault((name, record.value(key)), []).append(record)
    return found


def _refuse_nothing(pack: Pack, screening: Screening) -> None:
    label = pack.records[screening.record].label.en or screening.record
    what = f"no {label} was given, so there is nothing to screen"
    raise InputError(
        [Diagnostic("nothing-to-screen", screening.record, what, expected=f"records of {screening.record}")]
    )


def _unlinked(found: Sources, links: Mapping[str, str], used: set[int], known: set[str]) -> list[Diagnostic]:
    """A warning for each record that belongs to no project that was given."""
    warnings = []
    for group in found.groups:
        for name, key in links.items():
            for record in group.records.get(name, ()):
                if id(record) not in used:
                    value = record.value(key)
                    stated = f"{key} is {value}" if isinstance(value, str) else f"its {key} is not given"
                    what = f"{name} {record.id} belongs to no project given here ({stated}), so it was not screened"
                    hint = nearest(str(value), known) if isinstance(value, str) else f"give its {key}"
                    warnings.append(Diagnostic("unlinked-record", record.place, what, hint=hint, level="warning"))
    return warnings


def rescreen(decision: Decision, answers: Mapping[Any, Any]) -> Decision:
    """The decision on the same case with values for some of its inputs.

    Args:
        answers: input (as a question's `at` gives it) -> value, as a record holds it.
    """
    case = decision.case
    for at, value in answers.items():
        case = case.with_value(at, value)
    return decide(case)


__all__ = ["Decision", "Rule", "Screened", "rescreen", "screen", "screen_all"]
