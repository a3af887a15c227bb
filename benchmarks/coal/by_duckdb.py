"""The twelve limits as someone who knows SQL writes them for DuckDB: conditions are three-valued there anyway."""

from __future__ import annotations

from typing import Any

from benchmarks.coal.outcomes import OUTCOMES, Counts

#: rule, whom it concerns, what is held against the limit, how, the limit, first and last day, due day
_LIMITS: tuple[tuple[str, str, str, str, float, str, str, str], ...] = (
    ("coal.sulfur.built-up", "built_up AND sold_or_used", "total_sulfur", "<=", 0.8, "", "", ""),
    ("coal.sulfur.elsewhere", "other AND sold_or_used", "total_sulfur", "<=", 1.5, "", "", ""),
    ("coal.ash.built-up", "built_up AND sold_or_used", "ash", "<=", 15, "", "", ""),
    ("coal.ash.elsewhere", "other AND activity = 'use'", "ash", "<=", 30, "", "", "2019-06-30"),
    ("coal.moisture", "activity = 'sale'", "moisture_ar", "<=", 16, "", "", ""),
    ("coal.volatile", "built_up AND activity = 'use'", "volatile_daf", "<=", 37, "", "", ""),
    ("coal.calorific-value", "activity <> 'production'", "calorific_kcal", ">=", 4300, "", "", ""),
    ("coal.mercury", "sold_or_used", "mercury", "<=", 0.6, "", "", ""),
    ("coal.chlorine", "built_up", "chlorine * 1e4", "<=", 1500, "2019-01-01", "", ""),
    ("coal.arsenic", "true", "arsenic", "<=", 40, "", "2020-06-30", ""),
    ("coal.phosphorus", "true", "phosphorus", "<=", 0.1, "", "", ""),
    ("coal.fluorine", "activity = 'use'", "fluorine_dry", "<=", 200, "", "", ""),
)
_RULES = [m[0] for m in _LIMITS]

# A bound alone does not keep the NaN of a parquet file out: DuckDB drops a comparison that the file's statistics, which
# leave NaN aside, seem to make idle.
_PREPARED = """
usable AS (
    SELECT id, zone = 'built_up' AS built_up, zone = 'other' AS other, activity,
        activity IN ('sale', 'use') AS sold_or_used,
        coalesce(sampled_on, DATE '2020-12-31') AS date,
        CASE WHEN isfinite(total_sulfur) AND total_sulfur BETWEEN 0 AND 100 THEN total_sulfur END AS total_sulfur,
        CASE WHEN isfinite(ash) AND ash BETWEEN 0 AND 100 THEN ash END AS ash,
        CASE WHEN isfinite(moisture_ar) AND moisture_ar >= 0 AND moisture_ar < 100 THEN moisture_ar END AS moisture_ar,
        CASE WHEN isfinite(volatile_matter) AND volatile_matter BETWEEN 0 AND 100 THEN volatile_matter END
            AS volatile_matter,
        CASE WHEN isfinite(calorific_value) AND calorific_value >= 0 THEN calorific_value END AS calorific_value,
        CASE WHEN isfinite(mercury) AND mercury BETWEEN 0 AND 1e6 THEN mercury END AS mercury,
        CASE WHEN isfinite(arsenic) AND arsenic BETWEEN 0 AND 1e6 THEN arsenic END AS arsenic,
        CASE WHEN isfinite(chlorine) AND chlorine BETWEEN 0 AND 100 THEN chlorine END AS chlorine,
        CASE WHEN isfinite(phosphorus) AND phosphorus BETWEEN 0 AND 100 THEN phosphorus END AS phosphorus,
        CASE WHEN isfinite(fluorine) AND fluorine BETWEEN 0 AND 1e6 THEN fluorine END AS fluorine
    FROM {lots}
),
prepared AS (
    SELECT *,
        CASE WHEN ash < 100 THEN volatile_matter * 100 / (100 - ash) END AS volatile_daf,
        fluorine * 100 / (100 - moisture_ar) AS fluorine_dry,
        calorific_value / 4.1868e-3 AS calorific_kcal
    FROM usable
)"""


def _code(limit: tuple[str, str, str, str, float, str, str, str]) -> str:
    _, applies, observed, how, value, first, last, due = limit
    holds = f"{observed} {how} {value} * (1 {'+' if how == '<=' else '-'} 1e-9)"
    out = f"date < DATE '{first or '2018-04-01'}'" + (f" OR date > DATE '{last}'" if last else "")
    waits = f"WHEN date < DATE '{due}' THEN 3" if due else ""
    return (
        f"CASE WHEN NOT ({applies}) THEN 5 WHEN {out} THEN 4 WHEN date > DATE '2020-12-31' THEN 3 WHEN {holds} THEN 0 "
        f"{waits} WHEN ({applies}) AND NOT ({holds}) THEN 1 ELSE 2 END::TINYINT"
    )


_CODES = ", ".join(f"{_code(m)} AS c{n}" for n, m in enumerate(_LIMITS))


def counts(lots: Any) -> Counts:
    """How many outcomes of each kind each limit has. `lots` is a connection and what stands after FROM.

    Counted over the few thousand different rows of codes: 60 sums over all lots take four times as long.
    """
    connection, name = lots
    codes = ", ".join(f"c{n}" for n in range(len(_RULES)))
    sums = ", ".join(f"sum(lots) FILTER (c{n} = {code})" for n in range(len(_RULES)) for code in range(6))
    found = connection.sql(f"""
        WITH {_PREPARED.format(lots=name)},
        codes AS (SELECT {_CODES} FROM prepared),
        kinds AS (SELECT {codes}, count(*) AS lots FROM codes GROUP BY ALL)
        SELECT {sums} FROM kinds
    """).fetchall()[0]
    of = len(OUTCOMES)
    numbers = [int(n or 0) for n in found]
    return {rule: dict(zip(OUTCOMES, numbers[of * n : of * n + of], strict=True)) for n, rule in enumerate(_RULES)}


def findings(lots: Any) -> Any:
    """The findings table, as an Arrow table."""
    connection, name = lots
    return connection.sql(query(name)).to_arrow_table()


def query(name: str) -> str:
    """The findings table as a query over what stands after FROM: the lots with any finding, then limit by limit."""
    some = " OR ".join(f"c{n} BETWEEN 1 AND 3" for n in range(len(_LIMITS)))
    rows = " UNION ALL ".join(_rows(n, limit) for n, limit in enumerate(_LIMITS))
    return f"""
        WITH {_PREPARED.format(lots=name)},
        found AS MATERIALIZED (SELECT * FROM (SELECT *, {_CODES} FROM prepared) WHERE {some})
        {rows}
    """


def _rows(n: int, limit: tuple[str, str, str, str, float, str, str, str]) -> str:
    rule, _, observed, how, value, *_ = limit
    margin = f"{observed} - {value}" if how == ">=" else f"{value} - {observed}"
    return f"""
        SELECT id AS record_id, '{rule}' AS rule,
            CASE c{n} WHEN 1 THEN 'violation' WHEN 2 THEN 'indeterminate' ELSE 'not_due' END AS outcome,
            {observed} AS observed, {value}::DOUBLE AS "limit", {margin} AS margin
        FROM found WHERE c{n} BETWEEN 1 AND 3
    """
