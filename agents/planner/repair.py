"""When facts change: which promises cannot hold any more, and what is promised instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from agents.planner.adoption import Adoption
from agents.planner.book import Commitment
from agents.planner.covering import item_of
from agents.planner.kept import Message, Missing, Planned, look_at
from agents.planner.live import Live
from agents.planner.placing import LiveOrder
from agents.planner.promise import MOST_RELEASES, Answer, Part, Promiser, Want, release_key
from agents.planner.pushing import push_back, retimed
from agents.planner.regenerate import Making, Plan
from knowledge.instants import DAY, Instant, iso
from knowledge.plant import Customer, SupplyStatus
from knowledge.quantities import Units, show_units
from knowledge.supply import (
    Release,
    Supply,
    WorkOrder,
    base_document,
    line_document,
    readable,
)

_MOST_VISITS = 10
"""How often, on average, a group is looked at where firm work carries what happens over from one to the other."""

_MOST_MOVES = 20
"""How often a firm work order is moved before it is said that nothing can be counted on from it: what it waits for may
wait for it on a machine."""

_LATE_BEFORE = "; late already: "
"""Before what made a promise late that is at risk now."""


class Repair(Adoption):
    """The state, with repairs."""

    __slots__ = ()

    def repair(
        self,
        groups: Iterable[int],
        cause: str,
        document: str,
        ask: Callable[[str], bool] = lambda order: False,
        overdue: Mapping[str, Supply] | None = None,
        needed: Mapping[str, Instant] | None = None,
    ) -> list[str]:
        """Find the promises that cannot hold any more; promise them again for the earliest date, in order of receipt.

        `document` and `cause` say what made it so; where `ask` says so of an order, its promise stays
        and is at risk. `overdue` are commitments known to be broken already, each with the supply that it waits for;
        `needed` says of items that are to blame when they were needed, as far as that is known already. Returns the
        orders concerned.
        """
        groups = sorted(set(groups))
        self.look_at(groups)
        broken: dict[str, Commitment] = {}
        self._needed_for.clear()
        self._needed_for.update(needed or {})
        overdue = overdue or {}
        self._overdue = frozenset(overdue)
        for slipped in (document, *(supply.document for supply in overdue.values())):
            self.journal.drop(self.needed, slipped)  # a need that moves for that is no reason to defer it
            self.advised.pop(self.item_of.get(slipped, ""), None)
        for key in sorted(self._overdue):
            commitment = self.book.find(key)
            if commitment is not None:
                broken[key] = commitment
                self.book.remove(key)
        groups = self._break(groups, broken)
        at_risk = self._at_risk(groups)
        orders: list[str] = []
        for key, commitment in sorted({**at_risk, **broken}.items(), key=lambda c: (c[1].sequence, c[0])):
            late = overdue.get(key)
            why = (cause, document) if late is None else (_is_overdue(late), late.document)
            concerned = self._again(commitment, *why, ask)
            orders.extend(concerned if key in broken else ())
        orders.extend(self._promise_missing(groups))
        moved = (*broken.values(), *at_risk.values())
        self.adopt({*groups, *(g for c in moved for g in self.book.groups(c))})
        return orders

    def _break(self, groups: Sequence[int], broken: dict[str, Commitment]) -> list[int]:
        """Take the commitments that cannot be kept any more out of the book, into `broken`; the groups concerned.

        Firm work that a revision has put apart from its components carries what happens to these over into its own
        group, where something may break of what was looked at before.
        """
        waiting, seen = dict.fromkeys(groups), set[int]()
        visits = _MOST_VISITS * len(self.book.shop.groups)
        while waiting and visits:
            visits -= 1
            group = next(iter(waiting))
            del waiting[group]
            touched: set[int] = set()
            if group not in seen:
                seen.add(group)
                self.look_at((group,))
                self._free_of_turns(group)
                touched |= self._break_in(group, broken)
                touched |= self._feed(group)
            else:
                touched |= self._break_in(group, broken)
            waiting.update(dict.fromkeys(sorted(touched - {group})))
        return sorted(seen)

    def _break_in(self, group: int, broken: dict[str, Commitment]) -> set[int]:
        """The same in one group; the groups in which firm work comes at another time than before."""
        touched: set[int] = set()
        while True:
            touched |= self._settle_firm(group)
            plan = self._checked(group)
            keys = self._roots(plan)
            for violation in plan.violations:
                self._needed_for.setdefault(violation.item, violation.time)
            if not keys:
                return touched
            for key in keys:
                commitment = self.book.find(key)
                assert commitment is not None
                broken[key] = commitment
                self.book.remove(key)

    def _free_of_turns(self, group: int) -> None:
        """Where not everything comes in time in the turns that planned orders were placed in, they do without."""
        if self.live(group) is not None:
            return
        book, group_of = self.book, self.book.shop.group_of
        turns = {key: turn for key, turn in book.turns.items() if group_of.get(item_of(key)) == group}
        if not turns or self._checked(group).feasible:
            return
        for changed in ({}, turns):
            for key in turns:
                book.set_turn(key, changed.get(key, 0))
            self.lives.pop(group, None)
            self.failed.pop(group, None)
            self.checked.pop(group, None)
            if changed or self._checked(group).feasible:
                return

    def repair_overdue(self, ask: Callable[[str], bool]) -> list[str]:
        """Promise again what should have left by now and waits for supply that is overdue; the orders concerned."""
        waiting = self.late_departures()
        if not waiting:
            return []
        first = min(waiting.values(), key=lambda s: (s.time, s.document))
        groups = {group for key in waiting for group in self.book.places[key]}
        return self.repair(groups, _is_overdue(first), first.document, ask, waiting)

    def late_departures(self) -> dict[str, Supply]:
        """Commitments that should have left by now, with the first supply that is overdue of what each waits for.

        What is on the shelf only waits for the carrier.
        """
        waiting: dict[str, Supply] = {}
        for document in self.departures.pop_until(self.now):
            release = self.releases.get(document)
            if release is None or release.shipped or look_at(release, self.looked) >= self.now:
                continue  # it is in the list for another time
            self.departures.push(release, self.now)
            if release.at_risk:
                continue
            waits = [self._open(d, release.item) for d, _ in self.pegs(release.item).of_need().get(document, ())]
            late = [s for s in waits if s is not None and s.status is not SupplyStatus.PLANNED and s.time < self.now]
            key = release.order if release.together else document
            late += [waiting[key]] if key in waiting else []
            if late:
                waiting[key] = min(late, key=lambda s: (s.time, s.document))
        self.looked = self.now
        return waiting

    def _at_risk(self, groups: Iterable[int]) -> dict[str, Commitment]:
        """Commitments of promises at risk, taken back: they may be possible in time again."""
        found: dict[str, Commitment] = {}
        for commitment in (c for group in groups for c in self.book.commitments.get(group, {}).values()):
            releases = (self.releases.get(document) for _, _, document in commitment.needs)
            if any(release is not None and release.at_risk for release in releases):
                found[commitment.key] = commitment
        for key in found:
            self.book.remove(key)
        return found

    def _promise_missing(self, groups: Sequence[int]) -> list[str]:
        """What could not be supplied may be possible now: promised like a new need; the orders that gained."""
        group_of, gained = self.book.shop.group_of, []
        for planned in sorted((self.orders[order] for order in self.short), key=lambda p: p.facts.sequence):
            order = planned.facts.order
            customer = self.plant.customer(planned.facts.customer)
            if customer is None or not customer.partial_shipments or not planned.missing:
                continue
            left = []
            for missing in planned.missing:
                possible = missing.supply and group_of.get(missing.item) in groups
                rest = self._promise_again(planned, customer, missing) if possible else missing
                left.extend([rest] if rest else [])
            if tuple(left) != planned.missing:
                self._set_order(replace(planned, missing=tuple(left)))
                gained.append(order)
        return gained

    def _promise_again(self, planned: Planned, customer: Customer, missing: Missing) -> Missing | None:
        """Promise a missing part; what is still missing of it."""
        facts, transit = planned.facts, int(customer.transit_days * DAY)
        ship = self.now if missing.requested is None else max(self.now, missing.requested - transit)
        line = line_document(facts.source, facts.number, missing.line)
        self.know_line(line, missing.item, facts.customer, custom=missing.classified_as == "custom")
        document = self._free_name(line)
        want = Want(document, missing.item, missing.quantity, ship, facts.sequence)
        answer = Promiser(self.book, self.plans, self.live).parts([want], replace(customer, most_releases=None))[0]
        for number, part in enumerate(answer.releases, 1):
            delivery = part.ship + transit
            late = missing.requested is not None and delivery > missing.requested
            self._set_release(
                Release(
                    release_key(want, number),
                    facts.order,
                    missing.line,
                    missing.item,
                    part.quantity,
                    part.ship,
                    missing.requested if missing.requested is not None and not late else delivery,
                    missing.requested,
                    facts.sequence,
                    facts.customer,
                    transit,
                    custom=missing.classified_as == "custom",
                    reason=missing.reason if late else "",
                    ready=part.ready,
                )
            )
        return replace(missing, quantity=answer.missing) if answer.missing else None

    def _roots(self, plan: Plan | Live) -> list[str]:
        """The commitments that violations go back to, releases before firm work orders."""
        if not plan.violations:
            return []
        makings: dict[str, Making | LiveOrder] = {m.document: m for ms in plan.making.values() for m in ms}
        keys: dict[str, None] = {}
        for violation in plan.violations:
            document = violation.document
            while document in makings:
                document = makings[document].cause
            key = self._commitment_key(document)
            if key is not None:
                keys[key] = None
        return list(keys)

    def _commitment_key(self, document: str) -> str | None:
        if self.book.find(document) is not None:
            return document
        release = self.releases.get(document)
        if release is not None and self.book.find(release.order) is not None:
            return release.order
        return None

    def _feed(self, group: int) -> set[int]:
        """Count again on what starves, at once or when its components can be there, where nothing is late for it; the
        groups in which it is counted on again."""
        touched: set[int] = set()
        items = self.book.shop.groups[group]
        starved = [order for order in self.book.firm_work_orders(items) if order.starved]
        for order in sorted(starved, key=lambda order: (order.start, order.document)):
            before = list(self.book.firm_work_orders(items))
            self.set_firm(replace(order, starved=False))
            fed = self._checked(group).feasible
            if fed or self._fed_later(order, group):
                self._withdraw(_starves(order))
                touched |= self.book.shop.groups_of(order)
            else:
                self._firm_as_before(before)
        return touched

    def _firm_as_before(self, orders: Iterable[WorkOrder]) -> None:
        for order in orders:
            if self.find_supply(order.document) is not order:
                self.set_firm(order)

    def _fed_later(self, order: WorkOrder, group: int) -> bool:
        """Whether everything comes in time where work begins when its components can be there."""
        commitment = self.book.find(order.document)
        if commitment is None:
            return False
        self.book.remove(commitment.key)
        found = Promiser(self.book, self.plans, self.live).earliest(commitment, commitment.time)
        if isinstance(found, str):
            return False
        self.set_firm(retimed(self, replace(order, starved=False), found.ship))
        push_back(self, self.book.firm_work_orders(self.book.shop.groups[group]))
        return self._checked(group).feasible

    def _settle_firm(self, group: int) -> set[int]:
        """Firm work orders whose components cannot be there in time start, and finish, later, or starve; the groups in
        which they do."""
        touched: set[int] = set()
        moves = Counter[str]()
        while True:
            plan = self._checked(group)
            late = [k for k in self._roots(plan) if k not in self.releases and k not in self.orders]
            if not late:
                return touched
            commitment = self.book.find(late[0])
            assert commitment is not None
            self.book.remove(commitment.key)
            supply = self.find_supply(commitment.key)
            found = Promiser(self.book, self.plans, self.live).earliest(commitment, commitment.time)
            assert isinstance(supply, WorkOrder)
            touched |= self.book.shop.groups_of(supply)
            moves[supply.document] += 1
            if isinstance(found, str) or moves[supply.document] > _MOST_MOVES:
                self._starve(supply, found if isinstance(found, str) else found.reason)
                continue
            self.set_firm(retimed(self, supply, found.ship))
            push_back(self, self.book.firm_work_orders(self.book.shop.groups[self.book.shop.group_of[supply.item]]))

    def _starve(self, order: WorkOrder, reason: str) -> None:
        """Firm work waits for components that nobody can supply: nothing is counted on from it until they can."""
        self.set_firm(replace(order, starved=True))
        key = _starves(order)
        message = Message(key, "expedite", order.document, order.item, order.quantity, order.start, reason)
        self.journal.set(self.messages, key, message)

    def _again(self, commitment: Commitment, cause: str, document: str, ask: Callable[[str], bool]) -> list[str]:
        """Promise a broken commitment anew."""
        documents = [doc for _, _, doc in commitment.needs if doc in self.releases]
        if not documents:
            return []
        first = self.releases[documents[0]]
        customer = replace(
            self.plant.customer(first.customer) or Customer(first.customer),
            most_releases=None,
            minimum_release_percent=Decimal(0),
        )
        asked = ask(first.order)
        olds = [self.releases[d] for d in documents]
        promiser = Promiser(self.book, self.plans, self.live)
        if first.together:
            answers = promiser.whole(commitment.key, [want_again(old) for old in olds])
        else:
            # parts do not get the names that the line's other releases have
            names = [self._free_names(old.document, MOST_RELEASES) for old in olds]
            wants = [replace(want_again(old), names=free) for old, free in zip(olds, names, strict=True)]
            answers = promiser.parts(wants, customer)
        for old, answer in zip(olds, answers, strict=True):
            self._replace_release(old, answer, cause, document, asked)
        return [first.order]

    def _replace_release(self, old: Release, answer: Answer, cause: str, document: str, ask: bool) -> None:
        zone = self.plant.zone
        ask = ask and not old.held  # nobody was told of it yet
        self._forget_release(old)
        # what has no part in overdue supply only waits for the carrier, if it should have left by now
        waits = {old.document, old.order}.isdisjoint(self._overdue)
        later: list[Part] = []
        for number, part in enumerate(answer.releases, 1):
            quantity, ship, ready = part
            late = old.promised is None or ship + old.transit > (max(old.promised, self.now) if waits else old.promised)
            promised = ship + old.transit if late and not ask else old.promised
            no_worse = old.at_risk and ship <= old.ship  # known already, and for another reason
            told = late and not old.held and not no_worse
            reason = f"{cause}: promised {iso(old.promised or ship, zone)}" if told else old.reason
            if late and old.held:
                reason = answer.reason or cause  # nobody was told of an earlier date
            if told and ask:
                reason += f"{_LATE_BEFORE}{was}" if (was := _why_late_before(old)) else ""
            if old.at_risk and not late:
                reason = _why_late_before(old)  # it is in time again
            new = replace(
                old,
                document=release_key(answer.want, number),
                overdue=ship <= self.now,
                quantity=quantity,
                ship=ship,
                ready=ready,
                promised=promised,
                at_risk=late and ask,
                reason=reason,
            )
            self._set_release(new)
            if told:
                later.append(part)
        if answer.missing:
            planned = self.orders[old.order]
            names = {c.line: c.classified_as for c in planned.classes}
            lost = Missing(
                old.line, old.item, names.get(old.line, ""), answer.missing, old.requested, f"{cause}: {answer.reason}"
            )
            self._set_order(replace(planned, missing=(*planned.missing, lost)))
        if later or answer.missing:
            reason = f"{cause}; {self._became(old, later, answer.missing)}"
            self.slipped(old, document, reason, self._needed_for)

    def _became(self, old: Release, later: Sequence[Part], missing: Units) -> str:
        """What has become of a promise: parts of it that come later, and what of it never comes."""
        zone, decimals = self.plant.zone, self.plant.items[old.item].decimals
        was = f"{readable(base_document(old.document))} was promised for {iso(old.promised or old.ship, zone)}"
        if missing == old.quantity:
            return f"{was} and cannot be supplied any more"
        if not missing and len(later) == 1 and later[0].quantity == old.quantity:
            return f"{was}, now {iso(later[0].ship + old.transit, zone)}"
        parts = [f"{show_units(p.quantity, decimals)} now for {iso(p.ship + old.transit, zone)}" for p in later]
        if missing:
            parts.append(f"{show_units(missing, decimals)} cannot be supplied any more")
        return f"{was}; of {show_units(old.quantity, decimals)}, {', '.join(parts)}"

    def _free_name(self, document: str) -> str:
        return self._free_names(document, 1)[0]

    def _free_names(self, document: str, most: int) -> tuple[str, ...]:
        """The first names after a release's that no release has."""
        base, _, number = document.partition("#")
        index = int(number.partition("#")[0] or 1)
        found: list[str] = []
        while len(found) < most:
            index += 1
            name = f"{base}#{index}"
            if name not in self.releases and self.book.find(name) is None:
                found.append(name)
        return tuple(found)


def _starves(order: WorkOrder) -> str:
    """The key of the message that firm work starves."""
    return f"starved {order.document}"


def _is_overdue(supply: Supply) -> str:
    return f"{readable(supply.document)} for {supply.item} is overdue"


def want_again(old: Release) -> Want:
    """A release wanted anew: for when it was promised, whatever it is planned for now."""
    ship = old.ship if old.promised is None else old.promised - old.transit
    return Want(old.document, old.item, old.quantity, ship, old.sequence)


def _why_late_before(old: Release) -> str:
    """Why a promise was late before it was at risk; nothing where it was in time."""
    if old.promised is None or old.requested is None or old.promised <= old.requested:
        return ""
    return old.reason.partition(_LATE_BEFORE)[2] if old.at_risk else old.reason
