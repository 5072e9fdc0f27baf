"""Benchmark `improve`: whole order books promised one by one, before and after their plans were improved.

Improving gets so many CPU seconds of the engine; what it costs the planner to pose its problems and to take its
schedules back is counted apart. No promise may get later, and the validator has to find nothing wrong in the end.
"""

from __future__ import annotations

import json
import tempfile
import time
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from agents.planner.improving.running import Running, begun
from agents.planner.sequencing import Failed, Improved, Problem, improve
from agents.planner.state import State
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.whole import validate
from knowledge.instants import HOUR, Instant
from knowledge.reading import load_plant
from knowledge.supply import WorkOrder
from tests.bench.planner import BOOKS, Book, decided, facts_of, tardiness_of
from tests.bench.planner import begun as planner
from tests.bench.plant import generate
from tests.bench.results import Result
from tests.bench.setups import write_shop

SECONDS = 30
_COMMAND = "make bench improve"


@dataclass(slots=True)
class Clocked:
    """Improves for so many CPU seconds in all, at once when it is polled; counts what it used."""

    seconds: float
    wait_seconds: int = 0
    every_seconds: int = 0
    hold_ms: int = 50
    used: float = 0.0
    seed: int = 0
    _waiting: tuple[Problem, float] | None = None

    def start(self, problem: Problem, share: Fraction) -> None:
        """Begin with a problem."""
        self._waiting = problem, self.seconds * float(share)

    def poll(self) -> Improved | Failed | None:
        """What comes of it."""
        assert self._waiting is not None
        (problem, seconds), self._waiting = self._waiting, None
        begin = time.process_time()
        self.seed += 1
        found = improve(problem, seed=self.seed, spent=lambda: (time.process_time() - begin) / seconds)
        self.used += time.process_time() - begin
        return found

    def stop(self) -> None:
        """Forget what is under way."""
        self._waiting = None


@dataclass(slots=True)
class Gain:
    """What improving came to: CPU seconds of the engine, and of the planner with its longest step."""

    engine: float = 0.0
    steps: list[float] = field(default_factory=list)
    promises: int = 0
    later: int = 0
    orders: int = 0


def run() -> list[Result]:
    """Two of the planner's books, and a paint shop in which set-ups decide."""
    results = []
    for book in (BOOKS[2], BOOKS[1]):
        state = _promised(book)
        least = bound(state, "ASM") if book is BOOKS[2] else None
        results += _measured(book.name, state, least)
    with tempfile.TemporaryDirectory() as place:
        write_shop(Path(place), orders=150, days=27)
        results += _measured("paint shop", _taken(Path(place), together=False))
    return results


def improved(state: State, seconds: float) -> Gain:
    """Improve a plan group by group, as the planner does when it has nothing else to do."""
    gain, engine = Gain(), Clocked(seconds)
    promised = {document: release.promised or 0 for document, release in state.releases.items()}
    starts = _starts(state)
    state.begin(state.now)
    run = begun(state, engine, _never)
    while run.groups:
        _step(gain, engine, state, run)
        if not run.next():
            break
    gain.engine = engine.used
    now = {document: state.releases[document].promised or 0 for document in promised}
    gain.promises = sum(now[document] < time for document, time in promised.items())
    gain.later = sum(now[document] > time for document, time in promised.items())
    gain.orders = sum(starts.get(key) != start for key, start in _starts(state).items())
    return gain


def _step(gain: Gain, engine: Clocked, state: State, run: Running) -> None:
    begin, used = time.process_time(), engine.used
    state.begin(state.now)
    run.poll(state)
    middle = time.process_time()
    gain.steps.append(middle - begin - engine.used + used)
    state.begin(state.now)
    run.take(state, _never)
    gain.steps.append(time.process_time() - middle)


def _never(order: str) -> bool:
    return False


def _starts(state: State) -> dict[str, Instant]:
    shelves = (shelf.values() for shelf in state.planned.values())
    return {order.key: order.start for shelf in shelves for order in shelf if isinstance(order, WorkOrder)}


def _promised(book: Book) -> State:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        size = {"orders": book.orders, "families": book.families, "days": book.days}
        generate(folder, **size, load=book.load, splits=book.splits, together=book.together)
        return _taken(folder, book.together)


def _taken(folder: Path, together: bool) -> State:
    """A planner that has promised every order of a folder."""
    plant = load_plant(folder / "knowledge")
    orders = [json.loads(line) for line in (folder / "orders.jsonl").read_text(encoding="utf-8").splitlines()]
    state = planner(plant, orders)
    for facts in facts_of(plant, orders, together):
        decided(state, facts)
    return state


def _measured(name: str, state: State, least: float | None = None) -> list[Result]:
    late, before = tardiness_of(state, last=len(state.orders))
    gain = improved(state, SECONDS)
    late_after, after = tardiness_of(state, last=len(state.orders))
    compared = ("before", after / before) if least is None else ("bound by slack", after / least)
    findings = len(validate(whole_of(state)))
    return [
        Result(f"{name}: weighted tardiness before improving", before, "h", _COMMAND),
        Result(f"{name}: weighted tardiness after improving", after, "h", _COMMAND, *compared),
        Result(f"{name}: late orders before", late, "orders", _COMMAND),
        Result(f"{name}: late orders after", late_after, "orders", _COMMAND),
        Result(f"{name}: promises made earlier", gain.promises, "promises", _COMMAND),
        Result(f"{name}: promises made later", gain.later, "promises", _COMMAND),
        Result(f"{name}: work orders moved", gain.orders, "orders", _COMMAND),
        Result(f"{name}: the engine", gain.engine, "CPU s", _COMMAND),
        Result(f"{name}: the planner besides", sum(gain.steps), "CPU s", _COMMAND),
        Result(f"{name}: its longest step", max(gain.steps, default=0) * 1000, "CPU ms", _COMMAND),
        Result(f"{name}: what the validator refuses", findings, "findings", _COMMAND),
    ]


# -- what no plan could beat


def bound(state: State, stage: str) -> float:
    """Weighted hours late where each order, in order of receipt, is promised by the slack of one stage alone.

    The stage's work centres are named with it; each works at what is due first, may interrupt it, and never waits for
    material. Work is that of the plan.
    """
    books: dict[int, list[tuple[Instant, int]]] = {}
    work = _work_on(state, stage)
    total = 0.0
    for order, planned in sorted(state.orders.items(), key=lambda entry: entry[1].facts.sequence):
        (line,) = planned.facts.lines
        customer = state.plant.customer(planned.facts.customer)
        assert customer is not None
        assert line.item is not None
        assert line.requested is not None
        owed = books.setdefault(state.book.shop.group_of[line.item], [])
        time = _by_slack(owed, state.now, line.requested, work.get(order, 0))
        insort(owed, (time, work.get(order, 0)))
        total += float(customer.lateness_weight) * (time - line.requested) / HOUR
    return total


def _by_slack(owed: Sequence[tuple[Instant, int]], now: Instant, wanted: Instant, seconds: int) -> Instant:
    """The first time from `wanted` on by which so much more can be done, everything owed in order of its time."""
    time, before = wanted, 0
    while True:
        before = sum(work for due, work in owed if due <= time)
        total, full = before, None
        for due, work in owed:
            if due > time:
                total += work
                if now + total + seconds > due:
                    full = due
        if full is not None:
            time = full
        elif now + before + seconds > time:
            time = now + before + seconds
        else:
            return time


def _work_on(state: State, stage: str) -> dict[str, int]:
    """Seconds of work on a stage by order."""
    found: dict[str, int] = {}
    supplies = [*state.planned.values(), *state.book.firm.values()]
    for order in (s for shelf in supplies for s in shelf.values() if isinstance(s, WorkOrder)):
        cause = order.cause
        while (parent := state.find_supply(cause)) is not None:
            cause = parent.cause
        release = state.releases.get(cause)
        if release is not None:
            seconds = sum(slot.minutes * 60 for slot in order.operations if slot.work_centre.startswith(stage))
            found[release.order] = found.get(release.order, 0) + seconds
    return found
