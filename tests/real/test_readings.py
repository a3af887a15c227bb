"""The public tables beside the project: by a mapping every cell is read right; as they are, none is read wrong."""

from __future__ import annotations

import pytest

from real.readings import AS_THEY_ARE, DATA, TABLES, Public, judgement

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public tables are not beside this checkout")

#: Of all columns and cells, the share that a person may be asked about who has given a mapping.
ASKED = 0.05


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_by_a_mapping_nothing_is_wrong_and_little_asked(table: Public) -> None:
    found = judgement(table)
    for counts in (found.columns, found.cells):
        assert counts["wrong"] == 0, found.differences[:9]
        assert counts["asked"] <= ASKED * sum(counts.values())
        assert counts["right"] > 0


@pytest.mark.parametrize("table", AS_THEY_ARE, ids=lambda t: t.name)
def test_without_a_mapping_nothing_is_wrong(table: Public) -> None:
    found = judgement(table)
    assert found.columns["wrong"] == found.cells["wrong"] == 0, found.differences[:9]
