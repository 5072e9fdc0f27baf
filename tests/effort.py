"""How much work random tests do: a little in every run, more with `SOCIETY_TESTS=long` in the environment."""

from __future__ import annotations

import os

LONG = os.environ.get("SOCIETY_TESTS") == "long"


def times(normal: int, long: int) -> int:
    """How many examples a random test takes."""
    return long if LONG else normal
