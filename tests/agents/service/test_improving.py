"""The plan is improved beside a running service: late orders get earlier dates, and nobody waits for it."""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from agents.runtime.agent import Agent, Effects, Turn, handles
from agents.runtime.dispatch import MOST_ATTEMPTS
from agents.runtime.ledger import Ledger
from agents.runtime.pykka_host import PykkaHost
from agents.service.settings import ServiceError, settings
from agents.society import stored_plant
from knowledge.auditor import audit
from knowledge.instants import from_datetime, parse
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from protocols.supplying import Wake
from tests.agents.runtime.chat import NOW, request
from tests.bench.setups import START, write_shop
from tests.serving import API, PLANT, eventually, served

BEGIN = from_datetime(START)


def late_hours(client: httpx.Client) -> float:
    """How late everything is that is promised, in sum."""
    rows = client.get(f"{API}/orders", params={"limit": 100}).json()["rows"]
    parts = [part for row in rows for part in row["lines"] if part["promised"] and part["requested"]]
    return sum(max(0, parse(part["promised"]) - parse(part["requested"])) for part in parts) / 3600


def test_late_orders_get_earlier_dates_while_others_are_taken_and_it_stops_at_once(tmp_path: Path) -> None:
    write_shop(tmp_path, orders=20, days=2.7, seed=4)
    orders = [json.loads(line) for line in (tmp_path / "orders.jsonl").read_text().splitlines()]
    first = time.monotonic()

    def clock() -> int:
        return BEGIN + 60 + int(time.monotonic() - first)

    more = {"improve_seconds": 3, "improve_after_seconds": 1}
    with served(tmp_path, tmp_path / "knowledge", clock, **more) as (service, client):
        body = "".join(json.dumps(order) + "\n" for order in orders[:16])
        assert client.post(f"{API}/documents", content=body, params={"wait": 30}).is_success
        before, waits = late_hours(client), []
        assert before > 1
        eventually(lambda: late_hours(client) < before, 60)
        for order in orders[16:]:  # the planner goes on improving meanwhile
            begin = time.monotonic()
            assert client.post(f"{API}/documents", json=order, params={"wait": 30}).status_code == 200
            waits.append(time.monotonic() - begin)
        assert statistics.median(waits) < 2
        assert service.desk.failed is None
        begin = time.monotonic()
    assert time.monotonic() - begin < 5
    store = Store(f"sqlite:///{tmp_path / 'plant.db'}", reading=True)
    plant, now = stored_plant(store), store.clock()
    assert audit(books_of(store, plant, now)) == []
    assert store.rows(MessageRow, status="dead") == []
    store.close()


class Fragile(Agent):
    """It cannot handle anything, and tells when it is to leave nothing running."""

    name = "fragile"
    stopped: ClassVar[list[str]] = []

    @handles(Wake)
    def wake(self, turn: Turn[Wake]) -> Effects:
        if turn.content.what:
            raise RuntimeError("this is a bug")
        yield from ()

    def stop(self) -> None:
        self.stopped.append(self.name)


def test_an_agent_that_crashed_leaves_nothing_running() -> None:
    host = PykkaHost({"fragile": Fragile}, Ledger(Store("sqlite://")), NOW)
    host.post([request("fragile", Wake(what="improve"), conversation="one")], "door")
    host.run_until(NOW)
    assert len(Fragile.stopped) == MOST_ATTEMPTS
    host.stop()
    assert len(Fragile.stopped) == MOST_ATTEMPTS + 1


def test_a_plan_is_not_improved_where_documents_say_what_time_it_is() -> None:
    said = {"knowledge": PLANT, "db": "sqlite:///plant.db", "clock": "received", "improve_seconds": 5}
    with pytest.raises(ServiceError, match="improving takes the machine's time"):
        settings(None, **said)
