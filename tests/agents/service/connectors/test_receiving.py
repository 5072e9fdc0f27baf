from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from agents.sources.signing import digest
from knowledge.store.access_store import AccessStore
from knowledge.store.source_inbox import Delivered, SourceInbox
from tests.serving import API, served

SECRET = "only-a-test"
WEBHOOK = f"{API}/sources/eshop"


def body(number: str = "1001", **more: Any) -> bytes:
    """An order of the third-party source."""
    position = {"article": "STOOL", "amount": 2, "wanted": "2026-04-20", "price": "75.00", **more}
    return json.dumps({"number": number, "customer": "NEAR", "currency": "EUR", "positions": [position]}).encode()


def signed(content: bytes) -> dict[str, str]:
    """The headers of a webhook."""
    return {"X-Signature": digest(content, SecretStr(SECRET), "hex")}


def eventually(found: Callable[[], Any], seconds: float = 20) -> Any:
    """What is there after a while at the latest."""
    end = time.monotonic() + seconds
    while not (result := found()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return result


def rows(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """A table of the service."""
    found: list[dict[str, Any]] = client.get(f"{API}/{path}").raise_for_status().json()["rows"]
    return found


def orders(client: httpx.Client) -> list[dict[str, Any]]:
    """The orders of the service."""
    return rows(client, "orders")


def switched_on(kind: str, **more: Any) -> dict[str, Any]:
    """The setting of one connector."""
    return {"sources": {"eshop": {"kind": kind, "secret": SECRET, "every_seconds": 1, **more}}}


def test_a_signed_webhook_becomes_a_promised_order(tmp_path: Path, hermes: str) -> None:
    with served(tmp_path, **switched_on(hermes)) as (_, client):
        answer = client.post(WEBHOOK, content=body(), headers=signed(body()))
        assert (answer.status_code, answer.json()) == (202, {"new": True})
        eventually(lambda: orders(client))
        [line] = eventually(lambda: client.get(f"{API}/orders/hermes/1001").json()["lines"])
        assert (line["status"], line["item"]) == ("promised", "STOOL")


def test_a_webhook_that_nobody_signed_leaves_no_trace(tmp_path: Path, hermes: str) -> None:
    with served(tmp_path, **switched_on(hermes)) as (service, client):
        for headers in ({}, {"X-Signature": "0" * 64}, signed(body("7"))):
            answer = client.post(WEBHOOK, content=body(), headers=headers)
            assert answer.status_code == 401, answer.text
        assert client.post(f"{API}/sources/nobody", content=body(), headers=signed(body())).status_code == 404
        assert service.receivers["eshop"].standing().waiting == 0
        assert orders(client) == []


def test_the_same_webhook_five_times_at_once_is_one_order(tmp_path: Path, hermes: str) -> None:
    with served(tmp_path, **switched_on(hermes)) as (service, client), ThreadPoolExecutor(5) as pool:
        post = client.post
        answers = list(pool.map(lambda _: post(WEBHOOK, content=body(), headers=signed(body())), range(5)))
        assert [answer.status_code for answer in answers] == [202] * 5
        assert sorted(answer.json()["new"] for answer in answers) == [False] * 4 + [True]
        eventually(lambda: service.receivers["eshop"].standing().waiting == 0)
        assert len(orders(client)) == 1
        assert rows(client, "quarantine") == []


def test_a_webhook_that_cannot_be_read_is_quarantined(tmp_path: Path, hermes: str) -> None:
    bad = b'{"number": "7"}'
    with served(tmp_path, **switched_on(hermes)) as (_, client):
        assert client.post(WEBHOOK, content=bad, headers=signed(bad)).status_code == 202
        [row] = eventually(lambda: rows(client, "quarantine"))
        assert row["reason"] == "this is no order of hermes: KeyError('positions')"
        assert row["document"].startswith("eshop/")


def test_what_was_kept_before_a_crash_is_taken_after_the_next_start(tmp_path: Path, hermes: str) -> None:
    with served(tmp_path):
        pass
    with closing(AccessStore(f"sqlite:///{tmp_path / 'plant.db'}")) as store:
        assert SourceInbox(store).keep("eshop", [Delivered("1", body())], 0) == 1
        assert SourceInbox(store).keep("eshop", [Delivered("1", body())], 0) == 0
    with served(tmp_path, **switched_on(hermes)) as (service, client):
        eventually(lambda: orders(client))
        eventually(lambda: service.receivers["eshop"].standing().waiting == 0)


def test_more_webhooks_than_may_come_in_a_minute_are_told_when_to_come_again(tmp_path: Path, hermes: str) -> None:
    with served(tmp_path, **switched_on(hermes, at_most_per_minute=3)) as (_, client):
        answers = [client.post(WEBHOOK, content=c, headers=signed(c)) for c in (body(str(n)) for n in range(4))]
        assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
        assert answers[-1].headers["Retry-After"] == "20"


def test_a_file_in_a_watched_folder_is_read_once_it_is_whole(tmp_path: Path) -> None:
    drop, name, text = tmp_path / "drop", "order.json", _own()
    drop.mkdir()
    with served(tmp_path, sources={"drop": {"kind": "json", "folder": str(drop), "every_seconds": 1}}) as (_, client):
        (drop / name).write_bytes(text[:40])
        with (drop / name).open("ab") as file:  # it grows while it is looked at
            for at in range(40, len(text), 60):
                file.write(text[at : at + 60])
                file.flush()
                time.sleep(0.3)
        eventually(lambda: (drop / "done" / name).exists())
        assert (drop / "done" / name).read_bytes() == text
        eventually(lambda: orders(client))
        assert rows(client, "quarantine") == []


def _own() -> bytes:
    line = {"line": "1", "item": "STOOL", "quantity": "2", "requested": "2026-04-20", "unit_price": "75.00"}
    fields = {"type": "customer_order", "source": "t", "number": "1", "customer": "NEAR", "currency": "EUR"}
    return json.dumps({**fields, "lines": [line]}, indent=1).encode()


def test_a_decision_is_not_taken_from_a_file_that_somebody_dropped(tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "answer.json").write_text(
        '{"type": "approval_answer", "approval": "AP-1", "decision": "approve", "by": "x"}'
    )
    with served(tmp_path, sources={"drop": {"kind": "json", "folder": str(drop), "every_seconds": 1}}) as (_, client):
        [row] = eventually(lambda: rows(client, "quarantine"))
        assert row["reason"] == "a source may not bring a document of type approval_answer"


def test_operators_see_how_connectors_stand(tmp_path: Path, hermes: str) -> None:
    with served(tmp_path, **switched_on(hermes)) as (_, client):
        client.post(WEBHOOK, content=body(), headers=signed(body()))
        eventually(lambda: orders(client))
        [row] = eventually(lambda: [r for r in client.get(f"{API}/sources").json() if r["taken"]])
        assert (row["name"], row["kind"], row["webhook"]) == ("eshop", "hermes", WEBHOOK)
        assert (row["waiting"], row["taken"], row["trouble"]) == (0, 1, "")
        page = client.get("/society").text
        assert "Sources that are switched on" in page
        assert "eshop" in page
