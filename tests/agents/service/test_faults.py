"""What goes wrong around a service and goes by: it says so, takes nothing that it cannot keep, and goes on."""

from __future__ import annotations

import datetime as dt
import itertools
import resource
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from agents.service.clock import SECOND, SteadyClock
from agents.society import stored_plant
from knowledge.auditor import audit
from knowledge.instants import HOUR, parse
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.store.tables import CustomerOrderRow, MessageRow, PromiseRow
from tests import postgres
from tests.agents.api.test_documents import post
from tests.agents.service.test_notifying import free_port, web_server
from tests.effort import times
from tests.serving import API, PLANT, START, Process, eventually, order, served

OUTAGE_S = times(2, 10)
CLIENTS = 4


def far(number: str) -> dict[str, Any]:
    """An order that is wanted long after these tests are run."""
    return order(number, requested=f"{dt.datetime.now(dt.UTC).date() + dt.timedelta(days=200)}")


def bring(client: httpx.Client, number: str) -> httpx.Response:
    """What is said to an order when it is brought for the first time."""
    return client.post(f"{API}/documents", json=far(number), params={"wait": 30})


class Clients:
    """Clients that bring orders, each again as long as it is sent back, and wait as long as they are told to."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.sent_back: list[httpx.Response] = []
        self.taken: list[str] = []
        self.other: list[httpx.Response] = []
        self._done = False
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let each bring what it is at, and no more."""
        self._done = True
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)
        assert self.other == []

    def _run(self, number: int) -> None:
        for count in itertools.count(1):
            while (response := bring(self.client, f"c{number}-{count}")).status_code != HTTPStatus.OK:
                if response.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
                    self.other.append(response)
                    return
                self.sent_back.append(response)
                time.sleep(int(response.headers["Retry-After"]))
            self.taken.append(f"c{number}-{count}")
            if self._done:
                return


def went_through(process: Process, lasts: Callable[[], Any], over: Callable[[], Any]) -> list[str]:
    """Let something go wrong under load for a while; what is said meanwhile, and that all is well afterwards."""
    clients = Clients(process.client)
    eventually(lambda: len(clients.taken) > CLIENTS)
    began = time.monotonic()
    lasts()
    eventually(lambda: len(clients.sent_back) >= CLIENTS, 90)
    assert process.client.get("/health/live").status_code == HTTPStatus.OK
    ready = process.client.get("/health/ready")
    assert (ready.status_code, ready.headers["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "2")
    time.sleep(max(0.0, OUTAGE_S - (time.monotonic() - began)))
    over()
    eventually(lambda: process.client.get("/health/ready").status_code == HTTPStatus.OK, 30)
    clients.finish()
    assert bring(process.client, "later").status_code == HTTPStatus.OK
    assert process.terminate() == 0
    return [ready.json()["detail"], *(response.json()["detail"] for response in clients.sent_back)]


def check(database: str) -> None:
    """Every order is there once, with a promise, whatever its client was told; every law holds."""
    store = Store(database)
    orders = Counter(row["number"] for row in store.rows(CustomerOrderRow))
    promised = Counter(row["order"] for row in store.rows(PromiseRow, status="promised"))
    assert set(orders.values()) == {1}
    assert promised == Counter(f"t/{number}" for number in orders)
    assert store.rows(MessageRow, status="dead") == []
    assert audit(books_of(store, stored_plant(store), store.clock())) == []
    store.close()


def test_while_postgresql_is_away_nothing_is_taken_and_nothing_that_was_taken_is_lost(
    postgres_server: postgres.Server,
) -> None:
    database = postgres_server.url()
    process = Process(database, PLANT)
    try:
        said = went_through(
            process, lambda: postgres_server.control("stop", "-m", "immediate"), lambda: postgres_server.start()
        )
    finally:
        with suppress(RuntimeError):  # it runs where all went well
            postgres_server.start()
    assert all("database postgresql" in each or "cannot be read" in each for each in said)
    check(database)


def test_while_the_disk_takes_no_more_nothing_is_taken_and_it_goes_on_once_there_is_room(tmp_path: Path) -> None:
    database = tmp_path / "plant.db"
    process = Process(database, PLANT)
    pid, limits = process.process.pid, resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE)

    def fill() -> None:
        size = max(path.stat().st_size for path in tmp_path.iterdir())
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, limits[1]))

    said = went_through(process, fill, lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, limits))
    assert all(f"database sqlite:///{database}: " in each for each in said)
    check(f"sqlite:///{database}")


