"""Where records belong when a job is judged in parts: the owner of each by the values of its key, and what all of them
state of the groups of a rule.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from envrules.engines.base import Job, KeyPart
from envrules.engines.columnar.session import Session
from envrules.engines.partition import GroupSurvey, Partitioning, owner
from envrules.engines.reference.groups import could_be, is_generated
from envrules.pack.pack import Rule


class Placing:
    """Says of the records of a job where they belong.

    Args:
        job: some of the records, with all those of small types that its rules look up.
        count: how many parts there are.
    """

    def __init__(self, job: Job, count: int) -> None:
        self.session, self.count = Session(job, ()), count

    def by_rule(self, rule: Rule, parted: Partitioning) -> pl.Series:
        """The part of each record as a subject of the rule, or a member of its groups; null where its key is open."""
        return self._owners(self.session.values(rule, parted.by))

    def by_fields(self, record_type: str, fields: Sequence[str]) -> pl.Series:
        """The part of each record as one that is looked up by some of its fields; null where one of them is open."""
        columns = self.session.columns(record_type)
        assert columns is not None
        return self._owners([columns.key(name) for name in fields])

    def members(self, rule: Rule) -> pl.Series:
        """The places of the records that may belong to a group of the rule."""
        return self.session.placed(rule)["right"]

    def survey(self, rule: Rule) -> GroupSurvey:
        """What the records state of the rule's groups."""
        frame = self.session.placed(rule)
        names = _keys_of(frame)
        # Only a key whose values are neither given nor periods takes those that records state.
        asked = [is_generated(rule) and k.start is None and k.values is None for k in rule.group or ()]
        values = (
            set(frame[n].unique().drop_nulls().to_list()) if a else set() for n, a in zip(names, asked, strict=True)
        )
        found = GroupSurvey(list(values))
        if names:
            partly = frame.filter(pl.any_horizontal([pl.col(n).is_null() for n in names]))
            found.open_keys.update(partly.select(names).unique().rows())
        return found

    def could_hold(self, rule: Rule, keys: Sequence[tuple[KeyPart, ...]]) -> list[bool]:
        """Of some open keys whether a record states a whole key that each could be."""
        frame = self.session.placed(rule)
        names = _keys_of(frame)
        whole = frame.select(names).drop_nulls().unique().rows()
        return [any(could_be(key, known) for known in whole) for key in keys]

    def _owners(self, columns: Sequence[pl.Series]) -> pl.Series:
        frame = pl.DataFrame({f"k{i}": c for i, c in enumerate(columns)})
        different = frame.unique()
        of = [None if None in row else owner(row, self.count) for row in different.rows()]
        known = different.with_columns(pl.Series("part", of, dtype=pl.Int32))
        return frame.join(known, on=frame.columns, how="left", nulls_equal=True, maintain_order="left")["part"]


def _keys_of(frame: pl.DataFrame) -> list[str]:
    return [n for n in frame.columns if n.startswith("k")]
