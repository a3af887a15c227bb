"""The public tables beside the project: every cell is read right, by a mapping and as they are."""

from __future__ import annotations

import pytest

from real.readings import AS_THEY_ARE, DATA, TABLES, Public, judgement

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public tables are not beside this checkout")

#: Of all columns and cells, the share that a person may be asked about.
ASKED = 0.05


@pytest.mark.parametrize("table", [*TABLES, *AS_THEY_ARE], ids=lambda t: t.name)
def test_nothing_is_wrong_and_little_asked(table: Public) -> None:
    found = judgement(table)
    for counts in (found.columns, found.cells):
        assert counts["wrong"] == 0, found.differences[:9]
        assert counts["asked"] <= ASKED * sum(counts.values())
    assert found.columns["right"] > 0
