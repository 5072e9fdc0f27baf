"""Killed at any moment, stopped at any moment: nothing is lost, nothing is there twice, and it goes on."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
from typer.testing import CliRunner

from agents.society import stored_plant
from agents.sources.reading import read_paths
from knowledge.auditor import audit
from knowledge.reading import read_folder
from knowledge.store.books import books_of
from knowledge.store.database import Store, Write
from knowledge.store.engines import told, url_of
from knowledge.store.export import Rows, export
from knowledge.store.tables import AgentStateRow, CustomerOrderRow, MessageRow, PromiseRow
from run_agents import UNUSABLE, app
from simulations.processing import Processing, earliest
from tests.effort import times
from tests.serving import API, PLANT, Process, eventually, order

BY_DOCUMENTS = {"SOCIETY_CLOCK": "received", "SOCIETY_START": "2026-03-02T08:00:00Z"}
DEMO = Path(__file__).parents[3] / "simulations" / "plants" / "demo"


def tables(database: Path) -> dict[str, Rows]:
    """The tables of a database nobody runs on, which the auditor finds in order; without the names of documents."""
    store = Store(f"sqlite:///{database}")
    plant, now = stored_plant(store), store.clock()
    assert not audit(books_of(store, plant, now))
    found = export(store, plant, now)
    store.close()
    return {**found, "quarantine": [{"reason": row["reason"]} for row in found["quarantine"]]}


def bring(process: Process, body: bytes, file: str) -> bool:
    """Bring a file and wait for all that follows; whether the service lived to say what became of it."""
    with suppress(httpx.TransportError):
        response = process.client.post(f"{API}/documents", content=body, params={"wait": 30, "file": file})
        return response.status_code == 200
    return False


def test_killed_at_random_moments_it_ends_with_the_tables_of_an_undisturbed_run(tmp_path: Path) -> None:
    files = sorted((DEMO / "orders").iterdir())[:16]
    reads = read_paths(files)
    undisturbed = Processing(Store(), read_folder(DEMO / "knowledge"), earliest(reads))
    for _ in undisturbed.run(reads):
        pass
    rng, kills, database = random.Random(7), times(2, 60), tmp_path / "plant.db"
    doomed = set(rng.sample(range(len(files)), min(kills, len(files) - 1)))
    environment = {"SOCIETY_CLOCK": "received", "SOCIETY_START": undisturbed_start(reads)}
    process = Process(database, DEMO / "knowledge", **environment)
    for number, file in enumerate(files):
        if number in doomed:
            killer = threading.Timer(rng.uniform(0, 0.25), process.process.kill)
            killer.start()
            bring(process, file.read_bytes(), file.name)
            killer.join()
            process.kill()
            process = Process(database, DEMO / "knowledge", **environment)
        assert bring(process, file.read_bytes(), file.name)
    assert process.terminate() == 0
    found = tables(database)
    wanted = export(undisturbed.store, undisturbed.plant_now(), undisturbed.now)
    for name in ("promises", "work_orders", "operations", "purchase_orders", "shipping_orders", "action_messages"):
        assert found[name] == wanted[name], name


def test_orders_that_come_together_are_each_taken_once_though_the_service_is_killed(database: str) -> None:
    rng, kills, numbers = random.Random(11), times(1, 30), iter(range(times(24, 400)))
    process = Process(database, PLANT)
    running, sent = [process], list[int]()

    def client() -> None:
        for number in numbers:
            line = {"line": "1", "item": "STOOL", "quantity": "2", "requested": "2027-06-20", "unit_price": "75.00"}
            body, told = order(f"n{number}", received="2026-03-02T09:00:00Z", lines=[line]), None
            while told is None:  # nobody said what became of it: it is sent again, to whoever serves now
                with suppress(httpx.TransportError, RuntimeError):  # the client may be closed under our hands
                    response = running[0].client.post(f"{API}/documents", json=body, params={"wait": 30})
                    told = response if response.status_code == 200 else None
                time.sleep(0.05)
            sent.append(number)

    clients = [threading.Thread(target=client) for _ in range(6)]
    for each in clients:
        each.start()
    for _ in range(kills):
        time.sleep(rng.uniform(0.05, 0.6))
        running[0].kill()
        running[0] = Process(database, PLANT)
    for each in clients:
        each.join()
    assert running[0].terminate() == 0
    store = Store(database)
    taken = Counter(row["number"] for row in store.rows(CustomerOrderRow))
    asked = {row["conversation"] for row in store.rows(MessageRow, kind="SubmitDocument")}
    answers = Counter(row["conversation"] for row in store.rows(MessageRow, kind="Acknowledged"))
    promised = Counter(row["order"] for row in store.rows(PromiseRow, status="promised"))
    plant = stored_plant(store)
    assert taken == Counter(f"n{number}" for number in sent)
    assert answers == Counter(asked)
    assert (len(promised), set(promised.values())) == (len(sent), {1})
    assert (store.rows(MessageRow, status="dead"), audit(books_of(store, plant, store.clock()))) == ([], [])
    store.close()


def undisturbed_start(reads: Any) -> str:
    received = [read.document.received for read in reads if read.document and read.document.received]
    return str(min(received).isoformat())


def test_a_service_that_is_told_to_stop_finishes_what_it_took(tmp_path: Path) -> None:
    database = tmp_path / "plant.db"
    process = Process(database, PLANT, **BY_DOCUMENTS)
    answers: list[int] = []

    def send(number: int) -> None:
        with suppress(httpx.TransportError):
            body = order(f"n{number}", received="2026-03-02T09:00:00Z")
            answers.append(process.client.post(f"{API}/documents", json=body).status_code)

    senders = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for sender in senders:
        sender.start()
    time.sleep(0.15)
    status = process.terminate()
    for sender in senders:
        sender.join()
    assert status == 0
    assert set(answers) <= {200, 202, 503}
    taken = sum(answer in (200, 202) for answer in answers)
    promises = [row for row in tables(database)["promises"] if row["status"] == "promised"]
    assert len(promises) >= taken
    assert len({row["order"] for row in promises}) == len(promises)
    assert next(line for line in process.log if line["event"] == "stopped")["finished"]


def test_a_stream_of_events_does_not_hold_up_a_stop_and_the_log_is_json_with_the_request_and_the_order(
    tmp_path: Path,
) -> None:
    process = Process(tmp_path / "plant.db", PLANT, **BY_DOCUMENTS)
    response = process.client.post(f"{API}/documents?wait=20", json=order("logged"), headers={"X-Request-ID": "r-1"})
    (ticket,) = response.json()["documents"]
    with process.client.stream("GET", f"{API}/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": on"
        begin = time.monotonic()
        process.process.terminate()
        list(lines)
    assert process.terminate() == 0
    assert time.monotonic() - begin < 10
    request = next(line for line in process.log if line["event"] == "request" and line["request"] == "r-1")
    assert (request["status"], request["path"]) == (200, f"{API}/documents")
    document = next(line for line in process.log if line["event"] == "document")
    assert document["conversation"] == ticket["conversation"]
    assert next(line for line in process.log if line["event"] == "line")["order"] == "t/logged"


def test_a_new_society_that_lives_by_its_documents_has_to_be_told_when_it_begins(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'plant.db'}"
    arguments = ["serve", "--knowledge", str(PLANT), "--db", url, "--port", "0"]
    result = CliRunner().invoke(app, arguments, env={"SOCIETY_CLOCK": "received"})
    assert result.exit_code == UNUSABLE
    assert "SOCIETY_START" in result.stderr


def test_while_a_service_runs_nobody_else_writes_its_database_and_everybody_may_read_it(tmp_path: Path) -> None:
    process = Process(tmp_path / "plant.db", PLANT, **BY_DOCUMENTS)
    url = f"sqlite:///{tmp_path / 'plant.db'}"
    knowledge, out = ("--knowledge", str(PLANT)), str(tmp_path / "out")
    for arguments in (
        ["process", str(PLANT / "orders.jsonl"), *knowledge, "--db", url, "--out", out],
        ["improve", "--db", url, "--seconds", "1"],
        ["knowledge", "load", str(PLANT), "--db", url],
    ):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == UNUSABLE, arguments
        assert f"in use by process {process.process.pid} on" in result.stderr
    assert CliRunner().invoke(app, ["export", "--db", url, "--out", out]).exit_code == 0
    assert process.client.get("/health/live").status_code == 200
    assert process.terminate() == 0


def test_a_second_service_stands_by_and_takes_over_when_the_first_is_killed(database: str) -> None:
    first = Process(database, PLANT, **BY_DOCUMENTS)
    brought = order("first", received="2026-03-02T09:00:00Z")
    assert first.client.post(f"{API}/documents?wait=20", json=brought).status_code == 200
    second = Process(database, PLANT, **BY_DOCUMENTS)
    assert eventually(lambda: any(line["event"] == "standing by" for line in second.log))
    assert second.client.get("/health/live").json() == {"status": "standing by", "under_way": 0, "now": None}
    for path in ("/health/ready", "/metrics", f"{API}/orders"):
        refused = second.client.get(path)
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        assert (
            f"standing by: database {told(url_of(database))} is in use by process {first.process.pid}" in refused.text
        )
    first.kill()
    began = time.monotonic()
    eventually(lambda: second.client.get("/health/ready").status_code == 200, 30)
    assert time.monotonic() - began < 10
    found = second.client.get(f"{API}/orders/t/first").json()
    assert [part["status"] for part in found["lines"]] == ["promised"]
    again = second.client.post(f"{API}/documents?wait=20", json=brought).json()["documents"]
    assert [each["outcome"] for each in again] == ["duplicate"]
    assert second.terminate() == 0


def test_a_service_that_stands_by_stops_when_it_is_told_to(tmp_path: Path) -> None:
    with closing(Store(f"sqlite:///{tmp_path / 'plant.db'}")) as owned:
        second = Process(tmp_path / "plant.db", PLANT, **BY_DOCUMENTS)
        assert second.client.get("/health/ready").status_code == 503
        assert second.terminate() == 0
        owned.write([Write(AgentStateRow, {"agent": "a", "key": "mine", "body": ""})])


def test_a_service_that_takes_over_but_cannot_begin_ends_and_says_why(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'plant.db'}")
    second = Process(tmp_path / "plant.db", SOCIETY_CLOCK="received")
    store.close()
    assert second.ended() == UNUSABLE
    assert "SOCIETY_START" in "".join(second.said)
