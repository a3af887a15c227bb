"""What a caller asks for, made certain: the pack, the evaluation date, the engine, the rules, who has to appear."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from envrules.diagnostics import CallError, Diagnostic, nearest

if TYPE_CHECKING:
    from envrules.pack.pack import Pack, Rule
    from envrules.records.types import RecordType

#: A record type with its records: a frame, a file, or an iterable of dicts, dataclasses or models. A list holds pairs,
#: in which the type may be None: it is then recognised.
Inputs = Mapping[str, Any] | Sequence[tuple[str | None, Any]]


@dataclass(frozen=True)
class Request:
    """What was asked for, known to be sound; the same for a check in memory, in batches and on a cluster.

    Args:
        rules: those that are chosen, in the pack's order.
        listed: which outcomes are kept.
        types: the pack's record types, those with coordinates completed by `places`.
        warnings: of the polygons.
    """

    pack: Pack
    as_of: dt.date
    rules: Sequence[Rule]
    subjects: Mapping[str, Sequence[str]]
    listed: Literal["findings", "all"]
    language: Literal["en", "zh"]
    types: Mapping[str, RecordType]
    warnings: Sequence[Diagnostic] = ()


def made_certain(
    pack: Pack | str | Path,
    *,
    as_of: dt.date | str | None,
    rules: str | Iterable[str] | None = None,
    subjects: Mapping[str, Iterable[str]] | None = None,
    outcomes: str = "findings",
    places: Mapping[str, Any] | None = None,
    language: str = "en",
) -> Request:
    """What a caller asked for, each part as `check` describes it.

    Raises:
        PackError, CallError, InputError: for what is wrong with it.

    Examples:
        >>> [r.id for r in made_certain("jiuquan-2018", as_of="2020-12-31", rules="redline.*").rules]
        ['redline.delineated']
    """
    loaded = loaded_pack(pack)
    day = evaluation_date(as_of)
    choice("outcomes", outcomes, ("findings", "all"))
    choice("language", language, ("en", "zh"))
    chosen = select_rules(loaded, rules)
    named = {k: tuple(v) for k, v in (subjects or {}).items()}
    check_subjects(named, loaded)
    types, warnings = located_types(loaded, places)
    listed = cast('Literal["findings", "all"]', outcomes)
    return Request(loaded, day, chosen, named, listed, cast('Literal["en", "zh"]', language), types, warnings)


def choice(name: str, value: str, known: Sequence[str]) -> None:
    """Refuse what is none of the values that an option takes.

    Raises:
        CallError: `call-value`.
    """
    if value not in known:
        raise CallError([Diagnostic("call-value", name, f"{value!r} is no choice", ", ".join(known))])


def load_pack(source: str | Path) -> Pack:
    """The checked pack of a folder, a zip, or a shipped name.

    Raises:
        PackError: with everything that is wrong in it, each with its place.

    Examples:
        >>> load_pack("jiuquan-2018").records["boiler"].fields["capacity"].unit.text
        't/h'
    """
    from envrules.pack.load import load_pack as load

    return load(source)


@lru_cache(maxsize=4)
def _loaded(source: str) -> Pack:
    return load_pack(source)


def loaded_pack(pack: Pack | str | Path) -> Pack:
    """The pack that is meant; one that is named is loaded once."""
    return _loaded(str(pack)) if isinstance(pack, str | Path) else pack


def engine_of(name: str) -> Any:
    """The engine of a name.

    Raises:
        CallError: `unknown-engine`.
    """
    from envrules.engines.base import engine_named, engine_names

    try:
        return engine_named(name)
    except KeyError:
        names = [*engine_names(), "spark"]
        raise CallError(
            [
                Diagnostic(
                    "unknown-engine",
                    "engine",
                    f"there is no engine {name!r}",
                    ", ".join(names),
                    hint=nearest(name, names),
                )
            ]
        ) from None


def check_subjects(subjects: Mapping[str, Sequence[str]], pack: Pack) -> None:
    """Refuse subjects that no rule of the pack groups by.

    Raises:
        CallError: `unknown-subject`.
    """
    known = subjects_of(pack)
    unknown = [s for s in subjects if s not in known]
    if unknown:
        raise CallError(
            [
                Diagnostic("unknown-subject", s, f"no rule groups by {s}", ", ".join(known), hint=nearest(s, known))
                for s in unknown
            ]
        )


def subjects_of(pack: Pack) -> list[str]:
    """What the caller may name subjects of."""
    return sorted({f"{r.record}.{k.name}" for r in pack.rules.values() for k in r.group or () if k.period is None})


def located_types(pack: Pack, places: Mapping[str, Any] | None) -> tuple[Mapping[str, RecordType], list[Diagnostic]]:
    """The record types of the pack, those with coordinates completed by the places; and what is odd about these.

    Raises:
        CallError: `places-setting`, `extra-missing`. InputError: `area-file`, `file-not-found`.
    """
    if places is None:
        return pack.records, []
    from envrules.records.places import place_types

    types, found = place_types(pack.records, places, pack.units)
    return types, found.found


def evaluation_date(as_of: dt.date | str | None) -> dt.date:
    """The evaluation date that was meant: today where none was given.

    Raises:
        CallError: `date-value` for a text that is no date.

    Examples:
        >>> evaluation_date("2020-12-31")
        datetime.date(2020, 12, 31)
    """
    if as_of is None:
        return dt.date.today()
    if isinstance(as_of, dt.datetime):
        return as_of.date()
    if isinstance(as_of, dt.date):
        return as_of
    try:
        return dt.date.fromisoformat(as_of.strip())
    except (ValueError, AttributeError):
        raise CallError(
            [Diagnostic("date-value", "as_of", f"{as_of!r} is not a day of the calendar", "a date such as 2020-12-31")]
        ) from None


def select_rules(pack: Pack, rules: str | Iterable[str] | None) -> list[Rule]:
    """The rules that ids or patterns name, in the pack's order; all of them for None.

    Raises:
        CallError: `unknown-rule` for one that names none.
    """
    if rules is None:
        return list(pack.rules.values())
    patterns = [rules] if isinstance(rules, str) else list(rules)
    unknown = [p for p in patterns if not any(fnmatchcase(r, p) for r in pack.rules)]
    if unknown:
        raise CallError(
            [
                Diagnostic("unknown-rule", "rules", f"{p} is not a rule of {pack.name}", hint=nearest(p, pack.rules))
                for p in unknown
            ]
        )
    return [r for r in pack.rules.values() if any(fnmatchcase(r.id, p) for p in patterns)]
