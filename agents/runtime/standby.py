"""Standing by: a second process waits until it may write the database, and takes over when the first one dies."""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import TypeVar

import structlog

from knowledge.errors import AwayError, OwnedError, StoreError
from knowledge.store.database import Patience, Store

log = structlog.get_logger("society")

_BETWEEN_TRIES_S = 0.5
_AFTER_OUTAGE_S = 3.0
"""Where the server was away, too, the one that had the database is to find it again first."""

_DOUBT_S = 60.0
"""So long a lock may be had by somebody who is dead: a connection of our own that the server has not given up yet."""
_GROWING_S = (0.1, 0.2, 0.4, 0.8)
"""The first waits for a database that is away; after these each is a second."""

S = TypeVar("S", bound=Store)


def stand_by(
    open_store: Callable[[], S],
    stopped: Callable[[], bool] = lambda: False,
    waiting: Callable[[StoreError], None] = lambda error: None,
) -> S | None:
    """The database once nobody else writes it, looked for twice a second; None where `stopped` says so before.

    `waiting` is told, each time, who has it. Where the other one ends, or dies, its lock is free at once; where its
    whole machine is gone PostgreSQL notices within some five seconds. A server that goes away meanwhile is waited for,
    too. Raises `StoreError` for what waiting does not cure, a server that is away from the beginning included.
    """
    told = ""
    while not stopped():
        try:
            return open_store()
        except (OwnedError, AwayError) as error:
            if not told and isinstance(error, AwayError):
                raise
            if type(error).__name__ != told:
                log.info("standing by", reason=str(error))
            told = type(error).__name__
            waiting(error)
            sleep(_AFTER_OUTAGE_S if isinstance(error, AwayError) else _BETWEEN_TRIES_S)
    return None


def patient(seconds: float, wait: Callable[[float], None] = sleep) -> Patience:
    """Try again with growing waits, a second at most, for so long altogether; then let the error be an error.

    Where another process seems to have taken over, no longer than it takes a server to notice that it has not.
    """

    def again(failures: int, error: StoreError) -> bool:
        longest = min(seconds, _DOUBT_S) if isinstance(error, OwnedError) else seconds
        tried = failures - 1
        if sum(_GROWING_S[:tried]) + max(0, tried - len(_GROWING_S)) >= longest:
            return False
        log.warning("database unavailable", reason=str(error), attempt=failures)
        wait(_GROWING_S[tried] if tried < len(_GROWING_S) else 1.0)
        return True

    return again
