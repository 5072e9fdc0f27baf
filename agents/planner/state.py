"""The planner's decisions, apart from any message: orders and changes of orders in, a new plan out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agents.planner.book import Commitment
from agents.planner.issuing import Issuing
from agents.planner.kept import Missing, Planned
from agents.planner.promise import Answer, Promiser, Want, release_key
from agents.planner.release_split import late_cost
from knowledge.instants import DAY, Instant, iso
from knowledge.plant import Customer
from knowledge.quantities import Units
from knowledge.supply import (
    Release,
    base_document,
    line_document,
)
from protocols.orders import LineClass, LineFacts, OrderFacts
from protocols.supplying import Alternative, AlternativeRelease

_IMPROVED = "moved forward by improving the plan: it was promised for "


class State(Issuing):
    """All that the planner knows, and all that it can decide."""

    __slots__ = ()

    def plan_order(self, facts: OrderFacts, classes: Sequence[LineClass]) -> None:
        """Promise an order, or promise it anew where its lines have changed."""
        before = self.orders.get(facts.order)
        self.look_at(self._groups(facts))
        hints = self._ship_times(facts.order)
        kept = self._take_back(facts, before)
        customer = self.plant.customer(facts.customer) or Customer(facts.customer)
        names = {c.line: c.classified_as for c in classes}
        self._know_lines(facts, names)
        missing = [m for m in (before.missing if before else ()) if m.line in kept]
        wants = self._wants(facts, customer, kept, hints)
        promiser = Promiser(self.book, self.plans, self.live)
        if customer.partial_shipments:
            used = len({self.releases[d].ship for d in self._documents(facts.order)})
            answers = promiser.parts([want for want, _, _ in wants], customer, used)
        else:
            answers = promiser.whole(facts.order, [want for want, _, _ in wants]) if wants else []
        for answer, (_, line, requested) in zip(answers, wants, strict=True):
            self._record(facts, customer, line, requested, answer, names[line.line])
            if answer.missing:
                missing.append(
                    Missing(line.line, str(line.item), names[line.line], answer.missing, requested, answer.reason)
                )
        pending = before.pending if before else ()
        self._set_order(Planned(facts, tuple(classes), tuple(missing), pending))
        self.adopt(self._groups(facts) | (self._groups(before.facts) if before is not None else set()))
        if before is not None:
            for document in self._documents(facts.order):
                self.hurry(self.releases[document])

    def _know_lines(self, facts: OrderFacts, names: dict[str, str]) -> None:
        """Note which lines are custom, and whose they are."""
        for line in facts.lines:
            if line.item is not None:
                document = line_document(facts.source, facts.number, line.line)
                self.know_line(document, line.item, facts.customer, custom=names[line.line] == "custom")

    def _take_back(self, facts: OrderFacts, before: Planned | None) -> set[str]:
        """Let go of the lines that have changed; the lines that stay as they were promised."""
        if before is None:
            return set()
        customer = self.plant.customer(facts.customer) or Customer(facts.customer)
        old = {line.line: line for line in before.facts.lines}
        same = {
            line.line
            for line in facts.lines
            if (earlier := old.get(line.line)) and earlier.wants == line.wants and earlier.item == line.item
        }
        if not customer.partial_shipments and len(same) < max(len(facts.lines), len(old)):
            same = set()
        for document in self._documents(facts.order):
            release = self.releases[document]
            if release.line not in same:
                self._drop_release(document)
                self.settle_line(document)
        if not same:
            self.book.remove(facts.order)
        return same

    def _shipped(self, order: str, line: str) -> Units:
        """What of a line has left already."""
        releases = (self.releases[d] for d in self.by_order.get(order, ()))
        return sum(r.quantity for r in releases if r.shipped and r.line == line)

    def _ship_times(self, order: str) -> dict[str, tuple[Instant, ...]]:
        """When each line of an order was to go so far."""
        times: dict[str, tuple[Instant, ...]] = {}
        for document in self._documents(order):
            release = self.releases[document]
            times[release.line] = (*times.get(release.line, ()), release.ship)
        return times

    def _wants(
        self, facts: OrderFacts, customer: Customer, kept: set[str], hints: dict[str, tuple[Instant, ...]]
    ) -> list[tuple[Want, LineFacts, Instant | None]]:
        transit = int(customer.transit_days * DAY)
        wants = []
        for line in facts.lines:
            if line.line in kept or line.item is None:
                continue
            document = line_document(facts.source, facts.number, line.line)
            gone = self._shipped(facts.order, line.line)
            left = any(base_document(other) == document for other in self.by_order.get(facts.order, ()))
            for index, (asked, requested) in enumerate(line.wants, 1):
                quantity = max(0, asked - gone)
                gone -= asked - quantity
                if not quantity:
                    continue
                name = self._free_name(document) if left else document  # parts are named after it, too
                name = name if index == 1 else f"{document}#{index}00"
                ship = self.now if requested is None else max(requested - transit, self.now)
                cost = late_cost(self.plant, customer, line.item, facts.currency, line.unit_price)
                want = Want(name, line.item, quantity, ship, facts.sequence, hints.get(line.line, ()), cost)
                wants.append((want, line, requested))
        return wants

    def _record(
        self,
        facts: OrderFacts,
        customer: Customer,
        line: LineFacts,
        requested: Instant | None,
        answer: Answer,
        classified_as: str,
    ) -> None:
        """Keep the releases that were promised of a want."""
        transit = int(customer.transit_days * DAY)
        for number, (quantity, ship, ready) in enumerate(answer.releases, 1):
            document = release_key(answer.want, number)
            delivery = ship + transit
            late = requested is not None and delivery > requested
            release = Release(
                document,
                facts.order,
                line.line,
                answer.want.item,
                quantity,
                ship,
                requested if requested is not None and not late else delivery,
                requested,
                facts.sequence,
                facts.customer,
                transit,
                custom=classified_as == "custom",
                together=not customer.partial_shipments,
                reason=self._why_late(requested, ship, transit, answer.reason) if late else "",
                ready=ready,
            )
            self._set_release(release)

    def _why_late(self, requested: Instant | None, ship: Instant, transit: int, reason: str) -> str:
        """Why a release comes late: what goes at once is late only because it was asked for too late."""
        if requested is None or requested - transit >= self.now or (reason and ship > self.now):
            return reason
        return f"asked for too late: it would have to have left by {iso(requested - transit, self.plant.zone)}"

    def cancel(self, order: str) -> None:
        """Take an order out of the plan."""
        planned = self.orders.get(order)
        if planned is None:
            return
        for document in self._documents(order):
            self._drop_release(document)
            self.settle_line(document)
        self.book.remove(order)
        self._drop_order(order)
        self.adopt(self._groups(planned.facts))

    def reject(self, order: str, reason: str) -> None:
        """A manager does not want the order as promised: everything of it becomes infeasible, with the reason."""
        planned = self.orders[order]
        names = {c.line: c.classified_as for c in planned.classes}
        missing = list(planned.missing)
        for document in self._documents(order):
            r = self.releases[document]
            kind = names.get(r.line, "")
            missing.append(Missing(r.line, r.item, kind, r.quantity, r.requested, reason, supply=False))
            self._drop_release(document)
        self.book.remove(order)
        self._set_order(replace(planned, missing=tuple(missing), pending=()))
        self.adopt(self._groups(planned.facts))

    def refuse(self, facts: OrderFacts, classes: Sequence[LineClass], reason: str) -> None:
        """Nothing of a new order can be planned."""
        names = {c.line: c.classified_as for c in classes}
        missing = [
            Missing(line.line, line.item, names[line.line], units, requested, reason, supply=False)
            for line in facts.lines
            for units, requested in line.wants
            if line.item is not None
        ]
        self._set_order(Planned(facts, tuple(classes), tuple(missing)))

    def approve(self, order: str, subject: str) -> None:
        """One of the decisions that an order waits for is made; the last one lets it go on."""
        planned = self.orders[order]
        pending = tuple(p for p in planned.pending if p != subject)
        self._set_order(replace(planned, pending=pending))
        if not pending:
            for document in self._documents(order):
                self._set_release(replace(self.releases[document], held=False))

    def hold(self, order: str, subjects: Sequence[str]) -> None:
        """The order waits for these decisions."""
        planned = self.orders[order]
        self._set_order(replace(planned, pending=(*planned.pending, *subjects)))
        for document in self._documents(order):
            self._set_release(replace(self.releases[document], held=True))

    def settle(self, order: str) -> None:
        """A promise at risk is made anew for the date that it is planned for."""
        for document in self._documents(order):
            release = self.releases[document]
            if release.at_risk:
                self._set_release(replace(release, at_risk=False, promised=release.delivery))

    def promise_earlier(self, key: str, ship: Instant, ready: Instant) -> None:
        """A commitment that was promised late can go at `ship`, with supply for `ready`: it is promised for then."""
        commitment = self.book.find(key)
        assert commitment is not None
        if commitment.time != ready:
            self.book.add(commitment.at(ready))
        for _, _, document in commitment.needs:
            old = self.releases[document]
            delivery = ship + old.transit
            on_time = old.requested is not None and delivery <= old.requested
            late, _, was = old.reason.partition(_IMPROVED)
            late = late.removesuffix("; ")
            was = was or iso(old.delivery if old.promised is None else old.promised, self.plant.zone)
            reason = f"{_IMPROVED}{was}" if on_time or not late else f"{late}; {_IMPROVED}{was}"
            promised = old.requested if on_time else delivery
            self._set_release(replace(old, ship=ship, ready=ready, promised=promised, overdue=False, reason=reason))
            self.settle_line(document)

    def ship(self, document: str) -> None:
        """A release has left: it is nobody's need any more."""
        release = self.releases[document]
        commitment = self.book.find(release.order) if release.together else None
        self.take_own(release)
        self.book.remove(document)
        self._set_release(replace(release, shipped=True))
        if not any(self.releases[other].line == release.line for other in self._documents(release.order)):
            self.settle_line(document)
        if commitment is not None:
            needs = tuple(n for n in commitment.needs if n[2] != document)
            self.book.remove(commitment.key)
            if needs:
                self.book.add(replace(commitment, needs=needs))

    def restore_release(self, release: Release) -> None:
        """Take a release from the records; when it is to leave is noted for all of them together."""
        document = release.document
        self.know_line(base_document(document), release.item, release.customer, custom=release.custom)
        self.releases[document] = release
        self.by_order.setdefault(release.order, {})[document] = None
        if release.shipped:
            return
        need = release.item, release.quantity, document
        if not release.together:
            self.book.restore(Commitment(document, release.ready, (need,), release.sequence))
            return
        before = self.book.find(release.order)
        needs = (*before.needs, need) if before else (need,)
        self.book.restore(Commitment(release.order, release.ready, needs, release.sequence))

    def choose(self, order: str, chosen: Alternative, by: str) -> None:
        """Plan the answer that a person chose: each release for its time, or as early after it as is possible now.

        It takes the place of what was planned and has not left. What cannot be met any more is said to be missing.
        """
        planned = self.orders[order]
        facts = planned.facts
        olds = [self.releases[document] for document in self._documents(order)]
        if sorted(map(_place, olds)) == sorted(map(_place, chosen.releases)):
            return
        for old in olds:
            self._drop_release(old.document)
            self.settle_line(old.document)
        self.book.remove(order)
        customer = self.plant.customer(facts.customer) or Customer(facts.customer)
        lines = {line.line: line for line in facts.lines}
        parts = [part for part in chosen.releases if part.line in lines]
        wants = self._chosen_wants(facts, parts)
        promiser = Promiser(self.book, self.plans, self.live)
        if customer.partial_shipments:
            whole = replace(customer, most_releases=None, minimum_release_percent=Decimal(0))
            answers = promiser.parts(wants, whole)
        else:
            answers = promiser.whole(order, wants)
        kinds = {c.line: c.classified_as for c in planned.classes}
        missing = list(planned.missing)
        for answer, part in zip(answers, parts, strict=True):
            if answer.missing:
                kind = kinds.get(part.line, "")
                missing.append(Missing(part.line, part.item, kind, answer.missing, part.requested, answer.reason))
            answer.reason = f"{', '.join(chosen.labels)}, chosen by {by}"
            self._record(facts, customer, lines[part.line], part.requested, answer, kinds.get(part.line, ""))
        self.adopt(self._groups(facts))
        known = {base_document(supply.document) for supply in self._open_supply()}
        pending = tuple(subject for subject in planned.pending if subject == order or subject in known)
        self._set_order(replace(planned, missing=tuple(missing), pending=pending))
        for document in self._documents(order) if any(old.held for old in olds) else ():
            self._set_release(replace(self.releases[document], held=True))

    def _chosen_wants(self, facts: OrderFacts, parts: Sequence[AlternativeRelease]) -> list[Want]:
        """Chosen releases, each wanted for when it goes."""
        wants: dict[str, Want] = {}
        for number, part in enumerate(parts, 1):
            name = line_document(facts.source, facts.number, part.line)
            if name in wants or name in self.releases:
                name = self._free_name(f"{name}#{number}00")
            wants[name] = Want(name, part.item, part.quantity, max(part.ship, self.now), facts.sequence)
        return list(wants.values())


def _place(release: Release | AlternativeRelease) -> tuple[str, Units, Instant]:
    return release.line, release.quantity, release.ship
