"""What is said to the world arrives at least once, under one key, or is a dead letter that can be sent again."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runtime.dead_letters import DeadLetterError, dead_letter, dead_letters, resend
from agents.runtime.ledger import Ledger
from agents.runtime.outbox import BackOff, Outbox, Sink, idempotency_key
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from knowledge.instants import Instant
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from protocols.envelope import Envelope
from protocols.supplying import Wake
from tests.agents.runtime.chat import NOW, Echo, envelope, request

HOSTS = (SimulatedHost, PykkaHost)


class Shop(Sink):
    """A system outside that is down as often as it is told, and remembers what reached it."""

    def __init__(self, down: int = 0) -> None:
        self.down = down
        self.tried: list[str] = []
        self.taken: list[str] = []

    def deliver(self, envelope: Envelope[Any], key: str) -> None:
        self.tried.append(key)
        if len(self.tried) <= self.down:
            raise ConnectionError("nobody answers")
        self.taken.append(key)


def until(true: Callable[[], bool]) -> None:
    """Wait for what happens in another thread."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def asked(store: Store, sinks: Mapping[str, Sink], host: Any, *words: str, back_off: BackOff | None = None) -> Any:
    """A society of one that answers the shop."""
    running = host({"echo": Echo}, Ledger(store), NOW, sinks=sinks, back_off=back_off)
    running.post([request("echo", Wake(what=word), conversation=word) for word in words], "shop")
    running.run_until(NOW)
    return running


def answers(store: Store) -> list[dict[str, Any]]:
    return store.rows(MessageRow, receiver="shop")


@pytest.mark.parametrize("host", HOSTS)
def test_a_sink_is_told_once_where_it_acknowledges(host: Any) -> None:
    store, shop = Store(), Shop()
    running = asked(store, {"shop": shop}, host, "a", "b", "c")
    until(lambda: len(shop.taken) == 3)
    running.stop()
    assert (shop.tried, len(set(shop.tried))) == (shop.taken, 3)
    assert [(row["status"], row["attempts"]) for row in answers(store)] == [("handled", 1)] * 3


@pytest.mark.parametrize("host", HOSTS)
def test_a_sink_that_is_down_is_tried_again_later_with_the_same_key(host: Any) -> None:
    store, shop = Store(), Shop(down=3)
    running = asked(store, {"shop": shop}, host, "a", back_off=BackOff(first_s=10, longest_s=30))
    for tried, seconds in ((1, 0), (2, 10), (3, 30), (4, 60)):
        running.run_until(NOW + max(seconds - 1, 0))
        assert len(shop.tried) <= max(tried - 1, 1)
        until(partial(tried_so_often, running, store, NOW + seconds, tried))
    running.stop()
    assert (len(shop.tried), len(set(shop.tried)), len(shop.taken)) == (4, 1, 1)
    assert [(row["status"], row["attempts"]) for row in answers(store)] == [("handled", 4)]


def tried_so_often(running: Any, store: Store, at: Instant, attempts: int) -> bool:
    """Whether the ledger says so of the answer, once it is that time."""
    running.run_until(at)
    return bool(answers(store)[0]["attempts"] == attempts)


@pytest.mark.parametrize("host", HOSTS)
def test_what_waits_for_a_sink_waits_through_a_restart_under_the_same_key(host: Any, database: str) -> None:
    store, down, up = Store(database), Shop(down=99), Shop()
    running = asked(store, {"shop": down}, host, "a", "b")
    until(lambda: len(down.tried) >= 2)
    running.stop()
    store.close()
    store = Store(database)
    running = host({"echo": Echo}, Ledger(store), NOW, sinks={"shop": up})
    running.run_until(NOW + 60)
    until(lambda: len(up.taken) == 2)
    running.stop()
    assert set(up.taken) == set(down.tried)
    assert {row["status"] for row in answers(store)} == {"handled"}
    store.close()


@pytest.mark.parametrize("host", HOSTS)
def test_what_a_sink_never_takes_is_a_dead_letter_and_can_be_sent_again(host: Any) -> None:
    store, shop = Store(), Shop(down=2)
    running = asked(store, {"shop": shop}, host, "a", back_off=BackOff(attempts_most=2))
    clock = count(NOW)
    until(lambda: running.run_until(next(clock)) or len(dead_letters(store)) == 1)
    (letter,) = dead_letters(store)
    assert (letter.attempts, letter.error) == (2, "ConnectionError: nobody answers")
    if host is PykkaHost:
        assert running.resend(letter.message) == letter.message
        until(lambda: len(shop.taken) == 1)
        running.stop()
        assert len(set(shop.tried)) == 1
        assert [row["status"] for row in answers(store)] == ["handled"]