def test_a_chat_that_is_down_too_long_leaves_a_dead_letter_that_can_be_sent_again(tmp_path: Path) -> None:
    now, port, got = [START], free_port(), list[dict[str, Any]]()
    told = [{"url": f"json://127.0.0.1:{port}/", "kinds": ["quarantined"]}]
    with served(tmp_path, clock=lambda: now[0], notify=told, notify_attempts=2) as (_, client):
        post(client, "{not a document}")

        def given_up() -> Any:
            now[0] += 1
            return client.get(f"{API}/dead-letters").json()["rows"]

        (letter,) = eventually(given_up, 30)
        assert (letter["receiver"], letter["attempts"]) == ("notify:1", 2)
        assert "did not take it" in letter["error"]
        assert post(client, order("1")).status_code == HTTPStatus.OK  # nobody waits for a chat
        with web_server(got, port):
            assert client.post(f"{API}/dead-letters/{letter['message']}/resend").status_code == HTTPStatus.ACCEPTED
            eventually(lambda: got, 30)
            eventually(lambda: not client.get(f"{API}/dead-letters").json()["rows"])
    assert [each["title"].partition(":")[0] for each in got] == ["quarantined"]


def test_a_clock_that_is_stepped_back_keeps_the_order_of_events_and_every_timer(tmp_path: Path) -> None:
    wall, elapsed = [START * SECOND], [0]
    clock = SteadyClock(lambda: wall[0], lambda: elapsed[0])
    with served(tmp_path, clock=clock) as (service, client):
        dear = order("dear", quantity="1000", requested="2026-06-20")
        (line,) = post(client, dear).json()["documents"][0]["lines"]
        assert line["status"] == "awaiting_approval"
        wall[0] -= HOUR * SECOND
        (line,) = post(client, order("late", item="LAMP", requested="2026-03-01")).json()["documents"][0]["lines"]
        assert parse(line["promised"]) >= service.now >= START
        for passes in (wall, elapsed):
            passes[0] += 9 * HOUR * SECOND  # of which one is spent on catching up, at half the speed
        eventually(lambda: client.get(f"{API}/approvals").json()["rows"][0]["status"] == "rejected")
    store = Store(f"sqlite:///{tmp_path / 'plant.db'}", reading=True)
    sent = [row["sent"] for row in store.rows(MessageRow)]
    assert sent == sorted(sent)
    assert sent[-1] >= START + 8 * HOUR
    store.close()


def test_a_database_that_is_away_longer_than_it_may_be_ends_the_society_and_it_is_said_to_start_it_anew(
    postgres_server: postgres.Server, tmp_path: Path
) -> None:
    database = postgres_server.url()
    with served(tmp_path, db=database, outage_seconds=1) as (service, client):
        assert bring(client, "before").status_code == HTTPStatus.OK
        postgres_server.control("stop", "-m", "immediate")
        try:
            meanwhile = bring(client, "meanwhile")
            eventually(lambda: service.desk.failed)
        finally:
            postgres_server.start()
        answers = [meanwhile, client.get("/health/live"), client.get("/health/ready"), bring(client, "after")]
    assert [answer.status_code for answer in answers] == [HTTPStatus.SERVICE_UNAVAILABLE] * 4
    assert "the society has failed: database postgresql" in answers[1].json()["detail"]
    with served(tmp_path, db=database) as (_, client):
        assert client.get(f"{API}/orders/t/before").status_code == HTTPStatus.OK
        assert bring(client, "after").status_code == HTTPStatus.OK
