"""The twelve limits as a rule pack, checked by envrules."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.coal.outcomes import AS_OF, OUTCOMES, Counts

import envrules as er

PACK = Path(__file__).parent / "coal-limits"


@cache
def pack(folder: str = str(PACK)) -> Any:
    """The loaded pack; loading it is no part of a check of millions."""
    return er.load_pack(folder)


def counts(lots: Any, engine: str = "auto", **options: Any) -> Counts:
    """How many outcomes of each kind each rule has, by the summary."""
    result = er.check(pack(), {"coal_lot": lots}, as_of=AS_OF, engine=engine, **options)
    assert len(result.summary)
    return {rule: {o: counted.get(o, 0) for o in OUTCOMES} for rule, counted in result.counts.items()}


def violations(lots: Any, **options: Any) -> Any:
    """The violations alone, as a frame of the kind that was given."""
    return er.check(pack(), {"coal_lot": lots}, as_of=AS_OF, **options).violations


def findings(lots: Any, engine: str = "auto", **options: Any) -> Any:
    """The whole findings table, as a frame of the kind that was given."""
    return er.check(pack(), {"coal_lot": lots}, as_of=AS_OF, engine=engine, **options).findings
