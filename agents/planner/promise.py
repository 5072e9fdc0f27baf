"""Promises: by when, and in which releases, new needs can be met without making any earlier promise worse.

A date is promised only where `regenerate` finds that everything, old and new, comes in time. The requested time is
tried first, with all soft pegs open: the earliest need takes stock and receipts, and later ones are supplied anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import NamedTuple

from agents.planner.book import Book, Commitment
from agents.planner.covering import Violation
from agents.planner.forward import Forward
from agents.planner.live import Live
from agents.planner.purchases import Buyer
from agents.planner.regenerate import Plan, regenerate
from agents.planner.release_split import SplitLine, Step, split
from knowledge.errors import SocietyError
from knowledge.instants import DAY, MINUTE, Instant, iso
from knowledge.learning import said_of, said_of_route
from knowledge.plant import Customer
from knowledge.quantities import Units
from knowledge.reach import FAR_DAYS, out_of_reach, too_many, unsuppliable
from knowledge.supply import base_document, readable
from knowledge.wording import count

_MOST_CANDIDATES = 16

MOST_RELEASES = _MOST_CANDIDATES + 2
"""As many as a want may be promised in, and one more that is tried."""

_FINE = 128
"""A date that must be later than slack says is found to a part of so many of how late it is."""

_FACTOR = 4
"""How much further after what slack says the next try in sequence is."""

UNPROVEN = "the releases may not be the best: choosing them took too long"


class TogetherError(SocietyError):
    """Releases that were found one by one do not come in time together."""


@dataclass(frozen=True, slots=True)
class Want:
    """Something to be promised: a quantity of an item, shipped at `ship` at the earliest and preferably.

    `hints` are times that were promised before, which are tried, too. `late_cost` is what one unit costs a second late.
    `names` are the documents of its releases after the first, where they are not to be numbered from its own.
    """

    document: str
    item: str
    quantity: Units
    ship: Instant
    sequence: int
    hints: tuple[Instant, ...] = ()
    late_cost: Fraction = Fraction(0)
    names: tuple[str, ...] = ()


class Part(NamedTuple):
    """A quantity that goes at `ship`, its supply planned for `ready`: the same time, or earlier where it has to be."""

    quantity: Units
    ship: Instant
    ready: Instant


@dataclass(slots=True)
class Answer:
    """What can be promised of a want: releases in order of time, and what cannot and why."""

    want: Want
    releases: list[Part] = field(default_factory=list)
    missing: Units = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A time to ship at, when supply is to be ready for it, and why not earlier."""

    ship: Instant
    ready: Instant
    reason: str


