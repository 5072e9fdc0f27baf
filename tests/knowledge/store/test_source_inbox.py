"""What sources deliver and sinks were told, in either database."""

from __future__ import annotations

from contextlib import closing
from threading import Lock, Thread

from knowledge.instants import DAY
from knowledge.store.access_store import AccessStore
from knowledge.store.source_inbox import REMEMBERED, Delivered, SinkMemory, SourceInbox, Standing


def delivered(name: str, body: bytes = b"{}") -> Delivered:
    return Delivered(name, body, {"content-type": "application/json"}, f"{name}.json")


def test_what_is_delivered_waits_until_it_is_taken_and_comes_once(database: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        inbox = SourceInbox(store)
        assert inbox.keep("shop", [delivered("1"), delivered("2"), delivered("1")], 100) == 2
        assert inbox.keep("other", [delivered("1")], 100) == 1
        first, second = inbox.waiting("shop", 100, 10)
        assert (first.delivery, first.headers, first.name) == ("1", {"content-type": "application/json"}, "1.json")
        inbox.taken([first], 101)
        assert [each.delivery for each in inbox.waiting("shop", 101, 10)] == ["2"]
        assert inbox.keep("shop", [delivered("1", b"again")], 102) == 0
        assert inbox.standing("shop") == Standing(waiting=1, taken=1, asked=None)
        inbox.again(second, 500)
        assert inbox.waiting("shop", 499, 10) == []
        [later] = inbox.waiting("shop", 500, 10)
        assert later.attempts == 1


def test_a_cursor_moves_together_with_what_was_found(database: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        inbox = SourceInbox(store)
        assert inbox.cursor("crm") == ""
        inbox.keep("crm", [delivered("a")], 10, cursor="page 2")
        inbox.keep("crm", [], 20, cursor="page 3")
        assert (inbox.cursor("crm"), inbox.standing("crm")) == ("page 3", Standing(waiting=1, taken=0, asked=20))


def test_what_was_taken_long_ago_is_forgotten_and_its_body_at_once(database: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        inbox = SourceInbox(store)
        inbox.keep("shop", [delivered("old")], 0)
        inbox.taken(inbox.waiting("shop", 0, 1), 0)
        inbox.keep("shop", [delivered("new")], REMEMBERED + DAY)
        inbox.taken(inbox.waiting("shop", REMEMBERED + DAY, 1), REMEMBERED + DAY)
        assert inbox.standing("shop").taken == 1


def test_webhooks_of_many_at_once_are_all_kept_in_an_order(database: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        inbox = SourceInbox(store, Lock())

        def call(caller: int) -> None:
            for number in range(5):
                inbox.keep(f"shop {caller % 2}", [delivered(f"{caller}-{number}"), delivered("the same")], 1)

        callers = [Thread(target=call, args=(caller,)) for caller in range(6)]
        for each in callers:
            each.start()
        for each in callers:
            each.join()
        kept = [each for name in ("shop 0", "shop 1") for each in inbox.waiting(name, 1, 100)]
        assert len(kept) == 6 * 5 + 2
        assert sorted(each.sequence for each in kept) == list(range(1, len(kept) + 1))


def test_what_a_sink_was_told_last_is_known(database: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        memory = SinkMemory(store)
        assert memory.last("sink:erp", "PO-1") == ("", 0)
        memory.told("sink:erp", "PO-1", "abc", 1)
        memory.told("sink:erp", "PO-1", "def", 2)
        memory.told("sink:mes", "PO-1", "abc", 1)
        assert memory.last("sink:erp", "PO-1") == ("def", 2)
