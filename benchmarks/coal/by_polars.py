"""The twelve limits as someone who knows polars writes them: lazy queries of three-valued conditions."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl
from benchmarks.coal.outcomes import (
    AS_OF,
    INDETERMINATE,
    NOT_APPLICABLE,
    NOT_DUE,
    NOT_IN_FORCE,
    OUTCOMES,
    PASS,
    VIOLATION,
    Counts,
)

KCAL = 4.1868e-3  # MJ
START = dt.date(2018, 4, 1)


def usable(name: str, most: float | None = None) -> pl.Expr:
    """The column, null where it is null, NaN, infinite, negative or above what can be."""
    column = pl.col(name)
    # NaN counts as the largest number in polars, so a bound above keeps it out too.
    return pl.when((column >= 0) & (column < float("inf") if most is None else column <= most)).then(column).alias(name)


@dataclass(frozen=True)
class Limit:
    """A limit: whom it concerns, what is held against it, and from when to when."""

    rule: str
    applies: pl.Expr | None
    observed: pl.Expr
    limit: float
    least: bool = False
    effective: dt.date = START
    expires: dt.date | None = None
    due: dt.date | None = None

    @property
    def holds(self) -> pl.Expr:
        if self.least:
            return self.observed >= self.limit * (1 - 1e-9)
        return self.observed <= self.limit * (1 + 1e-9)

    @property
    def margin(self) -> pl.Expr:
        return self.observed - self.limit if self.least else self.limit - self.observed

    @property
    def row(self) -> list[pl.Expr]:
        """A row of the findings table; the outcome as a word."""
        code = pl.col(self.rule)
        word = pl.when(code == VIOLATION).then(pl.lit("violation")).when(code == NOT_DUE).then(pl.lit("not_due"))
        return [
            pl.col("id").alias("record_id"),
            pl.lit(self.rule).alias("rule"),
            word.otherwise(pl.lit("indeterminate")).alias("outcome"),
            self.observed.alias("observed"),
            pl.lit(self.limit, pl.Float64).alias("limit"),
            self.margin.alias("margin"),
        ]

    @property
    def code(self) -> pl.Expr:
        """The outcome's place in OUTCOMES, as Int8. A null condition is not true, so each is asked for what is sure."""
        date = pl.col("date")
        out = date < self.effective
        if self.expires is not None:
            out = out | (date > self.expires)
        code = pl.when(out).then(pl.lit(NOT_IN_FORCE, pl.Int8))
        if self.applies is not None:
            code = pl.when(~self.applies).then(pl.lit(NOT_APPLICABLE, pl.Int8)).when(out).then(NOT_IN_FORCE)
        code = code.when(date > AS_OF).then(NOT_DUE).when(self.holds).then(PASS)
        if self.due is not None:
            code = code.when(date < self.due).then(NOT_DUE)
        broken = ~self.holds if self.applies is None else ~self.holds & self.applies
        return code.when(broken).then(VIOLATION).otherwise(INDETERMINATE).cast(pl.Int8).alias(self.rule)


BUILT_UP, OTHER = pl.col("zone") == "built_up", pl.col("zone") == "other"
SOLD, USED = pl.col("activity") == "sale", pl.col("activity") == "use"
SOLD_OR_USED = pl.col("activity").is_in(["sale", "use"])
LIMITS = (
    Limit("coal.sulfur.built-up", BUILT_UP & SOLD_OR_USED, pl.col("total_sulfur"), 0.8),
    Limit("coal.sulfur.elsewhere", OTHER & SOLD_OR_USED, pl.col("total_sulfur"), 1.5),
    Limit("coal.ash.built-up", BUILT_UP & SOLD_OR_USED, pl.col("ash"), 15),
    Limit("coal.ash.elsewhere", OTHER & USED, pl.col("ash"), 30, due=dt.date(2019, 6, 30)),
    Limit("coal.moisture", SOLD, pl.col("moisture_ar"), 16),
    Limit("coal.volatile", BUILT_UP & USED, pl.col("volatile_daf"), 37),
    Limit("coal.calorific-value", pl.col("activity") != "production", pl.col("calorific_kcal"), 4300, least=True),
    Limit("coal.mercury", SOLD_OR_USED, pl.col("mercury"), 0.6),
    Limit("coal.chlorine", BUILT_UP, pl.col("chlorine") * 1e4, 1500, effective=dt.date(2019, 1, 1)),
    Limit("coal.arsenic", None, pl.col("arsenic"), 40, expires=dt.date(2020, 6, 30)),
    Limit("coal.phosphorus", None, pl.col("phosphorus"), 0.1),
    Limit("coal.fluorine", USED, pl.col("fluorine_dry"), 200),
)


def prepared(lots: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """The lots with values that can be meant, on the bases and in the units of the limits."""
    shares = [usable(c, 100) for c in ("total_sulfur", "ash", "volatile_matter", "chlorine", "phosphorus")]
    parts = [usable(c, 1e6) for c in ("mercury", "arsenic", "fluorine")]
    moisture = pl.when((pl.col("moisture_ar") >= 0) & (pl.col("moisture_ar") < 100)).then(pl.col("moisture_ar"))
    return (
        lots.lazy()
        .with_columns(
            *shares,
            *parts,
            usable("calorific_value"),
            moisture.alias("moisture_ar"),
            pl.col("sampled_on").fill_null(AS_OF).alias("date"),
        )
        .with_columns(
            pl.when(pl.col("ash") < 100)
            .then(pl.col("volatile_matter") * 100 / (100 - pl.col("ash")))
            .alias("volatile_daf"),
            (pl.col("fluorine") * 100 / (100 - pl.col("moisture_ar"))).alias("fluorine_dry"),
            (pl.col("calorific_value") / KCAL).alias("calorific_kcal"),
        )
    )


def counts(lots: pl.DataFrame | pl.LazyFrame) -> Counts:
    """How many outcomes of each kind each limit has."""
    sums = [(pl.col(m.rule) == code).sum().alias(f"{m.rule} {code}") for m in LIMITS for code in range(1, 6)]
    query = prepared(lots).select(m.code for m in LIMITS).select(pl.len().alias("lots"), *sums)
    found = query.collect(engine="streaming").row(0, named=True)
    counted = {}
    for m in LIMITS:
        others = {outcome: found[f"{m.rule} {code}"] for code, outcome in enumerate(OUTCOMES) if code != PASS}
        counted[m.rule] = {"pass": found["lots"] - sum(others.values()), **others}
    return counted


def findings(lots: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """The findings table."""
    return table(lots).collect(engine="streaming")


def table(lots: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """The findings table as a query: first the lots with any finding, then the limits one after another."""
    found = (
        prepared(lots)
        .with_columns(m.code for m in LIMITS)
        .filter(pl.any_horizontal(pl.col(m.rule).is_between(VIOLATION, NOT_DUE) for m in LIMITS))
    )
    return pl.concat([found.filter(pl.col(m.rule).is_between(VIOLATION, NOT_DUE)).select(m.row) for m in LIMITS])
