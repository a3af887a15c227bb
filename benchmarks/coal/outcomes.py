"""What every contestant gives, in one shape, so that they can be compared.

Counts: rule -> outcome -> how many. Findings: a frame with a row for each violation, open case and duty not yet due.
"""

from __future__ import annotations

import datetime as dt

OUTCOMES = ("pass", "violation", "indeterminate", "not_due", "not_in_force", "not_applicable")
PASS, VIOLATION, INDETERMINATE, NOT_DUE, NOT_IN_FORCE, NOT_APPLICABLE = range(6)
#: Of the findings table: what was found and what was needed in the unit of the rule, and by how much it is kept.
COLUMNS = ("record_id", "rule", "outcome", "observed", "limit", "margin")
AS_OF = dt.date(2020, 12, 31)

Counts = dict[str, dict[str, int]]
