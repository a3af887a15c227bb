"""What overflows in a column of ranges says nothing, and is no warning of numpy's."""

from __future__ import annotations

import numpy as np

from envrules.engines.columnar.ranges import scale
from envrules.engines.columnar.worth import Ranges


def test_a_change_of_unit_that_overflows_leaves_nothing_known() -> None:
    shut = np.zeros(2, dtype=np.bool_)
    found = scale(Ranges(np.array([1e307, 1.0]), np.array([1.5e308, 2.0]), shut, shut), 1000.0, 0.0, 2)
    assert isinstance(found, Ranges)
    assert np.isnan(found.low[0])
    assert np.isnan(found.high[0])
    assert (found.low[1], found.high[1]) == (1000.0, 2000.0)
