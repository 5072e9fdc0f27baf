"""Random tests take the same examples in every normal run; with `SOCIETY_TESTS=long` they look for new ones."""

from __future__ import annotations

from hypothesis import settings

from tests.effort import LONG

settings.register_profile("normal", derandomize=True)
settings.register_profile("long", derandomize=False)
settings.load_profile("long" if LONG else "normal")
