"""Offers of stock: held, made final, in part or not at all, let go, run out; nothing is ever promised twice."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from agents.inventory.agent import InventoryAgent
from agents.runtime.agent import Send
from agents.runtime.recorded import Recorded
from knowledge.instants import DAY, HOUR
from knowledge.plant import Item, Plant
from knowledge.revision import revised
from knowledge.store.database import Store, Write
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.inventory import (
    HOLD_HOURS,
    CannotReserve,
    Commit,
    Committed,
    Event,
    MoveStock,
    OpeningBalance,
    Release,
    Reserve,
    Reserved,
)
from tests.effort import times

NOW = 1_800_000_000
PLANT = Plant(items={"PIN": Item("PIN"), "NUT": Item("NUT")})


class Counter:
    """An inventory agent and its records, asked directly; both survive a restart."""

    def __init__(self, **stock: int) -> None:
        self.store, self.now, self.said = Store(), NOW, 0
        self.agent = InventoryAgent(PLANT, revised)
        self.say(OpeningBalance(stock=tuple(stock.items())), Performative.REQUEST)

    def say(self, content: Content, performative: Performative, sender: str = "one") -> Content:
        """What the agent answers; what it wants kept is kept."""
        self.said += 1
        envelope = Envelope[Any](
            id=f"m{self.said}",
            conversation=f"c{self.said}",
            protocol=ProtocolName.CONTRACT_NET,
            performative=performative,
            sender=sender,
            receiver="inventory",
            sent=self.now,
            content=content,
        )
        effects = list(self.agent.handle(envelope, self.now))
        self.store.write([effect for effect in effects if isinstance(effect, Write)])
        answers = [effect.content for effect in effects if isinstance(effect, Send) and effect.receiver == sender]
        return answers[-1] if answers else content

    def ask(self, *wanted: tuple[str, str, int, int], sender: str = "one") -> Content:
        """Ask to hold (item, document, days from the beginning, units)."""
        events = tuple(Event(item=i, document=d, time=NOW + t * DAY, units=u) for i, d, t, u in wanted)
        return self.say(Reserve(basis=self.agent.basis, events=events, moves=()), Performative.CFP, sender)

    def hold(self, *wanted: tuple[str, str, int, int], sender: str = "one") -> str:
        """The name of a hold that is granted."""
        answer = self.ask(*wanted, sender=sender)
        assert isinstance(answer, Reserved), answer
        return answer.hold

    def accept(self, hold: str, *documents: str) -> Content:
        """Make a hold final, or these documents of it."""
        return self.say(Commit(hold=hold, documents=documents or None), Performative.ACCEPT_PROPOSAL)

    def left(self, item: str) -> int:
        """What of an item may still be promised from now on."""
        return self.agent.items[item].promisable(self.now, self.now)

    def restart(self) -> None:
        """Begin again from the records."""
        self.agent = InventoryAgent(PLANT, revised)
        self.agent.restore(Recorded(self.store))


def test_what_is_held_is_nobody_elses() -> None:
    counter = Counter(PIN=10)
    counter.hold(("PIN", "a", 5, -8))
    refusal = counter.ask(("PIN", "b", 6, -8), sender="two")
    assert isinstance(refusal, CannotReserve)
    assert "not enough of PIN" in refusal.reason


def test_a_refusal_tells_the_new_staircase_and_what_others_have() -> None:
    counter = Counter(PIN=10)
    counter.accept(counter.hold(("PIN", "PO-1", 9, 5)))
    counter.hold(("PIN", "a", 5, -8))
    refusal = counter.ask(("PIN", "b", 6, -8), sender="two")
    assert isinstance(refusal, CannotReserve)
    [left] = refusal.left
    assert left.on_hand == 10
    assert left.staircase == ((NOW, 2), (NOW + 9 * DAY, 7))
    assert left.others == ((NOW + 5 * DAY, -8), (NOW + 9 * DAY, 5))


def test_a_joint_reservation_is_held_whole_or_not_at_all() -> None:
    counter = Counter(PIN=10, NUT=1)
    assert isinstance(counter.ask(("PIN", "a", 5, -8), ("NUT", "a", 5, -2)), CannotReserve)
    assert (counter.left("PIN"), counter.left("NUT")) == (10, 1)


def test_what_is_let_go_is_there_again() -> None:
    counter = Counter(PIN=10)
    counter.say(Release(hold=counter.hold(("PIN", "a", 5, -8))), Performative.REJECT_PROPOSAL)
    assert counter.left("PIN") == 10


def test_a_hold_runs_out_and_another_gets_the_pieces() -> None:
    counter = Counter(PIN=10)
    late = counter.hold(("PIN", "a", 5, -8))
    counter.now += HOLD_HOURS * HOUR + 1
    counter.hold(("PIN", "b", 5, -8), sender="two")
    failure = counter.accept(late)
    assert isinstance(failure, CannotReserve)
    assert [event.document for event in failure.lost] == ["a"]
    assert failure.left[0].others == ((NOW + 5 * DAY, -8),)
    assert counter.left("PIN") == 2


def test_a_hold_that_ran_out_counts_if_nobody_has_taken_it_meanwhile() -> None:
    counter = Counter(PIN=10)
    late = counter.hold(("PIN", "a", 5, -8))
    counter.now += HOLD_HOURS * HOUR + 1
    counter.hold(("PIN", "b", 5, -2), sender="two")
    assert isinstance(counter.accept(late), Committed)
    assert counter.left("PIN") == 0


def test_part_of_a_hold_can_be_made_final_and_the_rest_is_let_go() -> None:
    counter = Counter(PIN=10)
    hold = counter.hold(("PIN", "a", 5, -4), ("PIN", "b", 6, -3))
    assert isinstance(counter.accept(hold, "b"), Committed)
    assert counter.left("PIN") == 7
    counter.restart()
    assert counter.left("PIN") == 7


def test_a_part_that_cannot_stand_alone_fails_and_holds_nothing() -> None:
    counter = Counter(PIN=10)
    hold = counter.hold(("PIN", "PO-1", 4, 20), ("PIN", "b", 6, -25))
    assert isinstance(counter.accept(hold, "b"), CannotReserve)
    assert counter.left("PIN") == 10


def test_a_reservation_on_a_state_of_stock_that_has_passed_is_refused() -> None:
    counter = Counter(PIN=10)
    counter.say(OpeningBalance(stock=(("PIN", 9),)), Performative.REQUEST)
    wanted = Reserve(basis=0, events=(Event(item="PIN", document="a", time=NOW, units=-1),), moves=())
    refusal = counter.say(wanted, Performative.CFP)
    assert isinstance(refusal, CannotReserve)
    assert (refusal.basis, refusal.left[0].on_hand) == (counter.agent.basis, 9)


def test_a_receipt_is_no_more_than_what_came_though_more_is_owed_than_is_to_come() -> None:
    counter = Counter(PIN=0)
    coming = Event(item="PIN", document="P", time=NOW + DAY, units=10, status="released")
    for move, left in ((-8, 10), (0, 2), (1, 2), (-1, 2)):
        event = coming.model_copy(update={"units": left})
        counter.say(MoveStock(document="P", moves=(("PIN", 0),), events=(event,)), Performative.REQUEST)
        counter.say(MoveStock(document="a", moves=(("PIN", move),)), Performative.REQUEST)
    assert counter.agent.items["PIN"].on_hand == -7


def test_open_and_lapsed_holds_survive_a_restart() -> None:
    counter = Counter(PIN=10)
    lapsed = counter.hold(("PIN", "a", 5, -4))
    counter.now += HOLD_HOURS * HOUR + 1
    counter.hold(("PIN", "b", 5, -3), sender="two")
    counter.restart()
    assert counter.left("PIN") == 7
    assert isinstance(counter.accept(lapsed), Committed)
    assert counter.left("PIN") == 3


class Market(RuleBasedStateMachine):
    """Two askers hold, accept, let go and wait in any order; the shelf begins with enough for some of them."""

    def __init__(self) -> None:
        super().__init__()
        self.counter = Counter(PIN=12)
        self.open: list[tuple[str, str, int]] = []
        self.taken: dict[str, int] = {}
        self.documents = 0

    @rule(asker=st.sampled_from(["one", "two"]), day=st.integers(0, 9), units=st.integers(1, 9))
    def ask(self, asker: str, day: int, units: int) -> None:
        self.documents += 1
        document = f"{asker}/{self.documents}"
        answer = self.counter.ask(("PIN", document, day, -units), sender=asker)
        if isinstance(answer, Reserved):
            self.open.append((answer.hold, document, units))

    @rule(data=st.data(), accept=st.booleans())
    def answer(self, data: st.DataObject, accept: bool) -> None:
        if not self.open:
            return
        hold, document, units = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        if not accept:
            self.counter.say(Release(hold=hold), Performative.REJECT_PROPOSAL)
        elif isinstance(self.counter.accept(hold), Committed):
            self.taken[document] = units

    @rule(minutes=st.integers(0, 90))
    def wait(self, minutes: int) -> None:
        self.counter.now += minutes * 60

    @rule()
    def restart(self) -> None:
        self.counter.restart()

    @invariant()
    def nothing_is_promised_twice(self) -> None:
        function = self.counter.agent.items["PIN"]
        assert function.lowest(self.counter.now) >= 0
        kept = {document: -units for document, (_, units) in function.events.items() if document in self.taken}
        assert kept == self.taken, "what was made final stays"
        assert sum(self.taken.values()) <= 12


def test_two_askers_never_get_the_same_pieces_in_any_history() -> None:
    run_state_machine_as_test(
        Market, settings=settings(max_examples=times(40, 2_000), stateful_step_count=20, deadline=None)
    )
