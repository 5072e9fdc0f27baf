"""Random tests take the same examples in every normal run; with `SOCIETY_TESTS=long` they look for new ones.

How long an example takes decides nothing: a busy machine is no finding.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.effort import LONG

settings.register_profile("timeless", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("normal", settings.get_profile("timeless"), derandomize=True)
settings.register_profile("long", settings.get_profile("timeless"), derandomize=False)
settings.load_profile("long" if LONG else "normal")