class Promiser:
    """Finds promises on a book, and adds what it promised to it as commitments.

    `plans` holds the last feasible plan of each group, which includes every commitment of the book; `live` gives the
    live plan of a group, up to date, where there is one.
    """

    def __init__(
        self, book: Book, plans: dict[int, Plan | Live], live: Callable[[int], Live | None] = lambda group: None
    ) -> None:
        self.book = book
        self.plans = plans
        self.live = live
        self._found: dict[int, Plan | Live] = {}
        self._tried: Commitment | None = None
        self._few: dict[str, Units] = {}
        self.violation: Violation | None = None

    # -- what is asked

    def whole(self, key: str, wants: Sequence[Want]) -> list[Answer]:
        """All wants in one shipment, held by the last of them; nothing at all where one can never be met."""
        needs = tuple((w.item, w.quantity, w.document) for w in wants)
        begin = max(w.ship for w in wants)
        commitment = Commitment(key, begin, needs, min(w.sequence for w in wants))
        found = self.earliest(commitment, begin)
        if isinstance(found, str):
            return [Answer(w, [], w.quantity, found) for w in wants]
        reasons = self._whole_reasons(wants, found, begin)
        self.keep(commitment.at(found.ready))
        return [
            Answer(w, [Part(w.quantity, found.ship, found.ready)], 0, r) for w, r in zip(wants, reasons, strict=True)
        ]

    def parts(self, wants: Sequence[Want], customer: Customer, used: int = 0) -> list[Answer]:
        """Each want by itself, in releases where the customer takes them; `used` releases are promised already."""
        most = None if customer.most_releases is None else max(1, customer.most_releases - used)
        limited = most is not None or customer.minimum_release_percent > 0
        answers = []
        for want in wants:
            answer = self._split(want)
            answers.append(answer)
            try:
                self._commit_releases(answer)
            except TogetherError:
                self._settle([answer])
        too_many = most is not None and len(_ships(answers)) > most
        if too_many or (limited and any(len(a.releases) > 1 for a in answers)):
            self._regroup(answers, customer, most)
        return answers

    def earliest(self, commitment: Commitment, begin: Instant) -> Found | str:
        """The first time from `begin` on at which a commitment can be kept, and why not earlier; or why never."""
        begin = max(begin, self.book.now)
        if self._takes_too_many(commitment):
            return self._too_far(commitment)
        if self.feasible(commitment.at(begin), hard=True):
            return Found(begin, begin, "")
        violation = self.violation
        alone = self._forward(commitment, alone=True)
        if isinstance(alone, str):
            return alone
        far = max(begin, self.book.now + FAR_DAYS * DAY)
        if alone > far:
            return self._too_far(commitment)
        first, reason = max(begin, alone), self._why(violation, alone <= begin)
        if first > begin and self.feasible(commitment.at(first)):
            return Found(first, first, reason)
        slack = self._by_slack(commitment)
        if slack > first:
            time = self._from_slack(commitment, slack, (slack - begin) // _FINE)
        else:
            on_top = self._forward(commitment, alone=False)
            high = on_top if isinstance(on_top, int) else first
            if high <= begin:
                ready = None if self._perishes(commitment) else self._ready_early(commitment, high, begin)
                if ready is not None:
                    return Found(begin, ready, "")
            fine = (high - begin) // _FINE if self._is_fragile(commitment) else 0
            time = self._search(commitment, first, max(first, high), fine=fine)
        return self._too_far(commitment) if time is None or time > far else Found(time, time, reason)

    def _from_slack(self, commitment: Commitment, slack: Instant, fine: int) -> Instant | None:
        """A time, not before slack says, at which a commitment can be kept; not much more than `fine` later than the
        first, where that is soon found.

        Where it goes besides what is planned is found quickly; in sequence it may be earlier, at a few times tried.
        """
        stride = max(MINUTE, fine // MINUTE * MINUTE)
        besides = self._search(commitment, slack - 1, slack, stride, fine, besides=True)
        time = slack + stride
        while besides is not None and time < besides:
            if self.feasible(commitment.at(time)):
                return time
            time = slack + (time - slack) * _FACTOR
        return besides

    def _is_fragile(self, commitment: Commitment) -> bool:
        """Whether a commitment can only be planned besides what stands: each time that is tried costs a whole plan."""
        return not self.book.fragile.isdisjoint(self.book.groups(commitment))

    def _perishes(self, commitment: Commitment) -> bool:
        """Whether what a commitment needs does not keep, and cannot be there long before it goes."""
        return any(self.book.shop.plant.items[item].life for item, _, _ in commitment.needs)

    def _ready_early(self, commitment: Commitment, low: Instant, begin: Instant) -> Instant | None:
        """The latest time before `begin` for which supply can be planned, where it can be for `low`."""
        if not self.feasible(commitment.at(low)):
            return None
        high = begin
        while high - low > MINUTE:
            middle = (low + high) // 2
            if self.feasible(commitment.at(middle)):
                low = middle
            else:
                high = middle
        return low

    def _by_slack(self, commitment: Commitment) -> Instant:
        """The first whole minute at which the slack of work centres lets a commitment be due, as far as is known."""
        lives = (self.live(group) for group in self.book.groups(commitment))
        return max((live.by_slack(commitment)[0] for live in lives if live is not None), default=self.book.now)

    def _search(
        self,
        commitment: Commitment,
        low: Instant,
        high: Instant,
        stride: int = DAY,
        fine: int = 0,
        *,
        besides: bool = False,
    ) -> Instant | None:
        """The first whole minute after `low`, where it is not feasible, from which it is, or one at most `fine` later;
        `high` is a guess."""
        while not (high > low and self.feasible(commitment.at(high), besides=besides)):
            low, high, stride = max(low, high), high + stride, stride * 2
            if high > self.book.now + FAR_DAYS * DAY:
                return None
        while (high - 1) // MINUTE > low // MINUTE and high - low > fine:
            middle = (low // MINUTE + high // MINUTE + 1) // 2 * MINUTE
            if self.feasible(commitment.at(middle), besides=besides):
                high = middle
            else:
                low = middle
        return high

    def feasible(self, commitment: Commitment, *, hard: bool = False, besides: bool = False) -> bool:
        """Whether everything comes in time with this commitment, too; remembers the plans if so.

        Tried `hard`, everything else is placed in sequence anew where that may make room; `besides`, nothing is moved
        where much is planned.
        """
        found: dict[int, Plan | Live] = {}
        if self._takes_too_many(commitment):
            return False
        for group in self.book.groups(commitment):
            live = self.live(group)
            plan = live or regenerate(self.book, group, (commitment,))
            if isinstance(plan, Plan) and not plan.feasible:
                self.violation = plan.violations[0]
                return False
            if live is not None and not live.trial(commitment, hard=hard, besides=besides):
                self.violation = live.violation
                return False
            found[group] = plan
        self._found, self._tried = found, commitment
        return True

    def _holds(self, commitment: Commitment) -> bool:
        """Whether the plans found last are of the book as it is, with this commitment."""
        return commitment == self._tried and all(
            plan.holds(commitment) if isinstance(plan, Live) else plan.version == self.book.versions.get(group, 0)
            for group, plan in self._found.items()
        )

    def keep(self, commitment: Commitment) -> None:
        """Promise a commitment, new or in place of one of its key, that is feasible."""
        if not self._holds(commitment) and not self.feasible(commitment) and not self.feasible(commitment, hard=True):
            raise TogetherError(f"{commitment.key} was found feasible by itself, and is not with the others")
        self._remember(commitment)

    def take(self, commitment: Commitment) -> None:
        """Put a commitment into the book, as it was found feasible where it is."""
        if self.feasible(commitment):
            self._remember(commitment)
        else:
            self.book.add(commitment)

    # -- how it is found

    def _remember(self, commitment: Commitment) -> None:
        self.book.add(commitment)
        for group, plan in self._found.items():
            if isinstance(plan, Live):
                plan.accept(commitment)
            else:
                plan.version = self.book.versions[group]
            self.plans[group] = plan

    def _commit_releases(self, answer: Answer) -> None:
        for number, part in enumerate(answer.releases, 1):
            self.keep(release_commitment(answer.want, number, part.quantity, part.ready))

    def _forward(self, commitment: Commitment, *, alone: bool) -> Instant | str:
        """An estimate of the earliest time: as if nothing else were promised, or on top of everything that is."""
        latest = self.book.now
        for group in self.book.groups(commitment):
            plan = Plan(group) if alone else self.live(group) or self.plans.get(group, Plan(group))
            forward = Forward(self.book, plan, holders=self._holders(commitment))
            time = forward.earliest(
                (item, quantity) for item, quantity, _ in commitment.needs if self.book.shop.group_of[item] == group
            )
            if time is None:
                return self._never(forward.blocked)
            latest = max(latest, time)
        return latest

    def _holders(self, commitment: Commitment) -> frozenset[str]:
        """Who has earmarks that a commitment may take."""
        if not self.book.earmarks:
            return frozenset()
        lines = {base_document(document) for _, _, document in commitment.needs}
        return frozenset(lines | {self.book.customers[line] for line in lines if line in self.book.customers})

    def _split(self, want: Want) -> Answer:
        """Everything at the wanted time if it can be; otherwise each quantity when it can."""
        begin = max(want.ship, self.book.now)
        answer = Answer(want)
        found = self.earliest(release_commitment(want, 1, want.quantity, begin), begin)
        if isinstance(found, Found) and found.ship == begin:
            answer.releases.append(Part(want.quantity, begin, found.ready))
            return answer
        left = want.quantity
        if isinstance(found, str):
            answer.reason = found
            left = self._largest(want, answer.releases, left, self.book.now + FAR_DAYS * DAY)
            answer.missing = want.quantity - left
            if not left:
                return answer
            found = self.earliest(release_commitment(want, 1, left, begin), begin)
            if isinstance(found, str):
                answer.reason, answer.missing = found, want.quantity
                return answer
        answer.reason = answer.reason or found.reason
        for time in self._candidates(want, begin, found.ship):
            quantity = self._largest(want, answer.releases, left, time)
            if quantity:
                answer.releases.append(Part(quantity, time, time))
                left -= quantity
            if not left:
                break
        if left:
            rest = self._last(want, answer.releases, left, found.ship) if answer.releases else found
            if rest is None:
                answer.releases = [Part(want.quantity - answer.missing, found.ship, found.ready)]
                return answer
            answer.releases.append(Part(left, rest.ship, rest.ready))
        self._join(answer, begin, found)
        return answer

    @staticmethod
    def _join(answer: Answer, begin: Instant, whole: Found) -> None:
        """One release of all, where parts of it (set up for, or bought, apart) would be later in sum."""
        quantity = answer.want.quantity - answer.missing
        late = sum(part.quantity * (part.ship - begin) for part in answer.releases)
        if late >= quantity * (whole.ship - begin):
            answer.releases = [Part(quantity, whole.ship, whole.ready)]

    def _last(self, want: Want, releases: list[Part], left: Units, last: Instant) -> Found | None:
        """When the rest goes: once the first releases are fixed it may be later or earlier than all together.

        None where it never could: components are rounded up for each release, and may last for one of all only.
        """
        with self._tentative(want, releases):
            rest = release_commitment(want, len(releases) + 1, left, last)
            found = self.earliest(rest, releases[-1].ship)
        return None if isinstance(found, str) else found

    def _largest(self, want: Want, releases: list[Part], most: Units, time: Instant) -> Units:
        """The largest quantity that can go at a time besides the releases already found."""
        with self._tentative(want, releases):
            number = len(releases) + 1
            if self.feasible(release_commitment(want, number, most, time)):
                return most
            low, high = 0, most
            while high - low > 1:
                middle = (low + high) // 2
                if self.feasible(release_commitment(want, number, middle, time)):
                    low = middle
                else:
                    high = middle
            return low

    def _tentative(self, want: Want, releases: list[Part]) -> _Tentative:
        return _Tentative(self, [release_commitment(want, n, p.quantity, p.ready) for n, p in enumerate(releases, 1)])

    def _candidates(self, want: Want, begin: Instant, last: Instant) -> list[Instant]:
        """Times at which more may be there: the wanted one, steps of the item, receipts of what it is made of, and
        when suppliers of limited capacity can have delivered more of that."""
        times = {begin, *want.hints}
        holders = self._holders(release_commitment(want, 1, want.quantity, begin))
        group = self.book.shop.group_of[want.item]
        plan = self.live(group) or self.plans.get(group, Plan(group))
        forward = Forward(self.book, plan, holders=holders)
        times.update(time for time, _ in forward.staircase(want.item))
        for time, path in [*self._receipts_below(want.item, ()), *self._arrivals_below(want.item, (), last)]:
            for code in path:
                time = self._through(code, time, want.quantity)
            times.add(time)
        return sorted(t for t in times if begin <= t < last)[:_MOST_CANDIDATES]

    def _receipts_below(self, code: str, path: tuple[str, ...]) -> list[tuple[Instant, tuple[str, ...]]]:
        """(time, items still to be made from it, the lowest first) of every firm receipt in an item's tree."""
        found = [(max(s.time, self.book.now), path) for s in self.book.firm_supply(code)]
        bom = self.book.shop.plant.boms.get(code) if self.book.shop.makes(code) else None
        for part in bom.components if bom else ():
            found.extend(self._receipts_below(part.item, (code, *path)))
        return found

    def _arrivals_below(
        self, code: str, path: tuple[str, ...], last: Instant
    ) -> Iterator[tuple[Instant, tuple[str, ...]]]:
        """(time, items still to be made from it, the lowest first) of when limited suppliers can have delivered more of
        what is bought in an item's tree."""
        if not self.book.shop.makes(code):
            yield from ((time, path) for time in sorted(Buyer(self.book, (code,)).arrivals(code, last)))
            return
        bom = self.book.shop.plant.boms.get(code)
        for part in bom.components if bom else ():
            yield from self._arrivals_below(part.item, (code, *path), last)

    def _through(self, code: str, time: Instant, quantity: Units) -> Instant:
        return Forward(self.book, Plan(0)).make_from(code, quantity, time)

    def _regroup(self, answers: list[Answer], customer: Customer, most: int | None) -> None:
        """Choose among the times found those few that the customer takes, at the least quantity × lateness."""
        lines = [
            SplitLine(
                tuple(Step(part.ship, part.quantity) for part in answer.releases),
                max(answer.want.ship, self.book.now),
                ceil(answer.want.quantity * Fraction(customer.minimum_release_percent) / 100),
                answer.want.late_cost,
            )
            for answer in answers
        ]
        alone = [answer.releases[-1].ship if answer.releases else 0 for answer in answers]
        chosen, proven = split(lines, most, Fraction(customer.cost_per_shipment), self.book.shop.seed)
        if not proven:
            for answer in answers:
                answer.reason = f"{answer.reason}; {UNPROVEN}"
        for answer in answers:
            for number in range(1, len(answer.releases) + 1):
                self.book.remove(release_key(answer.want, number))
        for answer, releases in zip(answers, chosen, strict=True):
            answer.releases = [Part(step.quantity, step.time, step.time) for step in releases]
        try:
            for answer in answers:
                self._commit_releases(answer)
        except TogetherError:
            self._settle(answers)
            while most is not None and len(_ships(answers)) > most:  # a later time for one may move another
                self._settle(answers, max(_ships(answers)))
        _say_held(answers, alone, customer)

    def _settle(self, answers: list[Answer], begin: Instant = 0) -> None:
        """Where the chosen releases do not fit together after all: each want whole, as early as can be from `begin`."""
        for answer in answers:
            for number in range(1, len(answer.releases) + 2):
                self.book.remove(release_key(answer.want, number))
        for answer in answers:
            quantity = answer.want.quantity - answer.missing
            answer.releases = []
            if not quantity:
                continue
            wanted = max(answer.want.ship, begin)
            found = self.earliest(release_commitment(answer.want, 1, quantity, wanted), wanted)
            answer.releases = [] if isinstance(found, str) else [Part(quantity, found.ship, found.ready)]
            answer.reason = answer.reason or (found if isinstance(found, str) else found.reason)
            self._commit_releases(answer)

    # -- how it is said

    def _whole_reasons(self, wants: Sequence[Want], found: Found, begin: Instant) -> list[str]:
        """Why each line of one shipment goes no earlier: a line that binds it for what it waits for, others for that
        line."""
        if not found.reason or len(wants) == 1:
            waits = f"goes with line {_line_of(max(wants, key=lambda w: w.ship))} of its order, which is wanted later"
            return [found.reason or (waits if w.ship < begin else "") for w in wants]
        binding: dict[str, str] = {}
        for want in wants:
            alone = release_commitment(want, 1, want.quantity, begin)
            if not self.feasible(alone.at(max(begin, found.ready - MINUTE))):
                self.feasible(alone)
                possible = self._forward(alone, alone=True)
                reason = self._why(self.violation, not isinstance(possible, str) and possible <= begin)
                binding[want.document] = reason or found.reason
        if not binding:
            return [found.reason] * len(wants)
        last = next(w for w in wants if w.document in binding)
        held = f"goes in one shipment with line {_line_of(last)}: {binding[last.document]}"
        return [binding.get(w.document, held) for w in wants]

    def _why(self, violation: Violation | None, full: bool) -> str:
        """Why something cannot be had; `full` if it could be were nothing promised before."""
        if violation is None:
            return ""
        zone = self.book.shop.plant.zone
        wanted = iso(violation.time, zone)
        supply = self.book.shop.plant.items[violation.item]
        if violation.earliest is not None:
            learned = self._learned_offers(supply.code, violation.time)
            return f"{supply.code} cannot be bought by {wanted}, earliest {iso(violation.earliest, zone)}{learned}"
        if full and violation.work_centre:
            learned = self._learned_route(supply.code)
            return f"{supply.code} cannot be made by {wanted}: {violation.work_centre} is full until then{learned}"
        if self.book.shop.makes(supply.code):
            learned = self._learned_route(supply.code)
            return f"{supply.code} cannot be made by {wanted}: it would have to start in the past{learned}"
        return self._never([supply.code])

    def _learned_offers(self, item: str, wanted: Instant) -> str:
        """What was learned of suppliers that would be in time by what they offer."""
        offers = (offer for offer in self.book.shop.plant.offers.get(item, ()) if offer.offered is not None)
        said = [said_of(o) for o in offers if o.offered is not None and o.offered.forward(self.book.now) <= wanted]
        return "".join(f"; {each}, by what it has brought" for each in said)

    def _learned_route(self, item: str) -> str:
        said = said_of_route(self.book.shop.plant, item)
        return f"; {said}, by what was reported" if said else ""

    def _never(self, blocked: list[str]) -> str:
        plant = self.book.shop.plant
        return unsuppliable(plant, blocked[0]).text if blocked else "cannot be supplied"

    def _takes_too_many(self, commitment: Commitment) -> bool:
        """Whether a commitment is of more lots than anybody plans; what is no more than a known one is not."""
        for item, quantity, _ in commitment.needs:
            if quantity > self._few.get(item, 0):
                if too_many(self.book.shop.plant, {item: quantity}) is not None:
                    return True
                self._few[item] = quantity
        return False

    def _too_far(self, commitment: Commitment) -> str:
        """Why there is no date within five years."""
        shop, needs = self.book.shop, {item: quantity for item, quantity, _ in commitment.needs}
        found = next(out_of_reach(shop.plant, shop.downtimes, needs, self.book.now), None)
        names = " and ".join(needs)
        return found.text if found else f"{names} cannot be supplied within five years beside what is promised already"


def _line_of(want: Want) -> str:
    """The line that something is wanted for, as its order names it."""
    return readable(base_document(want.document).rpartition("/")[2])


def _say_held(answers: Sequence[Answer], alone: Sequence[Instant], customer: Customer) -> None:
    """What goes later than it could `alone`, for the limits of its customer, says so."""
    lasts = [answer.releases[-1].ship if answer.releases else 0 for answer in answers]
    for answer, last, time in zip(answers, lasts, alone, strict=True):
        if last <= time:
            continue
        others = [o.want for o, when, by in zip(answers, lasts, alone, strict=True) if when == last and by == last]
        held = f"goes with line {_line_of(others[0])}: " if others else ""
        if customer.most_releases is not None:
            held += f"{customer.code} takes at most {count(customer.most_releases, 'release')} of an order"
        else:
            held += f"{customer.code} takes no release under {customer.minimum_release_percent} % of its line"
        answer.reason = f"{answer.reason}; {held}" if answer.reason else held


def _ships(answers: Sequence[Answer]) -> set[Instant]:
    """When anything is shipped."""
    return {part.ship for answer in answers for part in answer.releases}


class _Tentative:
    """Commitments in the book for as long as a `with` block lasts."""

    def __init__(self, promiser: Promiser, commitments: list[Commitment]) -> None:
        self.promiser, self.book, self.commitments = promiser, promiser.book, commitments
        self.plans = dict(promiser.plans)

    def __enter__(self) -> None:
        for commitment in self.commitments:
            self.promiser.take(commitment)

    def __exit__(self, *_: object) -> None:
        for commitment in self.commitments:
            self.book.remove(commitment.key)
        self.promiser.plans.clear()
        self.promiser.plans.update(self.plans)


def release_key(want: Want, number: int) -> str:
    """The document name of the n-th release of a want."""
    if number == 1:
        return want.document
    return want.names[number - 2] if number - 2 < len(want.names) else f"{want.document}#{number}"


def release_commitment(want: Want, number: int, quantity: Units, ship: Instant) -> Commitment:
    """The commitment of the n-th release of a want."""
    key = release_key(want, number)
    return Commitment(key, ship, ((want.item, quantity, key),), want.sequence)
