"""What stands on one machine, kept in order, so that a change of it is judged by its neighbours alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agents.planner.validator.machines import Busy, last_begun
from agents.planner.validator.ordered import Ordered
from knowledge.instants import Instant


class Track:
    """The work on one machine. What is over is dropped when it is in the way."""

    __slots__ = ("_touched", "_work")

    def __init__(self, work: Iterable[Busy] = ()) -> None:
        self._work: Ordered[Busy] = Ordered(work)
        self._touched: dict[Busy, bool] = {}

    def add(self, entry: Busy) -> None:
        """Put work on the machine."""
        self._work.add(entry)
        self._touched[entry] = True

    def discard(self, entry: Busy) -> None:
        """Take work off the machine, if it is there still."""
        self._work.discard(entry)
        self._touched[entry] = False

    def look_at(self, entry: Busy) -> None:
        """Have work that stands where it stood judged anew."""
        self._touched[entry] = True

    def pairs(self, now: Instant) -> Iterator[tuple[Busy, Busy]]:
        """What follows on what, wherever that has changed; what has begun counts as the work that is over last."""
        last = self._begun(now)
        seen: set[Busy] = set()
        for entry, there in self._touched.items():
            if entry.start < now:
                following = [self._work.after((now,))]
            else:
                following = [entry, self._work.after(entry)] if there else [self._work.after(entry)]
            for each in following:
                if each is not None and each not in seen:
                    seen.add(each)
                    before = self._work.before(each)
                    if before is None or before.start < now:
                        before = last
                    if before is not None:
                        yield before, each
        self._touched.clear()

    def settle(self) -> None:
        """Forget what has changed."""
        self._touched.clear()

    def _begun(self, now: Instant) -> Busy | None:
        """Of the work that has begun, what is over last; what is over already is dropped."""
        first = self._work.first()
        if first is None or first.start >= now:
            return None
        begun = self._work.until((now,))
        over = [entry for entry in begun if entry.finish <= now]
        for entry in over:
            self._work.discard(entry)
        return last_begun(entry for entry in begun if entry.finish > now)
