"""Where hosts let somebody look at each message being handled; nobody looks unless a service is set to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from knowledge.instants import Instant
from protocols.envelope import Envelope

Trace = Callable[[Envelope[Any], Instant], AbstractContextManager[object]]
"""What is entered while a message is handled at a time, or handed to a sink, in the thread that does it."""

_NOTHING: Final = nullcontext()


def untraced(envelope: Envelope[Any], now: Instant) -> AbstractContextManager[object]:
    """Look at nothing."""
    return _NOTHING
