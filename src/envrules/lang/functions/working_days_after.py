"""`working_days_after(date, n)`: when n working days of the pack's calendar have passed."""

from __future__ import annotations

from envrules.lang.functions.base import Function
from envrules.lang.functions.signatures import date_and_count

FUNCTION = Function(
    name="working_days_after",
    returns=date_and_count,
    meaning=(
        "the day on which n working days have passed, counted from the working day after",
        "自次一工作日起满n个工作日之日",
    ),
    examples=(("working_days_after(2018-03-22, 7)", "2018-04-02"),),
)
