"""The planner agent: one negotiation at a time, from a request to what everybody has to know of its result.

Requests queue as jobs, orders received at one instant by priority. A job asks purchasing for offers it has not seen
yet, decides, and asks inventory to hold the whole result. Inventory agrees, or refuses with what is left: then the
decision is undone and made again, a bounded number of times.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.planner import past, records
from agents.planner.decisions import Proposal, change_facts, changed, proposals, release_proposal, supply_proposals
from agents.planner.delta import Delta, delta_of, release_events, supply_events
from agents.planner.floor import FloorReportError, NotOpenError, after_closing, after_downtime, apply_report
from agents.planner.improving.hosting import Improver
from agents.planner.jobs import Job
from agents.planner.learning import Observed, Workshop, is_over
from agents.planner.parts import parts_of
from agents.planner.quoting import Quoting
from agents.planner.state import State
from agents.planner.validator.gate import Gate
from agents.planner.validator.of_state import change_of, whole_of
from agents.planner.validator.values import Change, Refusal
from agents.runtime.agent import Effects, Records, Turn, handles
from knowledge.documents import MachineDowntime, OperationReport
from knowledge.earmarks import customer_holder
from knowledge.errors import SocietyError
from knowledge.instants import HOUR, Instant
from knowledge.learning import said_of_route
from knowledge.plant import Action, Bom, Customer, Item, Plant, Replenishment
from knowledge.policy import rule_for
from knowledge.revision import revised
from knowledge.shelf_life import Lot
from knowledge.store.rows import GAVE_WAY
from knowledge.store.tables import AgentStateRow
from knowledge.supply import Supply, base_document, readable
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.inventory import (
    HOLD_HOURS,
    CannotReserve,
    Commit,
    Committed,
    Event,
    Release,
    Reserve,
    Reserved,
    StockChanged,
    WatchStock,
)
from protocols.messages import Failed, envelope_body, envelope_from
from protocols.orders import KnowledgeChanged, OrderPlanned, PlanOrder, WatchAgreed, WatchPromises
from protocols.supplying import (
    Alternative,
    Approved,
    ArrangeReleases,
    Delivered,
    DeliveriesWatched,
    FloorReport,
    OffersChanged,
    PlacePurchases,
    PurchasesPlaced,
    Quote,
    QuoteItems,
    Quotes,
    Rejected,
    ReleasesArranged,
    ReportRefused,
    ReportTaken,
    TakeOpenOrders,
    Wake,
    WatchDeliveries,
)

_JOBS = (PlanOrder, KnowledgeChanged, StockChanged, FloorReport, TakeOpenOrders, Approved, Rejected)

_OWN = ("job", "watcher", "basis", "book", "lost", "wake", "improve", GAVE_WAY)
"""The kinds of rows that the agent itself keeps; the others are those of its state."""

ROUNDS = 3

_MOST_GIVES_WAY = 50
"""How often refused parts of one plan give way before all that competes with them does."""

WHOLE_BOOK = 20
"""More orders than these at one instant are a whole book: the order in which they are written down means nothing."""


@dataclass(slots=True)
class Round:
    """The negotiation under way."""

    job: Job
    number: int = 1
    delta: Delta | None = None
    proposed: tuple[Proposal, ...] = ()
    conversation: str = ""
    change: Change | None = None
    refused: int = 0
    observed: Observed | None = None
    """What the report that is the job says of how long work took."""
    reason: str = ""
    """Why the order cannot be planned: every plan for it was refused."""
    facts: list[Job] = field(default_factory=list)
    """What changed the stock meanwhile: it is taken into account in the same decision."""
    met: tuple[str, ...] = ()
    """The items that competed with the one that is revised, before it was."""
    gives_way: bool = False
    """Whether every plan was refused, so that what the refused parts of it are for gives way."""
    gave_way: list[str] = field(default_factory=list)
    """Why something gave way."""


@dataclass(frozen=True, slots=True)
class Everything:
    """What was stocked when it was found that all offers for it are known: looking for more is only worth it later."""

    items: Mapping[str, Item] = field(default_factory=dict)
    boms: Mapping[str, Bom] = field(default_factory=dict)
    firm: int = 0

    def quoted_for(self, plant: Plant, firm: Mapping[str, object]) -> bool:
        """Whether it is the same still. An item that ever had firm supply stays one."""
        return plant.items is self.items and plant.boms is self.boms and len(firm) == self.firm


class PlanRefusedError(SocietyError):
    """The validator refuses every plan that takes a fact into account, whatever gives way; its text says why."""


class FactLostError(SocietyError):
    """A fact that nobody waits for an answer to could not be planned with; its text says why."""


class PlannerAgent(Quoting):
    """Decides how orders are met. Reads and writes work orders, demands and action messages."""

    name = "planner"

    def __init__(self, plant: Plant, now: Instant, seed: int = 0, improver: Improver | None = None) -> None:
        super().__init__(improver)
        self.state = State(replace(plant, offers={}), now, seed)  # what is offered, purchasing has to say
        self.jobs: list[Job] = []
        self.round: Round | None = None
        self.woken = False
        self.quotes_of: dict[str, tuple[Quote, ...]] = {}
        self.asked_issues: list[Proposal] = []
        self.everything = Everything()
        self.workshop = Workshop()
        self.basis = 0
        self.watchers: list[Envelope[Any]] = []
        self.next_job = 0
        self.lost: dict[int, int] = {}  # how often the decision on a job was lost in a crash
        self.gave_way = 0  # how often every plan for a fact was refused
        self.wake_at: Instant | None = None
        self.gate = Gate(whole_of(self.state))
        self._waiting = []
        self._offers_asked = {}
        self.whole_book: Instant | None = None  # when more orders were received than have an order of receipt

    def restore(self, store: Records) -> None:
        """Rebuild plans, promises and the queue of jobs."""
        self.records = store
        rows = store.rows(AgentStateRow, agent=self.name)
        learned = self.workshop.restore(self.state.plant, ((row["key"], row["body"]) for row in rows))
        if learned is not self.state.plant:
            self.state.set_plant(learned)
        records.restore(self.state, store, rows)
        quoted: dict[str, tuple[Quote, ...]] = {}
        for row in rows:
            if row["key"].startswith("quotes"):
                known = Quotes.model_validate_json(row["body"])
                quoted.update({item: tuple(q for q in known.offers if q.item == item) for item in known.items})
            elif row["key"].partition(":")[0] in _OWN:
                self._restore_row(row["key"], json.loads(row["body"]))
        if quoted:
            self._learn(Quotes(items=tuple(quoted), offers=tuple(q for quotes in quoted.values() for q in quotes)))
        self.jobs.sort(key=lambda job: job.sequence)
        self.state.remember_plans()
        self.gate.rebuild(whole_of(self.state))

    def _restore_row(self, key: str, body: dict[str, Any]) -> None:
        if key.startswith("job:"):
            envelope = envelope_from(body)
            self.jobs.append(Job(int(key[4:]), envelope))
            self.next_job = max(self.next_job, int(key[4:]))
        elif key == "watcher":
            self.watchers = [envelope_from(body)]
        elif key == "basis":
            self.basis = body["basis"]
        elif key == "lost":
            self.lost = {body["job"]: body["times"]}
        elif key == GAVE_WAY:
            self.gave_way = body["times"]
        elif key == "book":
            self.whole_book = body["sent"]
        elif key == "wake":
            self.wake_at = body["at"]
        elif key == "improve":
            self.improve_at = body["at"]

    # -- what is asked of the planner

    @handles(WatchPromises)
    def watch(self, turn: Turn[WatchPromises]) -> Effects:
        self.watchers = [turn.envelope]
        yield self._keep(turn, "watcher", envelope_body(turn.envelope))
        yield turn.reply(Performative.AGREE, WatchAgreed())
        yield turn.open("inventory", Performative.SUBSCRIBE, ProtocolName.SUBSCRIBE, WatchStock())
        yield turn.open("purchasing", Performative.SUBSCRIBE, ProtocolName.SUBSCRIBE, WatchDeliveries())

    @handles(WatchAgreed, DeliveriesWatched)
    def watched(self, turn: Turn[Content]) -> Effects:
        yield from ()

    @handles(Delivered)
    def delivered(self, turn: Turn[Delivered]) -> Effects:
        """Purchasing keeps the record; here it is only remembered."""
        self.state.learn_delivery(turn.content.delivery)
        yield records.punctuality(turn, self.state, turn.content.delivery.supplier)

    @handles(OffersChanged)
    def offers_changed(self, turn: Turn[OffersChanged]) -> Effects:
        """Some offers are to be asked for anew, and what is planned with them planned anew."""
        wake = Wake(what="learned", key=turn.content.reason, items=turn.content.items)
        yield turn.timer(turn.now, self.name, wake, subject="")

    @handles(*_JOBS)
    def enqueue(self, turn: Turn[Any]) -> Effects:
        """Take a job; it is kept until it is done, so that a crash only delays it."""
        self.next_job += 1
        job = Job(self.next_job, turn.envelope)
        self.jobs.append(job)
        yield self._keep(turn, f"job:{job.sequence}", envelope_body(turn.envelope))
        yield from self._wake(turn)

    @handles(Wake)
    def wake(self, turn: Turn[Wake]) -> Effects:
        if turn.content.what == "improve":
            yield from self._improve(turn)
            return
        if turn.content.what == "improved":
            yield from self._improved(turn)
            return
        if turn.content.what != "plan":
            if turn.content.what == "release":
                self.wake_at = None
                yield self._keep(turn, "wake", {"at": None})
            yield from self.enqueue(turn)
            return
        self.woken = False
        yield from self._next(turn)

    def _wake(self, turn: Turn[Any]) -> Effects:
        if not self.woken and self.round is None:
            self.woken = True
            yield turn.timer(turn.now, self.name, Wake(what="plan"), subject="")

    # -- one job

    def _next(self, turn: Turn[Any]) -> Effects:
        """Begin the next job, if none is under way: facts first, then orders by priority and receipt."""
        if self.round is not None or not self.jobs:
            return
        if len(self.jobs) > WHOLE_BOOK:
            sent, times = Counter(job.envelope.sent for job in self.jobs).most_common(1)[0]
            if times > WHOLE_BOOK and sent != self.whole_book:
                self.whole_book = sent
                yield self._keep(turn, "book", {"sent": sent})
        job = min(self.jobs, key=self._order_of)
        self.jobs.remove(job)
        self.round = Round(job)
        yield from self._prepare(turn, self._unquoted(job.content))

    def _prepare(self, turn: Turn[Any], missing: tuple[str, ...]) -> Effects:
        """Ask for the offers that are missing, if any; then decide."""
        round_ = self.round
        assert round_ is not None
        if missing:
            send = turn.request("purchasing", QuoteItems(items=missing), subject=round_.job.envelope.subject)
            round_.conversation = send.conversation
            yield send
        else:
            yield from self._decide(turn)

    def _order_of(self, job: Job) -> tuple[int, int, Instant, int]:
        """When its turn is: of orders received at one instant by priority, of a whole book those wanted first."""
        content = job.content
        if isinstance(content, PlanOrder) and not content.change:
            customer = self.state.plant.customer(content.order.customer) or Customer(content.order.customer)
            times = [time for line in content.order.lines for _, time in line.wants if time is not None]
            wanted = min(times, default=0) if job.envelope.sent == self.whole_book else 0
            return job.envelope.sent, customer.priority, wanted, job.sequence
        return job.envelope.sent, 0, 0, job.sequence

    def _stocked(self, item: str) -> bool:
        """Whether an item may be replenished though nobody orders it."""
        return bool(self.state.plant.items[item].safety_stock) or item in self.state.book.firm

    def _all_stocked(self, content: Content) -> list[str]:
        """The items that may be replenished though nobody orders them, and those that a job speaks of."""
        tops = [i for i in self.state.plant.items if self._stocked(i)]
        if isinstance(content, TakeOpenOrders):
            tops.extend(order.item for order in content.work_orders)
        if isinstance(content, KnowledgeChanged):
            tops.extend(row.component for row in content.release.bom)
        return tops

    def _unquoted(self, content: Content) -> tuple[str, ...]:
        """Bought items below those of a job, whose offers are not known yet."""
        plant = self.state.plant
        if isinstance(content, Wake) and content.what == "improved":
            return ()
        if isinstance(content, Wake) and content.what == "learned":
            return tuple(item for item in content.items if item in self.quotes_of)
        if isinstance(content, Wake) and content.what == "replan":  # other offers may hold now
            book, concerned = self.state.book, self._concerned(content)
            busy = {g for g, found in book.commitments.items() if found} | {book.shop.group_of[i] for i in book.firm}
            bought = (
                c
                for c, i in plant.items.items()
                if i.supply is Replenishment.BUY and book.shop.group_of[c] in concerned
            )
            return tuple(sorted(c for c in bought if c in self.quotes_of or book.shop.group_of[c] in busy))
        if isinstance(content, PlanOrder):
            tops = [line.item for line in content.order.lines if line.item]
        elif isinstance(content, StockChanged):  # only what competes with what has changed is planned anew
            group_of, groups = self.state.book.shop.group_of, self.state.book.shop.groups
            facts = [item for item, _ in content.on_hand] + [supply.item for supply in content.supply]
            touched = dict.fromkeys(group_of[item] for item in facts if item in group_of)
            tops = [i for group in touched for i in groups[group] if self._stocked(i)]
        else:
            if isinstance(content, (FloorReport, Wake)) and self.everything.quoted_for(plant, self.state.book.firm):
                return ()
            tops = self._all_stocked(content)
        found: dict[str, None] = {}
        seen: set[str] = set()
        while tops:
            code = tops.pop()
            if code in seen or code not in plant.items:
                continue
            seen.add(code)
            if plant.items[code].supply is Replenishment.BUY and code not in self.quotes_of:
                found[code] = None
            tops.extend(part.item for part in (plant.boms[code].components if code in plant.boms else ()))
            if isinstance(content, PlanOrder):
                group = self.state.book.shop.group_of[code]
                tops.extend(i for i in self.state.book.shop.groups[group] if plant.items[i].safety_stock)
        if not found and isinstance(content, (FloorReport, Wake)):
            self.everything = Everything(plant.items, plant.boms, len(self.state.book.firm))
        return tuple(sorted(found))

    @handles(Quotes)
    def quotes(self, turn: Turn[Quotes]) -> Effects:
        self._learn(turn.content)
        for item in turn.content.items:
            known = Quotes(items=(item,), offers=self.quotes_of[item])
            yield self._keep(turn, f"quotes:{item}", known.model_dump(mode="json"))
        if self.round is not None and turn.envelope.conversation == self.round.conversation:
            yield from self._decide(turn)
        else:
            yield from self._lost_round(turn)

    def _learn(self, quotes: Quotes) -> None:
        plant = self.state.plant
        group_of = self.state.book.shop.group_of
        self.state.look_at([group_of[item] for item in quotes.items if item in group_of])
        offers = dict(plant.offers)
        quoted: dict[str, list[Quote]] = {item: [] for item in quotes.items}
        for quote in quotes.offers:
            quoted[quote.item].append(quote)
        for item in (item for item in quotes.items if item in plant.items):  # it may have been removed since
            self.quotes_of[item] = tuple(quoted[item])
            offers[item] = tuple(q.offer(plant) for q in self.quotes_of[item])
            self.state.book.shop.forget_prices(item)
            self.state.book.touch(group_of[item], item)
        changed = replace(plant, offers=offers)
        if any(plant.suppliers[q.supplier].order_cost for q in quotes.offers if q.supplier in plant.suppliers):
            self.state.set_plant(changed)  # items that share an order cost are planned together
        else:
            self.state.plant = self.state.book.shop.plant = changed

    def _resume(self, turn: Turn[Any]) -> Effects:
        """After a restart: an answer to a negotiation that this planner does not remember; go on with the queue."""
        if self.round is None:
            yield from self._wake(turn)

    def _lost_round(self, turn: Turn[Any]) -> Effects:
        """An answer for a decision that this planner does not remember: it crashed with it. Not for ever, though."""
        if self.round is None and self.jobs:
            job = min(self.jobs, key=self._order_of)
            self.lost[job.sequence] = lost = self.lost.get(job.sequence, 0) + 1
            yield self._keep(turn, "lost", {"job": job.sequence, "times": lost})
            if lost > ROUNDS:
                if not _is_told(job):
                    what = type(job.content).__name__
                    raise FactLostError(f"what was decided on {what} came to nothing {lost} times")
                self.jobs.remove(job)
                self.round = Round(job)
                yield from self._fail(turn, "the planner could not finish it")
                return
        yield from self._resume(turn)

    def _decide(self, turn: Turn[Any]) -> Effects:
        """Make the decision of the job and put it to inventory."""
        round_ = self.round
        assert round_ is not None
        content = round_.job.content
        if isinstance(content, PlanOrder):
            past.recall(self.state, self.records, content.order)
        self.state.begin(turn.now)
        self.asked_issues = []
        round_.gave_way = []
        try:
            if _goes_first(content):
                repaired = [*self._apply_all(round_), *self._overdue()]
            else:
                repaired = [*self._catch_up(), *self._overdue(), *self._apply_all(round_)]
        except FloorReportError as problem:
            self.state.undo()
            self._put_back(round_)
            if isinstance(problem, NotOpenError):
                problem = NotOpenError(problem.work_order, past.status_of(self.records, problem.work_order))
            yield turn.reply_to(round_.job.envelope, Performative.REFUSE, ReportRefused(reason=str(problem)))
            yield from self._done(turn)
            return
        round_.proposed = (*self._propose(round_.job.content, repaired), *self._issue())
        round_.delta = delta_of(self.state)
        refusals = self._check(round_, round_.delta)
        if refusals and round_.gives_way:
            refusals = self._give_way(round_, refusals)
        if refusals:
            yield from self._refused(turn, refusals)
            return
        events = self._events(round_.job.content, round_.delta)
        if not events and not round_.delta.moves:
            yield from self._finish(turn)
            return
        reserve = Reserve.model_construct(basis=self.basis, events=events, moves=tuple(round_.delta.moves))
        send = turn.open(
            "inventory",
            Performative.CFP,
            ProtocolName.CONTRACT_NET,
            reserve,
            subject=round_.job.envelope.subject,
            reply_by=turn.now + HOLD_HOURS * HOUR,
        )
        round_.conversation = send.conversation
        yield send

    def _check(self, round_: Round, delta: Delta) -> list[Refusal]:
        """What the validator refuses of a decision: no plan is used before it was asked."""
        round_.change = change_of(self.state, delta)
        return self.gate.check(round_.change)

    def _refused(self, turn: Turn[Any], refusals: list[Refusal]) -> Effects:
        """Decide again with everything placed anew, then without the order; to a fact, others give way."""
        round_ = self.round
        assert round_ is not None
        content = round_.job.content
        self.state.undo()
        self.state.lives.clear()
        self.state.unseen.clear()
        if round_.job.improves:  # the plan in force is good enough
            yield from self._done(turn)
            return
        if round_.gives_way:
            raise PlanRefusedError("; ".join(map(str, refusals)))
        round_.refused += 1
        known = not isinstance(content, PlanOrder) or content.order.order in self.state.orders
        if round_.refused > 2 or (round_.refused == 2 and known):
            round_.gives_way = True
        elif round_.refused == 2:
            round_.reason = f"no plan for it keeps every law: {refusals[0]}"
        yield from self._decide(turn)

    def _give_way(self, round_: Round, refusals: list[Refusal]) -> list[Refusal]:
        """Let what the refused parts of a plan are for give way, in the end all that competes with it; what is refused
        of the plan even so."""
        for left in reversed(range(_MOST_GIVES_WAY)):
            round_.gave_way += map(str, refusals)
            gives = self.state.give_way(refusals)
            if not gives or not left:
                self.state.begin_anew(refusals)
            round_.delta = delta_of(self.state)
            refusals = self._check(round_, round_.delta)
            if not refusals or not gives:
                break
        return refusals

    def _overdue(self) -> list[str]:
        """What should have begun by now and has not breaks what waits for it."""
        repaired = self._repair_begun_late(self.state.overdue(), set())
        return repaired + self.state.repair_overdue(self._asks)

    def _repair_begun_late(self, late: list[Supply], groups: set[int]) -> list[str]:
        if not late:
            return []
        cause, blamed = self.state.why_not_begun(late[0])
        groups = groups | {self.state.book.shop.group_of[s.item] for s in late}
        needed = {} if blamed is late[0] else {blamed.item: late[0].begin}
        return self.state.repair(groups, cause, blamed.document, self._asks, needed=needed)

    def _apply_all(self, round_: Round) -> list[str]:
        """Do what the job asks for, given all that has changed: facts in order of receipt, and before an order."""
        content, facts = round_.job.content, [job.content for job in round_.facts]
        first = isinstance(content, StockChanged) or _goes_first(content)
        ordered = [content, *facts] if first else [*facts, content]
        return [order for each in ordered for order in self._apply(each)]

    def _put_back(self, round_: Round) -> None:
        """Let the facts of a decision that comes to nothing wait for their turn again."""
        self.jobs += round_.facts
        round_.facts = []

    def _apply(self, content: Content) -> list[str]:
        """Do what a job asks for; the orders whose promises had to be made anew."""
        state = self.state
        if isinstance(content, PlanOrder):
            if content.change and not content.order.lines:
                state.cancel(content.order.order)
            elif self.round is not None and self.round.reason:
                state.refuse(content.order, content.classes, self.round.reason)
            else:
                state.plan_order(content.order, content.classes)
        elif isinstance(content, StockChanged):
            return self._facts(content)
        elif isinstance(content, CannotReserve):
            return self._lost(content)
        elif isinstance(content, KnowledgeChanged):
            return self._revise(content)
        elif isinstance(content, FloorReport):
            return self._floor(content)
        elif isinstance(content, Approved):
            self._approved(content)
        elif isinstance(content, Rejected):
            self._rejected(content)
        elif isinstance(content, TakeOpenOrders):
            state.take_open_orders(content.work_orders, content.purchases)
        elif isinstance(content, Wake):
            return self._woken(content)
        return []

    def _woken(self, content: Wake) -> list[str]:
        if content.what == "replan":
            groups = self._concerned(content) | after_closing(self.state)
            return self.state.repair(groups, content.key or "the plant has changed", "", self._asks)
        if content.what == "learned":
            return self._learned(content)
        if content.what == "improved" and self.improving is not None:
            self.improving.take(self.state, self._asks)
        return []

    def _learned(self, content: Wake) -> list[str]:
        """Plan with what was learned of how long some items take to bring or make."""
        plant = self.workshop.relearn(self.state.plant, content.items)
        made = [item for item in content.items if plant.routes.get(item) != self.state.plant.routes.get(item)]
        if not made and not content.key:
            return []
        self.state.set_plant(plant)
        cause = content.key or "; ".join(said_of_route(plant, item) for item in made)
        return self.state.repair(self._concerned(content), cause, "", self._asks)

    def _concerned(self, content: Wake) -> set[int]:
        """The groups of the items that a change of the plant is about."""
        shop = self.state.book.shop
        return {shop.group_of[i] for i in content.items if i in shop.group_of} if content.items else set(shop.groups)

    def _issue(self) -> tuple[Proposal, ...]:
        """Issue what is due; the proposals for what policy does not let pass by itself."""
        self._release()
        return tuple(self.asked_issues)

    def _catch_up(self) -> list[str]:
        """Issue what should have begun by now, where the timer for it is late; the orders that this repaired."""
        return self._release() if self.state.late_to_issue() else []

    def _release(self) -> list[str]:
        groups, stuck = self.state.release_due(self._asks_to_issue)
        if stuck:
            return self._repair_begun_late(stuck, groups)
        if groups:
            self.state.adopt(groups)
        return []

    def _asks_to_issue(self, supply: Supply) -> bool:
        if not self.state.plant.approvals:
            return False
        answer = self.state.release_answers.get(supply.document)
        if answer is None:
            for proposal in release_proposal(self.state, supply):
                self.asked_issues.append(proposal)
                answer = "pending" if proposal.asks else "approved"
                self.state.answer_issue(supply.document, answer)
        return answer in ("pending", "rejected")

    def _asks(self, order: str) -> bool:
        """Whether policy asks before a promise that no longer holds is made anew."""
        rules = self.state.plant.approvals
        index = rule_for(rules, change_facts(self.state, order)) if rules else None
        return index is not None and rules[index].action is Action.ASK

    def _facts(self, content: StockChanged) -> list[str]:
        """Stock or supply is not what it was: take it, and repair what it breaks."""
        state, group_of = self.state, self.state.book.shop.group_of
        self.basis = max(self.basis, content.basis)
        groups: set[int] = set()
        for document in content.shipped:
            if document in state.releases:
                state.ship(document)
        for item, units in content.on_hand:
            if item in group_of:
                state.set_on_hand(item, units)
                groups.add(group_of[item])
        for item, lots in content.lots:
            state.set_lots(item, tuple(Lot(*lot) for lot in lots))
        for item, customer, units in content.reserved:
            state.earmark(item, customer_holder(customer), units)
        if not content.supply:
            state.settle_cause(content.document)
        for supply in content.supply:
            state.set_firm(supply)
            state.in_time_again(supply)
            groups.add(group_of[supply.item])
        return state.repair(groups, self._cause(content), content.document, self._asks)

    def _cause(self, content: StockChanged) -> str:
        for supply in content.supply:
            return f"{readable(supply.document)} for {supply.item} has changed"
        return f"{readable(content.document)} changed the stock"

    def _revise(self, content: KnowledgeChanged) -> list[str]:
        state, release, round_ = self.state, content.release, self.round
        assert round_ is not None
        shop = state.book.shop
        if not round_.met and release.item in shop.group_of:  # else it is decided again, with the plant as it is now
            round_.met = shop.groups[shop.group_of[release.item]]
        state.set_plant(revised(state.plant, release))
        if release.route:
            self.workshop.forget(release.item)
        group_of = state.book.shop.group_of
        groups = {group_of[item] for item in (*round_.met, release.item)}  # what it used may be in its own group now
        return state.repair(groups, f"{release.item} was revised", release.item, self._asks)

    def _floor(self, content: FloorReport) -> list[str]:
        report = content.report
        if isinstance(report, MachineDowntime):
            groups = after_downtime(self.state, report)
            return self.state.repair(groups, f"{report.work_centre} is down", report.work_centre, self._asks)
        if self.round is not None:
            self.round.observed = self.workshop.observe(self.state, report)
        groups = apply_report(self.state, report)
        return self.state.repair(groups, f"{report.work_order} has changed", report.work_order, self._asks)

    def _approved(self, content: Approved) -> None:
        subject = content.subject
        if self.state.release_answers.get(subject) == "pending":
            self.state.answer_issue(subject, "approved")
        orders = self._waiting_for(subject)
        if content.chosen is not None and content.order != subject:
            self._choose_instead(content, content.chosen, orders)
        elif orders:
            self.state.firm_up(subject)
            for order in orders:
                if content.chosen is not None and order == subject:
                    self.state.choose(order, content.chosen, content.by)
                self.state.approve(order, subject)
            firm = [s for supplies in self.state.book.firm.values() for s in supplies.values()]
            group_of = self.state.book.shop.group_of
            self.state.adopt(group_of[s.item] for s in firm if base_document(s.document) == subject)
        elif subject in self.state.orders:
            self.state.settle(subject)

    def _choose_instead(self, content: Approved, chosen: Alternative, orders: list[str]) -> None:
        """Another answer to an order was chosen than to buy what was asked about; others still wait for their own."""
        if content.order in orders:
            self.state.choose(content.order, chosen, content.by)
            self.state.approve(content.order, content.subject)

    def _rejected(self, content: Rejected) -> None:
        subject = content.subject
        if self.state.release_answers.get(subject) == "pending":
            self.state.answer_issue(subject, "rejected")
        note = f": {content.note}" if content.note else ""
        for order in self._waiting_for(subject):
            self.state.reject(order, f"{readable(subject)} was rejected by {content.by}{note}")

    def _waiting_for(self, subject: str) -> list[str]:
        """The orders that wait for a decision: several share a purchase order, which is asked for once."""
        found = [planned.facts for planned in self.state.orders.values() if subject in planned.pending]
        return [facts.order for facts in sorted(found, key=lambda facts: facts.sequence)]

    def _propose(self, content: Content, repaired: list[str]) -> tuple[Proposal, ...]:
        """What of the decision a person has to agree to; a new order waits for it."""
        if not self.state.plant.approvals:
            return ()
        found: list[Proposal] = []
        if isinstance(content, PlanOrder) and content.order.order in self.state.orders:
            found.extend(proposals(self.state, content.order, delta_of(self.state)))
            asked = [p.subject for p in found if p.asks]
            if asked:
                self.state.hold(content.order.order, asked)
        elif isinstance(content, Approved) and content.chosen is not None and content.order in self.state.orders:
            facts = self.state.orders[content.order].facts
            found.extend(supply_proposals(self.state, facts, delta_of(self.state)))
            asked = [p.subject for p in found if p.asks]
            if asked:
                self.state.hold(content.order, asked)
        for order in dict.fromkeys(repaired):
            if order in self.state.orders:  # not one that this very job has cancelled
                found.extend(changed(self.state, order))
        return tuple(found)

    # -- inventory answers

    @handles(Reserved)
    def reserved(self, turn: Turn[Reserved]) -> Effects:
        if self.round is None or turn.envelope.conversation != self.round.conversation:
            yield turn.reply(Performative.REJECT_PROPOSAL, Release(hold=turn.content.hold))
            yield from self._lost_round(turn)
            return
        yield turn.reply(Performative.ACCEPT_PROPOSAL, Commit(hold=turn.content.hold))
        yield from self._finish(turn)

    @handles(CannotReserve)
    def cannot_reserve(self, turn: Turn[CannotReserve]) -> Effects:
        """Refused: undo, take over what is left, and decide again. A commit that failed is a job of its own."""
        if turn.envelope.performative is Performative.FAILURE:
            yield from self.enqueue(turn)
            return
        round_ = self.round
        if round_ is None or turn.envelope.conversation != round_.conversation:
            yield from self._lost_round(turn)
            return
        self.state.undo()
        facts = sorted((j for j in self.jobs if isinstance(j.content, StockChanged)), key=lambda j: j.sequence)
        if facts and turn.content.basis != self.basis:  # stock without the supply that it came of would count twice
            self.jobs = [job for job in self.jobs if job not in facts]
            round_.facts += facts
            missing = dict.fromkeys(item for job in facts for item in self._unquoted(job.content))
            yield from self._prepare(turn, tuple(sorted(missing)))
            return
        self._take_left(turn.content)
        round_.number += 1
        if round_.number <= ROUNDS:
            yield from self._decide(turn)
            return
        if not _is_told(round_.job):
            raise FactLostError(f"inventory refuses every plan for it: {turn.content.reason}")
        yield from self._fail(turn, turn.content.reason)

    def _take_left(self, told: CannotReserve) -> None:
        self.basis = told.basis
        self.state.look_at([self.state.book.shop.group_of[short.item] for short in told.left])
        for short in told.left:
            self.state.book.on_hand[short.item] = short.on_hand
            self.state.book.take_others(short.item, short.others)
        self.gate.rebuild(whole_of(self.state))

    def _lost(self, told: CannotReserve) -> list[str]:
        """What was held too long has gone to somebody else: promise anew what it was for."""
        self._take_left(told)
        for item, units in told.lost_moves:
            self.state.move(item, units)
        groups = {self.state.book.shop.group_of[short.item] for short in told.left}
        return self.state.repair(groups, "what was reserved has gone to another planner", "", self._asks)

    def _events(self, content: Content, delta: Delta) -> tuple[Event, ...]:
        """What inventory is to hold: what has changed, and after a failed commit what that was about, as it is now."""
        if not isinstance(content, CannotReserve):
            return tuple(delta.events())
        events = {(event.item, event.document): event for event in delta.events()}
        for lost in content.lost:
            supply = self.state.find_supply(lost.document)
            release = self.state.releases.get(lost.document)
            now = [e for e in (*supply_events(supply), *release_events(release)) if e.item == lost.item]
            event = now[0] if now else lost.model_copy(update={"units": 0})
            events.setdefault((lost.item, lost.document), event)
        return tuple(events.values())

    # -- the result

    def _finish(self, turn: Turn[Any]) -> Effects:
        """Store what was decided and tell everybody whom it concerns."""
        round_ = self.round
        assert round_ is not None
        assert round_.delta is not None
        delta = round_.delta
        if round_.change is not None:
            self.gate.take(round_.change)
        yield from records.saves(turn, self.state, delta)
        content = round_.job.content
        if isinstance(content, FloorReport) and isinstance(content.report, OperationReport):
            yield from records.reported(turn, self.state, content.report)
        yield from self._remember(turn, round_)
        if round_.gave_way:
            self.gave_way += 1
            what = {"times": self.gave_way, "at": turn.now, "what": type(content).__name__}
            yield self._keep(turn, GAVE_WAY, {**what, "refused": round_.gave_way})
        rows, gone = delta.purchases()
        if rows or gone:
            known = isinstance(round_.job.content, TakeOpenOrders)
            yield turn.request("purchasing", PlacePurchases(rows=tuple(rows), gone=tuple(gone), known=known))
        yield from self._arrange(turn, delta)
        for proposal in round_.proposed:
            yield turn.open(
                "approvals", Performative.PROPOSE, ProtocolName.PROPOSE, proposal.decision, subject=proposal.order
            )
        yield from self._tell(turn, round_, delta)
        yield from self._set_release_timer(turn)
        self.gate.forget(past.forget(self.state, delta))
        yield from self._done(turn)

    def _remember(self, turn: Turn[Any], round_: Round) -> Effects:
        """Keep what a job has taught of how long work takes; where that is far from what is planned with, plan anew."""
        content, observed = round_.job.content, round_.observed
        plant, workshop = self.state.plant, self.workshop
        rows: list[tuple[str, str]] = []
        if observed is not None:
            moved = workshop.take(plant, observed)
            order = self.state.find_supply(observed.order.document)
            if is_over(order):
                workshop.close(observed.order)
            rows.extend(workshop.rows(plant, observed))
            if moved:
                yield turn.timer(turn.now, self.name, Wake(what="learned", items=(observed.order.item,)), subject="")
        elif isinstance(content, Wake) and content.what == "learned":
            rows.extend(workshop.row(plant, item) for item in content.items if item in workshop.items)
        elif isinstance(content, KnowledgeChanged) and content.release.route and plant.learning is not None:
            rows.append(workshop.row(plant, content.release.item))
        for key, body in rows:
            kept = {"agent": self.name, "key": key}
            yield turn.save(AgentStateRow, {**kept, "body": body}) if body else turn.remove(AgentStateRow, kept)

    def _arrange(self, turn: Turn[Any], delta: Delta) -> Effects:
        by_order: dict[str, tuple[dict[str, Any], list[str]]] = {}
        for document, (old, new) in delta.releases.items():
            some = new or old
            assert some is not None
            releases, gone = by_order.setdefault(some.order, ({}, []))
            if new is not None and not new.held:
                releases |= {} if new.shipped else {document: new}
            elif old is not None and not old.held:
                gone.append(document)
        for order in delta.moved():
            kept = {document: self.state.releases[document] for document in self.state.by_order.get(order, ())}
            open_ = {name: release for name, release in kept.items() if not (release.held or release.shipped)}
            by_order.setdefault(order, ({}, []))[0].update(open_)
        for order, (releases, gone) in by_order.items():
            if not releases and not gone:
                continue
            planned = self.state.orders.get(order)
            ship_to, places = (planned.facts.ship_to, planned.facts.places) if planned else ("", {})
            going = tuple(releases.values())
            begun = any(self.state.releases[document].shipped for document in self.state.by_order.get(order, ()))
            content = ArrangeReleases(releases=going, gone=tuple(gone), begun=begun, ship_to=ship_to, places=places)
            yield turn.request("shipping", content, subject=readable(order))

    def _tell(self, turn: Turn[Any], round_: Round, delta: Delta) -> Effects:
        """The answer to whoever asked, and news of every other order whose promise has changed."""
        content, envelope = round_.job.content, round_.job.envelope
        if isinstance(content, PlanOrder):
            order = content.order.order
            yield turn.reply_to(envelope, Performative.INFORM, self._planned(order))
            others = [o for o in self._changed(delta) if o != order]
        else:
            others = self._changed(delta)
            if isinstance(content, (KnowledgeChanged, FloorReport, TakeOpenOrders)):
                yield turn.reply_to(envelope, Performative.INFORM, ReportTaken())
        for order in others:
            for watcher in self.watchers:
                send = turn.reply_to(watcher, Performative.INFORM, self._planned(order))
                yield replace(send, subject=readable(order))

    def _changed(self, delta: Delta) -> list[str]:
        orders: dict[str, None] = {}
        for old, new in delta.releases.values():
            some = new or old
            if some is not None:
                orders[some.order] = None
        orders.update(dict.fromkeys(delta.orders))
        return list(orders)

    def _planned(self, order: str) -> OrderPlanned:
        return OrderPlanned(order=order, parts=tuple(parts_of(self.state, order)))

    def _set_release_timer(self, turn: Turn[Any]) -> Effects:
        at = self.state.next_release()
        if at is not None and (self.wake_at is None or at < self.wake_at):
            self.wake_at = at
            yield self._keep(turn, "wake", {"at": at})
            yield turn.timer(at, self.name, Wake(what="release"), subject="")

    def _done(self, turn: Turn[Any]) -> Effects:
        assert self.round is not None
        for done in (self.round.job, *self.round.facts):
            yield turn.remove(AgentStateRow, {"agent": self.name, "key": f"job:{done.sequence}"})
        yield self._keep(turn, "basis", {"basis": self.basis})
        job, self.round = self.round.job, None
        yield from self.answer_waiting(turn)
        if self.jobs:
            yield from self._wake(turn)
        yield from self._go_on_improving(turn, job)

    def abandon(self, envelope: Envelope[Any], now: Instant) -> Effects:
        """Give up the job that nothing comes of, so that the others go on; its asker is told."""
        turn: Turn[Any] = Turn(envelope, now)
        if self.jobs and not isinstance(envelope.content, _JOBS):
            self.round = Round(min(self.jobs, key=self._order_of))
            self.jobs.remove(self.round.job)
            yield from self._fail(turn, "the planner could not handle it")
        else:
            yield from self._wake(turn)

    def _fail(self, turn: Turn[Any], reason: str) -> Effects:
        assert self.round is not None
        self._put_back(self.round)
        content = self.round.job.content
        if isinstance(content, KnowledgeChanged):  # it is in force all the same
            self.state.set_plant(revised(self.state.plant, content.release))
            self.gate.rebuild(whole_of(self.state))
        if _is_told(self.round.job):
            yield turn.reply_to(self.round.job.envelope, Performative.FAILURE, Failed(reason=reason))
        yield from self._done(turn)

    @handles(Committed, PurchasesPlaced, ReleasesArranged)
    def noted(self, turn: Turn[Content]) -> Effects:
        yield from ()

    @handles(Failed)
    def failed(self, turn: Turn[Failed]) -> Effects:
        """A part of a negotiation failed for good: give the job back to its asker."""
        yield from self.offers_failed(turn)
        if self.round is not None and turn.envelope.conversation == self.round.conversation:
            if self.round.delta is not None:
                self.state.undo()
            yield from self._fail(turn, turn.content.reason)

    def _keep(self, turn: Turn[Any], key: str, body: dict[str, Any]) -> Any:
        return turn.save(AgentStateRow, {"agent": self.name, "key": key, "body": json.dumps(body)})


def _is_told(job: Job) -> bool:
    """Whether somebody is told where nothing comes of a job: else it must not end in silence."""
    return job.envelope.performative is Performative.REQUEST


def _goes_first(content: Content) -> bool:
    """Whether a job is done before anything that is overdue.

    What has left needs no new promise. A change of the plant, or of its times, makes a new shop: what was journaled
    before would be told to nobody.
    """
    if isinstance(content, StockChanged):
        return bool(content.shipped)
    down = isinstance(content, FloorReport) and isinstance(content.report, MachineDowntime)
    replanned = isinstance(content, Wake) and content.what in ("replan", "learned")
    return down or replanned or isinstance(content, KnowledgeChanged)
