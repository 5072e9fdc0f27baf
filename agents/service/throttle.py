"""Slows down who guesses passwords: after some failures each further try has to wait, twice as long each time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Final

from knowledge.instants import MINUTE, Instant
from knowledge.store.failed_sign_ins import FailedSignIns, Failures

LONGEST: Final = 15 * MINUTE
REMEMBERED: Final = 10_000
"""Names and addresses of which failures are remembered; beyond that, those that failed longest ago are forgotten."""

FREE: Final = {"account at address": 3, "account": 10, "address": 20}
"""Failures before anybody has to wait. An account has more of them than somebody at one address has with it, so that
a stranger who fails with a name does not at once keep its owner out."""


class Throttle:
    """Failures by account, by address, and by both. They are forgotten after success, or a quiet while.

    They are kept in the database, so that a restart lets nobody try again. Everything raises StoreError.
    """

    def __init__(
        self,
        known: FailedSignIns,
        free: Mapping[str, int] = FREE,
        longest: Instant = LONGEST,
        remembered: int = REMEMBERED,
    ) -> None:
        self.known, self.free, self.longest, self.remembered = known, free, longest, remembered
        self._guard = Lock()

    def wait(self, account: str, address: str, now: Instant) -> Instant:
        """How many seconds somebody has to wait before the next try; 0: none."""
        found = self.known.of(key for _, key in _keys(account, address))
        return max((each.until - now for each in found.values() if each.until > now), default=0)

    def failed(self, account: str, address: str, now: Instant) -> None:
        """A try has failed."""
        keys = list(_keys(account, address))
        with self._guard:
            found = self.known.of(key for _, key in keys)
            counted = {key: self._one_more(found.get(key), self.free[kind], now) for kind, key in keys}
            self.known.keep(counted, now - 4 * self.longest, self.remembered)

    def _one_more(self, found: Failures | None, free: int, now: Instant) -> Failures:
        count = 1 if found is None or now - found.last > 4 * self.longest else found.count + 1
        beyond = count - free
        return Failures(count, now + min(2 ** min(beyond, 20), self.longest) if beyond > 0 else 0, now)

    def succeeded(self, account: str, address: str) -> None:
        """Forget what this account failed with at this address, and at any."""
        keys = [key for kind, key in _keys(account, address) if kind != "address"]
        with self._guard:
            if self.known.of(keys):
                self.known.forget(keys)


def _keys(account: str, address: str) -> Iterator[tuple[str, str]]:
    """Kinds of failures, and under which key those of somebody lie: what they write may be of any length."""
    named = ("account at address", account, address), ("account", account), ("address", address)
    for kind, *names in named:
        yield kind, hashlib.sha256(json.dumps([kind, *names]).encode()).hexdigest()
