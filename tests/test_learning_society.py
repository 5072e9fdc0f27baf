"""A society that learns: the same on either host and after a restart, by the book, and not at all where nobody asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.opening import Host, HostMaker
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from agents.service.connectors.news import Newsroom
from agents.sources.reading import Read, read_paths
from knowledge.auditor import audit
from knowledge.documents import DOCUMENT
from knowledge.instants import DAY, HOUR, Instant, iso, parse
from knowledge.reading import read_folder
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from knowledge.store.learned import learned_plant
from knowledge.store.tables import AgentStateRow, PurchaseOrderRow
from protocols.publishing import PurchaseOrderNews, Topic
from simulations.processing import Processing, in_order
from tests.serving import served
from tests.test_run_agents import run as command

HERE = Path(__file__).parent / "scenarios" / "learning"
SCENARIOS = ("late_supplier_makes_later_promises_honest", "slow_work_makes_later_promises_honest")


def files_of(scenario: str) -> dict[str, str]:
    return read_folder(HERE / scenario / "knowledge")


def reads_of(scenario: str) -> list[Read]:
    return read_paths([HERE / scenario / "documents.jsonl"])


def run(
    scenario: str, store: Store, reads: list[Read], files: dict[str, str], make: HostMaker[Host] = SimulatedHost
) -> dict[str, Rows]:
    """The tables of a society that goes on with some documents."""
    processing = Processing(store, files, parse("2026-01-05T08:00:00Z"), make_host=make)
    for _ in processing.run(reads):
        pass
    tables = export(store, processing.plant_now(), processing.now)
    processing.host.stop()
    assert not processing.outcome.dead
    audit(books_of(store, processing.plant_now(), processing.now))
    return tables


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_both_hosts_and_a_restart_after_every_instant_come_to_the_same_tables(scenario: str, tmp_path: Path) -> None:
    reads, files = reads_of(scenario), files_of(scenario)
    known = run(scenario, Store("sqlite://"), reads, files)
    assert run(scenario, Store("sqlite://"), reads, files, PykkaHost) == known
    url = f"sqlite:///{tmp_path / 'plant.db'}"
    for _, batch in in_order(reads, 0):
        store = Store(url)
        again = run(scenario, store, batch, files)
        store.close()
    assert again == known


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_plant_that_does_not_ask_for_it_learns_nothing(scenario: str) -> None:
    files = files_of(scenario) | {"plant.toml": 'name = "learning"\n'}
    store = Store("sqlite://")
    tables = run(scenario, store, reads_of(scenario), files)
    kept = {row["key"].partition(":")[0] for row in store.rows(AgentStateRow)}
    assert not kept & {"brought", "worked", "working"}
    last = {row["order"]: row["promised"] for row in tables["promises"]}
    if "late" in scenario.split("_"):
        assert last["s/5"] == "2026-01-24T08:00:00+00:00"
    else:
        assert last["s/short"] == "2026-01-11T10:00:00+00:00"


def test_what_is_learned_is_begun_from_the_records_where_it_was_not_asked_for_before(tmp_path: Path) -> None:
    scenario, url = SCENARIOS[0], f"sqlite:///{tmp_path / 'plant.db'}"
    plain = files_of(scenario) | {"plant.toml": 'name = "learning"\n'}
    reads = reads_of(scenario)
    late = [read for read in reads if getattr(read.document, "number", "") in ("5", "6", "7")]
    store = Store(url)
    run(scenario, store, [read for read in reads if read not in late], plain)
    processing = Processing(store, plain, store.clock())
    load = processing.load(files_of(scenario))
    assert [field.name for change in load.changes for field in change.fields] == [
        "learning.lead_time_quantile",
        "learning.least",
    ]
    processing.host.stop()
    tables = run(scenario, store, late, files_of(scenario))
    store.close()
    last = {row["order"]: row["promised"] for row in tables["promises"]}
    assert (last["s/5"], last["s/6"]) == ("2026-01-28T08:00:00+00:00", "2026-01-26T08:00:00+00:00")


def test_what_was_learned_of_an_item_is_forgotten_with_its_route(tmp_path: Path) -> None:
    scenario = SCENARIOS[1]
    released = tmp_path / "released.json"
    released.write_text(
        '{"type": "engineering_release", "received": "2026-01-11T00:00:00Z", "item": "SHAFT", "revision": "B",'
        ' "drawings": [], "bom": [], "route": [{"step": "TURN", "work_centre": "LATHE", "run_minutes": "3"}]}'
    )
    store = Store("sqlite://")
    reads = [*reads_of(scenario), *read_paths([released])]
    tables = run(scenario, store, reads, files_of(scenario))
    last = {row["order"]: row["promised"] for row in tables["promises"]}
    assert last["s/short"] == "2026-01-11T08:30:00+00:00"
    assert not store.rows(AgentStateRow, agent="planner", key="worked:SHAFT")


def test_the_learned_plant_of_the_records_is_what_the_planner_plans_with() -> None:
    for scenario in SCENARIOS:
        store, files = Store("sqlite://"), files_of(scenario)
        run(scenario, store, reads_of(scenario), files)
        processing = Processing(store, files, store.clock())
        found = learned_plant(store, processing.plant_now())
        reckoned = processing.host.agents["planner"].state.plant  # type: ignore[attr-defined]
        assert reckoned.offers == {item: found.offers[item] for item in reckoned.offers}
        assert reckoned.routes == found.routes
        processing.host.stop()


def test_why_and_the_purchasing_page_say_what_is_reckoned_with(tmp_path: Path) -> None:
    late, slow = (tmp_path / name for name in SCENARIOS)
    for folder, scenario in ((late, SCENARIOS[0]), (slow, SCENARIOS[1])):
        folder.mkdir()
        documents, knowledge = HERE / scenario / "documents.jsonl", HERE / scenario / "knowledge"
        url = f"sqlite:///{folder / 'plant.db'}"
        assert command("process", documents, "--knowledge", knowledge, "--out", folder, "--db", url).exit_code == 0
    said = "SLOW takes 9 days for LAMP, not the 5 it offers"
    db = f"sqlite:///{late / 'plant.db'}"
    assert f"learned: {said}\n" in command("why", "PO-000006", "--db", db).stdout
    [answer] = json.loads(command("why", "PO-000006", "--db", db, "--json").stdout)["supplies"]
    assert answer["learned"] == said
    db = f"sqlite:///{slow / 'plant.db'}"
    assert (
        "learned: SHAFT takes step TURN 200 % of its time at LATHE\n" in command("why", "WO-000008", "--db", db).stdout
    )
    assert "learned:" not in command("why", "WO-000009", "--db", db).stdout
    with served(late, HERE / SCENARIOS[0] / "knowledge", lambda: parse("2026-01-19T09:00:00Z")) as (_, client):
        page = client.get("/purchasing?show=open").text
    assert f"<small>learned: {said}</small>" in page


class Trade:
    """A society that buys of a supplier who offers LAMP in 5 days, a day's order after the other."""

    def __init__(self) -> None:
        self.processing = Processing(Store("sqlite://"), files_of(SCENARIOS[0]), parse("2026-01-05T08:00:00Z"))

    def say(self, time: Instant, kind: str, **fields: object) -> None:
        body = {"type": kind, "received": iso(time), **fields}
        read = Read("said", DOCUMENT.validate_python(body), "", "")
        for _ in self.processing.run([read]):
            pass

    def buy(self, number: int, time: Instant) -> tuple[Instant, Instant]:
        """When the supplier of one more order's purchase is asked for it, and when it is reckoned with."""
        line = {"line": "1", "item": "LAMP", "quantity": "10", "unit_price": "20"}
        self.say(time, "customer_order", source="s", number=str(number), customer="C", lines=[line])
        news = Newsroom(self.processing.store, self.processing.plant).news(
            Topic.PURCHASE_ORDER, self.order(number), time
        )
        assert isinstance(news, PurchaseOrderNews)
        return parse(news.rows[0].due), self.due(number)

    def due(self, number: int) -> Instant:
        [row] = self.processing.store.rows(PurchaseOrderRow, purchase_order=self.order(number))
        due: Instant = row["due"]
        return due

    def order(self, number: int) -> str:
        return f"PO-{number:06}"