def test_a_slow_sink_does_not_hold_up_the_society() -> None:
    store, gate = Store(), threading.Event()

    class Slow(Shop):
        def deliver(self, envelope: Envelope[Any], key: str) -> None:
            gate.wait(10)
            super().deliver(envelope, key)

    shop = Slow()
    running = asked(store, {"shop": shop}, PykkaHost, "a", "b")
    running.run_until(NOW + 100)
    assert (len(answers(store)), shop.taken) == (2, [])
    gate.set()
    until(lambda: len(shop.taken) == 2)
    running.stop()


def test_a_dead_letter_from_outside_is_said_anew_and_may_be_mended(database: str) -> None:
    store = Store(database)
    ledger = Ledger(store)
    ledger.post([request("echo", Wake(what="wrogn"), conversation="c")], "door", NOW)
    ((letter, _),) = ledger.commit()
    ledger.bury(letter, 3, "Traceback\nValueError: wrogn")
    ledger.commit()
    assert dead_letter(store, letter.id).body == '{"what":"wrogn","key":"","items":[]}'
    with pytest.raises(DeadLetterError, match="what: Field required"):
        resend(ledger, letter.id, NOW, ["echo"], "{}")
    new = resend(ledger, letter.id, NOW + 1, ["echo"], '{"what": "right"}')
    ((said, due),) = ledger.commit()
    assert (said.id, said.content, said.causation, due) == (new, Wake(what="right"), letter.id, NOW + 1)
    assert said.conversation != letter.conversation
    assert dead_letters(store) == []
    assert [row["status"] for row in store.rows(MessageRow)] == ["resent", "waiting"]
    with pytest.raises(DeadLetterError, match="no dead letter: it is resent"):
        resend(ledger, letter.id, NOW, ["echo"])
    with pytest.raises(DeadLetterError, match="no message m99"):
        resend(ledger, "m99", NOW, ["echo"])
    store.close()


def test_what_one_agent_said_to_another_is_not_sent_again() -> None:
    ledger = Ledger(Store())
    ledger.post([request("echo", Wake(what="a"))], "relay", NOW)
    ((letter, _),) = ledger.commit()
    ledger.bury(letter, 3, "")
    ledger.commit()
    with pytest.raises(DeadLetterError, match="relay was told that it failed"):
        resend(ledger, letter.id, NOW, ["echo", "relay"])


@given(st.integers(1, 100), st.integers(1, 10_000), st.integers(1, 50))
def test_waits_grow_to_the_longest_and_end(first: int, longest: int, most: int) -> None:
    back_off = BackOff(first, longest, most)
    waits = [back_off.wait_s(n) for n in range(1, most)]
    assert all(wait is not None and 0 < wait <= longest for wait in waits)
    assert waits == sorted(waits, key=lambda wait: wait or 0)
    assert back_off.wait_s(most) is None


@given(st.lists(st.tuples(st.sampled_from("xy"), st.integers(0, 5)), max_size=30))
def test_of_each_sink_one_message_is_under_way_and_none_is_taken_twice(puts: list[tuple[str, int]]) -> None:
    outbox, taken = Outbox(), Counter[str]()
    for sink, n in puts:
        outbox.put(_to(sink, n))
    while found := list(outbox.take()):
        assert len({one.receiver for one in found}) == len(found)
        assert outbox.busy
        for one in found:
            outbox.put(one)  # it is under way already
            taken[one.id] += 1
            outbox.back(one)
    assert set(taken) == {_to(sink, n).id for sink, n in puts}
    assert set(taken.values()) <= {1}
    assert not outbox.busy


def test_a_key_tells_messages_of_one_number_apart_by_what_they_say() -> None:
    one, other = _to("x", 1), _to("x", 1).model_copy(update={"content": Wake(what="other")})
    assert idempotency_key(one) == idempotency_key(_to("x", 1)) != idempotency_key(other)


def _to(sink: str, n: int) -> Envelope[Any]:
    return envelope(Wake(what="a"), receiver=sink).model_copy(update={"id": f"{sink}{n}"})
