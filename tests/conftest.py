"""How the random cases are drawn: the same ones in every ordinary run, more and new ones at night."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A shared machine stalls now and then, so neither a deadline nor a slow draw fails a test.
_PATIENT = [HealthCheck.too_slow, HealthCheck.data_too_large]

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, suppress_health_check=_PATIENT)
settings.register_profile("nightly", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=_PATIENT)
settings.load_profile("ci")
