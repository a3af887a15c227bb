"""The signatures that several functions share."""

from __future__ import annotations

from dataclasses import replace

from envrules.calendars import PeriodKind
from envrules.lang.functions.base import SignatureError, take
from envrules.lang.types import BOOL, DATE, NUMBER, Type


def period_of_date(types: tuple[Type, ...], kind: PeriodKind) -> Type:
    """A date, or a period that lies in one of this kind, gives the period."""
    take(types, "date|period")
    return Type("period", period=kind)


def date_of_period(types: tuple[Type, ...]) -> Type:
    take(types, "period")
    return DATE


def nth_day(types: tuple[Type, ...]) -> Type:
    take(types, "period", "quantity")
    return DATE


def date_and_count(types: tuple[Type, ...]) -> Type:
    take(types, "date", "quantity")
    return DATE


def one_number(types: tuple[Type, ...]) -> Type:
    take(types, "quantity")
    return replace(types[0], bare=False)


def one_value(types: tuple[Type, ...]) -> Type:
    take(types, "quantity|date")
    return replace(types[0], bare=False)


def several_alike(types: tuple[Type, ...]) -> Type:
    if len(types) < 2:
        raise SignatureError("two values or more")
    take(types, *["quantity|date"] * len(types))
    for position, found in enumerate(types):
        if found.kind != types[0].kind:
            raise SignatureError(types[0].describe(), position)
    return types[0]


def counted(types: tuple[Type, ...]) -> Type:
    if types:
        take(types, "bool")
    return NUMBER


def any_value(types: tuple[Type, ...]) -> Type:
    take(types, "quantity|bool|text|enum|date|period")
    return NUMBER


def share_of(types: tuple[Type, ...]) -> Type:
    take(types, "bool")
    return NUMBER


def condition(types: tuple[Type, ...]) -> Type:
    if types:
        take(types, "bool")
    return BOOL