def test_who_is_always_late_by_the_same_is_reckoned_with_for_that_and_no_more() -> None:
    trade, time = Trade(), parse("2026-01-05T08:00:00Z")
    reckoned = []
    for number in range(1, 13):
        asked, due = trade.buy(number, time)
        assert asked == time + 5 * DAY
        reckoned.append((due - time) // DAY)
        trade.say(asked + 3 * DAY, "goods_receipt", purchase_order=trade.order(number), item="LAMP", quantity="10")
        time = asked + 3 * DAY
    assert reckoned == [5] * 4 + [8] * 8


def test_a_confirmation_of_what_was_asked_takes_no_slack_away_and_another_counts_as_it_is() -> None:
    trade, time = Trade(), parse("2026-01-05T08:00:00Z")
    for number in range(1, 5):
        trade.buy(number, time)
        trade.say(time + 8 * DAY, "goods_receipt", purchase_order=trade.order(number), item="LAMP", quantity="10")
        time += 8 * DAY
    asked, due = trade.buy(5, time)
    for told, then in ((asked, due), (asked + DAY, asked + DAY), (due + 2 * DAY, due + 2 * DAY)):
        trade.say(time, "supplier_confirmation", purchase_order=trade.order(5), item="LAMP", due=iso(told))
        assert trade.due(5) == then
        time += HOUR
