"""Explaining a document: an order or a line of it, a work order, a purchase order, a shipping order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from knowledge.auditor import Books, Row
from knowledge.explanation.causes import Candidate, Finder
from knowledge.explanation.cures import Healer
from knowledge.explanation.early import Course
from knowledge.explanation.names import Named, find
from knowledge.explanation.network import Network
from knowledge.explanation.splitting import Splitter
from knowledge.explanation.standing import approval_causes, standing_causes
from knowledge.explanation.trees import Trees
from knowledge.explanation.values import (
    MATERIAL,
    Cause,
    CauseKind,
    Cure,
    CureKind,
    DocumentKind,
    Explanation,
    LineAnswer,
    Part,
    PartState,
    Slack,
    SupplyAnswer,
)
from knowledge.instants import DAY, HOUR, MINUTE, Instant
from knowledge.learning import said_of, said_of_route
from knowledge.plant import Customer
from knowledge.quantities import Units, from_units, parse_decimal, to_units
from knowledge.supply import (
    PurchaseRow,
    Release,
    Supply,
    WorkOrder,
    base_document,
    encode,
)

_PLANNED = ("promised", "at_risk", "awaiting_approval")
_MOST_JUDGED = 20


def explain(books: Books, name: str) -> Explanation:
    """Everything about a document. Raises UnknownDocumentError where the records have none of that name."""
    return explainer(books)(name)


def explainer(books: Books) -> Callable[[str], Explanation]:
    """The same for one document after the other of the same books."""
    network = Network(books)
    return lambda name: _Explainer(network).explain(name)


@dataclass
class _Explainer:
    network: Network
    _finders: dict[str, Finder] = field(default_factory=dict)

    def explain(self, name: str) -> Explanation:
        named = find(self.network, name)
        if named.kind in (DocumentKind.WORK_ORDER, DocumentKind.PURCHASE_ORDER):
            return self._supply(named)
        if named.kind is DocumentKind.SHIPPING_ORDER:
            return self._shipment(named)
        return self._lines(named)

    def _trees(self) -> Trees:
        return Trees(self.network, lambda release: (state_of(release), release.delivery))

    def _finder(self, release: Release) -> Finder:
        found = self._finders.get(release.document)
        if found is None:
            found = self._finders[release.document] = Finder.of(self.network, release)
        return found

    # -- orders and lines

    def _lines(self, named: Named) -> Explanation:
        rows: dict[str, list[Row]] = {}
        for row in sorted(self.network.books.promises, key=_in_order):
            line = self.network.line_of(row)
            if named.document in (line, row["order"]):
                rows.setdefault(line, []).append(row)
        trees = self._trees()
        lines = tuple(self._line(line, found, trees) for line, found in rows.items())
        return Explanation(named.document, named.kind, self.network.now, lines)

    def _line(self, line: str, rows: Sequence[Row], trees: Trees) -> LineAnswer:
        order = self.network.orders[rows[0]["order"]]
        releases = self.network.of_line.get(line, [])
        parts = [self._release(release, trees) for release in releases]
        parts.extend(self._standing(row, releases) for row in rows if not (releases and row["status"] in _PLANNED))
        return LineAnswer(line, rows[0]["item"], order["customer"], tuple(parts))

    def _standing(self, row: Row, releases: Sequence[Release]) -> Part:
        """A part that is not planned."""
        item = self.network.plant.items.get(row["item"])
        quantity = parse_decimal(row["quantity"])
        units = _units(quantity, item.decimals) if item else None
        state = PartState(row["status"]) if row["status"] not in _PLANNED[:2] else PartState.ON_TIME
        cures: tuple[Cure, ...] = ()
        if state is PartState.INFEASIBLE and releases:
            promised = sum(release.quantity for release in releases)
            delivery = max(release.delivery for release in releases)
            cures = (Cure(CureKind.REDUCE, item=row["item"], quantity=promised, delivery=delivery),)
        causes = standing_causes(self.network, row)
        return Part(
            row["item"],
            units,
            quantity,
            state,
            row["requested"],
            row["promised"],
            reason=row["reason"],
            causes=causes,
            cures=cures,
        )

    def _release(self, release: Release, trees: Trees) -> Part:
        """A part that is planned, with its tree."""
        state = state_of(release)
        causes: tuple[Cause, ...] = ()
        cures: tuple[Cure, ...] = ()
        slack, rest = None, None
        if not release.shipped:
            finder = self._finder(release)
            causes = (*self._people(release), *self._causes(finder))
            cures = tuple(self._cures(finder, causes))
            slack = self._slack(finder) if not causes or state is PartState.ON_TIME else None
            rest = _rest(release, causes)
        trees.binding = frozenset(document for cause in causes for document in cause.documents)
        item = self.network.plant.items[release.item]
        return Part(
            release.item,
            release.quantity,
            from_units(release.quantity, item.decimals),
            state,
            release.requested,
            None if release.held else release.promised,
            release.delivery,
            release.ship,
            self.network.decided(release),
            release.reason,
            causes,
            cures,
            rest,
            slack,
            trees.waits_for(release.document),
        )

    def _people(self, release: Release) -> Iterator[Cause]:
        if release.held or release.at_risk:
            yield from approval_causes(self.network, release.order, release.line, release.delivery)

    def _causes(self, finder: Finder) -> tuple[Cause, ...]:
        """Why a release goes later than it is wanted; where it is wanted at no time, why not at once."""
        release = finder.release
        wished = finder.wanted is None or finder.wanted >= finder.course.begin
        if wished and release.ship <= finder.goal + (MINUTE if finder.wanted is None else 0):
            return ()
        candidates = finder.candidates()
        together = list(self._together(finder))
        causes = (*together, *Healer(finder, candidates).causes())
        if causes or finder.wanted is None:
            return causes
        return (Cause(CauseKind.SAID, earliest=finder.first.time + release.transit, text=release.reason),)

    def _together(self, finder: Finder) -> Iterator[Cause]:
        """Another line that holds the one shipment of the order."""
        release = finder.release
        if not release.together:
            return
        mates = [
            self._finder(other)
            for other in self.network.books.releases
            if other.order == release.order and other.together and not other.shipped and other is not release
        ]
        last = max(mates, key=lambda mate: (_soonest(mate), mate.release.document), default=None)
        if last is None or _soonest(last) <= max(finder.first.time, finder.goal) + MINUTE:
            return
        alone = max(Course(self.network, release, self.network.now).run().time, finder.wanted or 0)
        delivery = alone + release.transit
        cures: tuple[Cure, ...] = ()
        if alone < release.ship:
            on_time = finder.wanted is not None and alone <= finder.wanted
            cures = (Cure(CureKind.SHIP_APART, release.line, delivery=delivery, on_time=on_time),)
        yield Cause(
            CauseKind.TOGETHER,
            line=last.release.line,
            item=last.release.item,
            text="wanted" if last.first.time < last.goal else "",
            earliest=_soonest(last) + release.transit,
            without=max(finder.first.time, finder.goal) + release.transit,
            cures=cures,
        )

    def _cures(self, finder: Finder, causes: Sequence[Cause]) -> Iterator[Cure]:
        """What helps the whole part: taking a part of it in time, or the later date."""
        release = finder.release
        asked = any(cause.kind is CauseKind.APPROVAL for cause in causes)
        if state_of(release) is PartState.AT_RISK and not asked:
            yield Cure(CureKind.ACCEPT, release.document, delivery=release.delivery)
        yield from self._split(finder, causes)
        if state_of(release) is PartState.LATE:
            yield self._later(release)

    def _split(self, finder: Finder, causes: Sequence[Cause]) -> Iterator[Cure]:
        """What could go in time, where the customer would take it apart from the rest."""
        release = finder.release
        binding = [cause for cause in causes if not cause.by_now]
        kinds = {cause.kind for cause in binding} - {CauseKind.APPROVAL, CauseKind.TOGETHER}
        customer = self.network.plant.customer(release.customer) or Customer(release.customer)
        limited = not customer.partial_shipments or customer.most_releases is not None
        limited = limited or customer.minimum_release_percent > 0
        if not limited or not kinds or not kinds <= MATERIAL or finder.wanted is None:
            return
        late = frozenset(document for cause in binding for document in cause.documents)
        units = Splitter(self.network, late).in_time(release, finder.wanted)
        if 0 < units < release.quantity:
            delivery = finder.wanted + release.transit
            yield Cure(CureKind.SPLIT, release.document, release.item, units, delivery=delivery, on_time=True)

    def _later(self, release: Release) -> Cure:
        """The customer agrees to the date that was promised; with what the delay costs, where that was agreed on."""
        promised, requested = release.promised or release.delivery, release.requested or release.delivery
        customer = self.network.plant.customer(release.customer) or Customer(release.customer)
        price, percent = self.network.unit_price(release), customer.late_cost_per_day_percent
        cost: Decimal | None = None
        if percent and price is not None:
            days = -(-(promised - requested) // DAY)
            decimals = self.network.plant.items[release.item].decimals
            cost = from_units(release.quantity, decimals) * price * percent * days / 100
        late = promised - requested
        return Cure(CureKind.LATER, release.document, seconds=late, delivery=promised, cost=cost)

    def _slack(self, finder: Finder) -> Slack | None:
        """How much later the tightest place could be, from now on."""
        release = finder.release
        today = Course(self.network, release, self.network.now)
        found = today.run()
        seconds = release.ship - found.time
        path = found.path()
        if not path:
            short = bool(self.network.short(release.document)) or not today.shares
            return None if short else Slack(seconds)
        supply = self.network.supplies[path[-1]]
        return Slack(seconds, supply, today.stands(supply))

    # -- supply

    def _supply(self, named: Named) -> Explanation:
        found = [
            supply
            for document, supply in self.network.every_supply.items()
            if named.document in (document, encode(supply.number))
        ]
        answers = tuple(self._answer(supply) for supply in sorted(found, key=_by_row))
        statuses = {supply.status.value for supply in found}
        status = statuses.pop() if len(statuses) == 1 else ""
        return Explanation(named.document, named.kind, self.network.now, supplies=answers, status=status)

    def _answer(self, supply: Supply) -> SupplyAnswer:
        down, up = self._trees(), self._trees()
        up.binding = frozenset(self._bound(supply))
        twigs = down.waits_for(supply.document) if isinstance(supply, WorkOrder) else ()
        answer = SupplyAnswer(supply, self.network.overdue(supply), up.serves(supply.document), twigs)
        plant, books = self.network.plant, self.network.books
        if not isinstance(supply, PurchaseRow):
            return replace(answer, learned=said_of_route(plant, supply.item))
        offers = (o for o in plant.offers.get(supply.item, ()) if o.supplier == supply.supplier)
        answer = replace(answer, learned=next(map(said_of, offers), ""))
        award, record = books.awards.get((supply.number, supply.row)), books.punctuality.get(supply.supplier)
        return replace(answer, award=award, record=record)

    def _bound(self, supply: Supply) -> Iterator[str]:
        """The releases that would go earlier if this supply came earlier."""
        judged = 0
        for line in self.network.lines_for([share.need for share in self.network.served(supply.document)]):
            for release in self.network.of_line.get(line, ()):
                late = state_of(release) in (PartState.LATE, PartState.AT_RISK, PartState.AWAITING_APPROVAL)
                if not late or judged >= _MOST_JUDGED:
                    continue
                judged += 1
                finder = self._finder(release)
                if release.ship > finder.goal and _names(finder.candidates(), supply.document):
                    yield release.document

    # -- shipments

    def _shipment(self, named: Named) -> Explanation:
        rows = [row for row in self.network.books.shipping if encode(row["shipping_order"]) == named.document]
        trees = self._trees()
        lines = []
        for row in sorted(rows, key=lambda r: r["line"]):
            release = self.network.releases.get(row["line"])
            part = self._release(release, trees) if release else self._gone(row)
            if release and row["status"] == "cancelled":
                part = replace(part, state=PartState.CANCELLED)
            lines.append(LineAnswer(base_document(row["line"]), row["item"], row["customer"], (part,)))
        status = rows[0]["status"] if rows else ""
        return Explanation(named.document, named.kind, self.network.now, tuple(lines), status=status)

    def _gone(self, row: Row) -> Part:
        """A line of a shipment whose release is not planned any more."""
        item = self.network.plant.items.get(row["item"])
        quantity = from_units(row["quantity"], item.decimals if item else 0)
        state = PartState.CANCELLED if row["status"] == "cancelled" else PartState.SHIPPED
        return Part(row["item"], row["quantity"], quantity, state, None, None, ship=row["ship"])


def state_of(release: Release) -> PartState:
    """How a release stands."""
    if release.shipped:
        return PartState.SHIPPED
    if release.held:
        return PartState.AWAITING_APPROVAL
    if release.at_risk:
        return PartState.AT_RISK
    late = release.requested is not None and (release.promised or release.delivery) > release.requested
    return PartState.LATE if late else PartState.ON_TIME


def _soonest(finder: Finder) -> Instant:
    """When a release goes at the earliest: when it can, but not before it is wanted."""
    return max(finder.first.time, finder.goal)


def _rest(release: Release, causes: Sequence[Cause]) -> int | None:
    """How much later than its causes let it a release is planned, where that is an hour at least."""
    if any(cause.kind is CauseKind.TOGETHER for cause in causes):
        return None
    earliest = [c.earliest for c in causes if c.earliest is not None and c.kind is not CauseKind.SAID]
    rest = release.delivery - max(earliest) if earliest else 0
    return rest if rest >= HOUR else None


def _names(candidates: Iterable[Candidate], document: str) -> bool:
    return any(document in (*c.cause.documents, *c.cause.through) for c in candidates)


def _units(quantity: Decimal, decimals: int) -> Units | None:
    try:
        return to_units(quantity, decimals)
    except ValueError:
        return None


def _by_row(supply: Supply) -> tuple[str, int]:
    return supply.number, supply.row if isinstance(supply, PurchaseRow) else 0


def _in_order(row: Row) -> tuple[int, int, str, int]:
    return row["sequence"], row["line_sequence"], row["line"], row["part"]
