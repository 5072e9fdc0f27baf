"""Benchmark `availability`: one item's function at 100 to 100,000 events, and against recomputing it from a list."""

from __future__ import annotations

import random
import time
import tracemalloc
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate

from knowledge.availability import Availability
from tests.bench.results import Result

SIZES = (100, 1_000, 10_000, 100_000)
_YEAR = 365 * 86_400
_CALLS = 10_000
_COMMAND = "make bench availability"


def run() -> list[Result]:
    """The figures of the benchmark."""
    found: list[Result] = []
    small: dict[str, float] = {}
    for size in SIZES:
        times = _times(size)
        for name, micros in times.items():
            compared = f"{name} at 1,000 events" if size > 1_000 else None
            ratio = micros / small[name] if compared else None
            found.append(Result(f"{name} at {size:,} events", micros, "CPU µs", _COMMAND, compared, ratio))
        small = times if size == 1_000 else small
        found.append(Result(f"mixed operations at {size:,} events", _mixed(size), "ops/CPU s", _COMMAND))
    found.extend(_against_the_list(SIZES[-1], times))
    found.append(Result("memory an event, names included", _memory(SIZES[-1]), "bytes", _COMMAND))
    return found


def events(size: int, seed: int = 1) -> dict[str, tuple[int, int]]:
    """So many receipts and requirements of one item within a year."""
    rng = random.Random(seed)
    return {
        f"t/SO-{number:06d}/1": (rng.randrange(_YEAR), rng.choice((-1, 1)) * rng.randint(1, 100))
        for number in range(size)
    }


def _times(size: int) -> dict[str, float]:
    """CPU microseconds of each operation."""
    function = Availability(1_000, events(size))
    rng = random.Random(2)
    moments = [rng.randrange(_YEAR) for _ in range(_CALLS)]
    names = [f"new {number}" for number in range(_CALLS)]
    step = max(1, size // 100)  # inserted a few at a time, so that the item keeps its size
    insert = remove = 0.0
    for begin in range(0, _CALLS, step):
        part = slice(begin, begin + step)
        start = time.process_time()
        for name, moment in zip(names[part], moments[part], strict=True):
            function.set(name, moment, -5)
        inserted = time.process_time()
        for name in names[part]:
            function.remove(name)
        insert += inserted - start
        remove += time.process_time() - inserted
    ends = [abs(units) for units in rng.choices(range(20_000), k=_CALLS)]
    return {
        "insert": insert / _CALLS * 1e6,
        "remove": remove / _CALLS * 1e6,
        "promisable": _timed(lambda: [function.promisable(0, moment) for moment in moments]) / _CALLS * 1e6,
        "earliest": _timed(lambda: [function.earliest(0, units) for units in ends]) / _CALLS * 1e6,
    }


def _mixed(size: int) -> float:
    """Operations a CPU second: insertions, questions of both kinds and moves in turn."""
    function = Availability(1_000, events(size))
    rng = random.Random(3)
    known = list(function.events)
    calls = [(rng.randrange(_YEAR), rng.choice(known), rng.randrange(2_000)) for _ in range(_CALLS)]

    def work() -> None:
        for number, (moment, document, units) in enumerate(calls):
            kind = number % 4
            if kind == 0:
                function.set(document, moment, function.events[document][1])
            elif kind == 1:
                function.promisable(0, moment)
            elif kind == 2:
                function.earliest(0, units)
            else:
                function.set(document, moment, units + 1)

    return _CALLS / _timed(work)


def _against_the_list(size: int, times: dict[str, float]) -> list[Result]:
    """How much longer it takes to go through the sorted events again for each question, as fast as Python can."""
    changes = sorted(events(size).values())
    moments = [time for time, _ in changes]

    def promisable(moment: int) -> int:
        balances = list(accumulate((units for _, units in changes), initial=1_000))
        return min(balances[bisect_right(moments, moment) :])

    def earliest(units: int) -> int | None:
        balances = list(accumulate((change for _, change in changes), initial=1_000))
        lowest = list(accumulate(reversed(balances), min))[::-1]
        place = bisect_right(lowest, units - 1)
        return moments[place - 1] if place < len(lowest) else None

    found = []
    for name, ask in (("promisable", promisable), ("earliest", earliest)):
        begin = time.process_time()
        for number in range(20):
            ask(number * 999)
        micros = (time.process_time() - begin) / 20 * 1e6
        compared = f"{name} at {size:,} events"
        ratio = micros / times[name]
        found.append(Result(f"{name} from the sorted list at {size:,}", micros, "CPU µs", _COMMAND, compared, ratio))
    return found


def _memory(size: int) -> float:
    """Bytes an event: its name and numbers, and all that is kept of it."""
    tracemalloc.start()
    try:
        function = Availability(1_000)
        for name, (moment, units) in events(size).items():
            function.set(name, moment, units)
        return tracemalloc.get_traced_memory()[0] / size
    finally:
        tracemalloc.stop()


def _timed(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin
