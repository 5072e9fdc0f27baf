"""Finding other answers to an order: on the planner's own book, which is left exactly as it was.

Tried are everything in one shipment, each line in one release, and everything so much later that a supplier is in time
who is cheaper than the one that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NamedTuple

from agents.planner.alternatives import Candidate, Named, Plans, choose, judge, new_rows, told
from agents.planner.book import Commitment
from agents.planner.promise import Answer, Found, Part, Promiser, Want, release_commitment
from agents.planner.purchases import priced
from agents.planner.regenerate import regenerate
from agents.planner.state import State
from knowledge.instants import DAY, Instant
from knowledge.plant import Customer
from knowledge.quantities import Units, ceil_div
from knowledge.supply import Release
from protocols.orders import OrderFacts
from protocols.supplying import Alternative, AlternativeRelease

MOST_COMMITMENTS = 2000
"""Commitments of a group up to which alternatives are looked for: each takes some plans of the whole group."""

_MOST_DELAYS = 4
"""Later dates that are tried for the sake of cheaper suppliers, the shortest first."""


class Wanted(NamedTuple):
    """What is to be promised of a line for one date, and when the last of it goes as planned."""

    want: Want
    line: str
    requested: Instant | None
    last: Instant


Responder = Callable[[Promiser, Sequence[Want]], list[Answer] | None]
"""A way to answer; None where it cannot be done."""


def alternatives_of(
    state: State, facts: OrderFacts, patience: int = 0, passes: Callable[[Candidate], bool] = lambda one: False
) -> list[Alternative]:
    """What could be answered to an order that is planned, the planned answer first.

    Nothing where nothing of it is planned, or it competes with more than `MOST_COMMITMENTS`.
    `patience` is for how many seconds from now a supplier who is not in time as planned has to stay in time; `passes`
    says whether policy would ask nobody about one.
    """
    finder = _Finder(state, facts, patience)
    if not finder.releases or too_many(state, finder.releases):
        return []
    with trial(state):
        return told(state.plant, finder.run(), state.punctuality, passes)


@contextmanager
def trial(state: State) -> Iterator[None]:
    """What is promised inside is taken back in the end; what was done before can still be undone, and told."""
    book = state.book
    log, book.journal.log = book.journal.log, []
    versions, fragile = dict(book.versions), set(book.fragile)
    changed = {group: (set(keys), set(items)) for group, (keys, items) in book.changed.items()}
    lives = {group: (live, live.savepoint()) for group in state.lives if (live := state.lives.get(group)) is not None}
    try:
        yield
    finally:
        book.journal.undo()
        book.journal.log = log
        book.versions, book.changed, book.fragile = versions, changed, fragile
        state.lives.clear()
        state.failed.clear()
        for group, (live, mark) in lives.items():
            live.back(mark)
            state.lives[group] = live


def open_releases(state: State, order: str) -> list[Release]:
    """The releases of an order that have not left."""
    return [release for d in state.documents(order) if not (release := state.releases[d]).shipped]


def too_many(state: State, releases: Sequence[Release]) -> bool:
    """Whether what some releases compete with is too much to be planned again and again."""
    groups = {state.book.shop.group_of[release.item] for release in releases}
    return any(len(state.book.commitments.get(group, ())) > MOST_COMMITMENTS for group in groups)


def take_out(state: State, releases: Sequence[Release]) -> list[Commitment]:
    """The commitments of an order's releases, no longer in the book."""
    keys = dict.fromkeys(release.order if release.together else release.document for release in releases)
    own = [commitment for key in keys if (commitment := state.book.find(key)) is not None]
    for commitment in own:
        state.book.remove(commitment.key)
    return own


def wanted_of(state: State, releases: Sequence[Release]) -> list[Wanted]:
    """What is to be promised of each line and date of some releases, all of it together."""
    found: dict[tuple[str, Instant | None], list[Release]] = {}
    for release in releases:
        found.setdefault((release.line, release.requested), []).append(release)
    return [
        Wanted(
            Want(
                f"{parts[0].document}#other",
                parts[0].item,
                sum(part.quantity for part in parts),
                state.now if requested is None else max(requested - parts[0].transit, state.now),
                parts[0].sequence,
            ),
            line,
            requested,
            max(part.ship for part in parts),
        )
        for (line, requested), parts in found.items()
    ]


class _Finder:
    """The candidates for one order. All of it runs inside a trial."""

    def __init__(self, state: State, facts: OrderFacts, patience: int) -> None:
        self.state, self.facts, self.book, self.patience = state, facts, state.book, patience
        self.customer = state.plant.customer(facts.customer) or Customer(facts.customer)
        self.transit = int(self.customer.transit_days * DAY)
        self.releases = open_releases(state, facts.order)
        self.left = {r.ship for d in state.documents(facts.order) if (r := state.releases[d]).shipped}
        self.without: Plans = {}
        self.planned: Plans = {}

    def run(self) -> list[Named]:
        """The answers worth offering; none where the plan cannot be made anew."""
        own = take_out(self.state, self.releases)
        groups = sorted({group for commitment in own for group in self.book.groups(commitment)})
        self.without = {group: regenerate(self.book, group) for group in groups}
        with trial(self.state):
            for commitment in own:
                self.book.add(commitment)
            planned = self._plans()
        if planned is None or not all(plan.feasible for plan in self.without.values()):
            return []
        self.planned = planned
        goes = ((r.line, r.item, r.quantity, r.ship, r.requested) for r in self.releases)
        return choose(self._judge(goes, planned), self._others())

    # -- candidates

    def _others(self) -> Iterator[Candidate]:
        wanted = wanted_of(self.state, self.releases)
        yield from self._try(wanted, self._whole)
        apart = self._by_line if self.customer.partial_shipments else self._whole
        if self.customer.partial_shipments:
            yield from self._try(wanted, apart)
        for delay in self._delays():
            later = [each._replace(want=replace(each.want, ship=each.last + delay)) for each in wanted]
            yield from self._try(later, apart)

    def _try(self, wanted: list[Wanted], respond: Responder) -> Iterator[Candidate]:
        with trial(self.state):
            answers = respond(Promiser(self.book, dict(self.without)), [each.want for each in wanted])
            plans = None if answers is None else self._plans()
        if answers is None or plans is None or not self._allowed(answers):
            return
        goes = (
            (each.line, each.want.item, part.quantity, part.ship, each.requested)
            for each, answer in zip(wanted, answers, strict=True)
            for part in answer.releases
        )
        yield self._judge(goes, plans)

    def _whole(self, promiser: Promiser, wants: Sequence[Want]) -> list[Answer]:
        return promiser.whole(self.facts.order, wants)

    def _by_line(self, promiser: Promiser, wants: Sequence[Want]) -> list[Answer] | None:
        answers = []
        for want in wants:
            commitment = release_commitment(want, 1, want.quantity, want.ship)
            found = promiser.earliest(commitment, want.ship)
            if not isinstance(found, Found):
                return None
            self.book.add(commitment.at(found.ready))
            answers.append(Answer(want, [Part(want.quantity, found.ship, found.ready)]))
        return answers

    def _allowed(self, answers: Sequence[Answer]) -> bool:
        """Whether nothing is missing, and the customer takes so many releases with those that have left."""
        most = self.customer.most_releases
        ships = {part.ship for answer in answers for part in answer.releases}
        return not any(answer.missing for answer in answers) and (most is None or len(self.left | ships) <= most)

    def _delays(self) -> list[int]:
        """By how much later, in whole days, a supplier would be in time who is cheaper than the one that is."""
        delays: set[int] = set()
        for row in new_rows(self.without, self.planned):
            offers = priced(self.book, row.item)
            paid = min(p.option.cost(row.quantity) for p in offers if p.offer.supplier == row.supplier)
            for entry in offers:
                arrival = entry.offer.lead_time.forward(self.state.now + self.patience)
                if arrival > row.due and entry.option.cost(entry.option.lot(row.quantity)) < paid:
                    delays.add(ceil_div(arrival - row.due, DAY) * DAY)
        return sorted(delays)[:_MOST_DELAYS]

    # -- what they come to

    def _plans(self) -> Plans | None:
        """The plans with everything that is in the book now, where everything comes in time."""
        plans = {group: regenerate(self.book, group) for group in self.without}
        return plans if all(plan.feasible for plan in plans.values()) else None

    def _judge(self, goes: Iterable[tuple[str, str, Units, Instant, Instant | None]], plans: Plans) -> Candidate:
        releases = tuple(
            AlternativeRelease(
                line=line, item=item, quantity=quantity, ship=ship, delivery=ship + self.transit, requested=requested
            )
            for line, item, quantity, ship, requested in goes
        )
        return judge(self.state.plant, self.facts, releases, self.state.now, self.without, plans)
