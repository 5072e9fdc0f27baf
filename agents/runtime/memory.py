"""The collector of cyclic garbage, for a process that holds a whole plant in memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def collect_seldom() -> None:
    """Look for cyclic garbage more seldom than Python does by default.

    A society keeps millions of long-lived objects and makes few cycles. By default each look at all of them costs a
    quarter of the time of a thousand orders (measured). Some there are, such as plans that were made anew: Python looks
    at everything once what came since is a quarter of it, if it is asked often enough.
    """
    gc.set_threshold(50_000, 5, 4)


def collect_everything() -> None:
    """Let go of what is in use no more, whatever `uncollected` has put out of sight: for a process that has done with
    one society and goes on with another."""
    gc.unfreeze()
    gc.collect()


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no cyclic garbage while much is made that stays, and never among that: it is not looked at again.

    Half of the time to make a large plant's agents from their records went into such looks (measured).
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
