"""Slows down who guesses passwords: after some failures each further try has to wait, twice as long each time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from knowledge.instants import MINUTE, Instant

LONGEST: Final = 15 * MINUTE
REMEMBERED: Final = 10_000
"""Names and addresses of which failures are remembered; beyond that, those that failed longest ago are forgotten."""

FREE: Final = {"account at address": 3, "account": 10, "address": 20}
"""Failures before anybody has to wait. An account has more of them than somebody at one address has with it, so that
a stranger who fails with a name does not at once keep its owner out."""

Key = tuple[str, ...]


@dataclass(slots=True)
class Failures:
    """How often somebody failed, and until when they have to wait."""

    count: int = 0
    until: Instant = 0
    last: Instant = 0


class Throttle:
    """Failures by account, by address, and by both. They are forgotten after success, or a quiet while."""

    def __init__(self, free: Mapping[str, int] = FREE, longest: Instant = LONGEST) -> None:
        self.free, self.longest = free, longest
        self._found: OrderedDict[Key, Failures] = OrderedDict()

    def wait(self, account: str, address: str, now: Instant) -> Instant:
        """How many seconds somebody has to wait before the next try; 0: none."""
        known = (self._found.get(key) for key in _keys(account, address))
        return max(0, *(found.until - now for found in known if found is not None), 0)

    def failed(self, account: str, address: str, now: Instant) -> None:
        """A try has failed."""
        for key in _keys(account, address):
            found = self._found.pop(key, None) or Failures()
            if now - found.last > 4 * self.longest:
                found = Failures()
            found.count, found.last = found.count + 1, now
            beyond = found.count - self.free[key[0]]
            found.until = now + min(2 ** min(beyond, 20), self.longest) if beyond > 0 else 0
            self._found[key] = found
        while len(self._found) > REMEMBERED:
            self._found.popitem(last=False)

    def succeeded(self, account: str, address: str) -> None:
        """Forget what this account failed with at this address, and at any."""
        for key in _keys(account, address)[:2]:
            self._found.pop(key, None)


def _keys(account: str, address: str) -> tuple[Key, ...]:
    return ("account at address", account, address), ("account", account), ("address", address)
