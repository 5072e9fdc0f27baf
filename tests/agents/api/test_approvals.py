"""A manager's answer over HTTP: once, with an alternative or an amendment, and never a second time."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import httpx
import pytest

from tests.agents.api.test_documents import post
from tests.serving import API, PLANT, eventually, order, served


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("approvals")
    knowledge = Path(shutil.copytree(PLANT, folder / "knowledge"))
    with (knowledge / "plant.toml").open("a") as file:
        file.write('\n[[approvals]]\ndecision = "promise"\naction = "ask"\nrole = "manager"\non_silence = "reject"\n')
    with served(folder, knowledge) as (_, client):
        yield client


def asked(client: httpx.Client, number: str, **line: str) -> str:
    """An order, and the approval that waits for it: here a manager is asked about every promise."""
    body = order(number, item="TABLE", quantity="4")
    body["lines"][0] |= line
    post(client, body)

    def waiting() -> str:
        rows = client.get(f"{API}/approvals", params={"status": "pending", "limit": 500}).json()["rows"]
        return next((row["approval"] for row in rows if row["order"].startswith(f"t/{number}")), "")

    return str(eventually(waiting))


def answer(client: httpx.Client, approval: str, **body: Any) -> httpx.Response:
    return client.post(f"{API}/approvals/{approval}/answer", json=body)


def test_an_answer_is_taken_once_and_a_second_one_is_a_conflict(client: httpx.Client) -> None:
    approval = asked(client, "once")
    assert client.get(f"{API}/approvals/{approval}").json()["status"] == "pending"
    first = answer(client, approval, decision="approve", by="M. Weber", note="needed")
    assert first.status_code == 200, first.text
    assert (first.json()["status"], first.json()["by"]) == ("approved", "M. Weber")
    second = answer(client, approval, decision="reject")
    assert second.status_code == 409
    assert second.headers["content-type"] == "application/problem+json"
    assert "approved" in second.json()["detail"]


def test_of_two_managers_at_once_one_is_heard(client: httpx.Client) -> None:
    approval = asked(client, "both")
    together, found = Barrier(2), []

    def decide(decision: str) -> None:
        together.wait()
        found.append(answer(client, approval, decision=decision).status_code)

    managers = [Thread(target=decide, args=(decision,)) for decision in ("approve", "reject")]
    for manager in managers:
        manager.start()
    for manager in managers:
        manager.join()
    assert sorted(found) == [200, 409]


def test_an_amendment_changes_the_order_and_the_question(client: httpx.Client) -> None:
    approval = asked(client, "amended")
    response = answer(client, approval, decision="amend", lines=[{"line": "1", "quantity": "10"}])
    assert response.status_code == 200, response.text
    found = client.get(f"{API}/orders/t/amended").json()
    assert [(part["quantity"], part["status"]) for part in found["lines"]] == [("10", "awaiting_approval")]
    assert found["document"]["lines"][0]["quantity"] == "10"
    assert response.json()["status"] == "superseded"
    assert found["approvals"][0] == approval
    assert len(found["approvals"]) == 2


def test_an_alternative_is_chosen_by_its_name_and_planned(client: httpx.Client) -> None:
    approval = asked(client, "chosen", quantity="40", requested="2026-03-04")
    alternatives = client.get(f"{API}/approvals/{approval}").json()["alternatives"]
    assert alternatives
    assert all(each["delivery"] and each["releases"] and each["purchases"] for each in alternatives)
    last = alternatives[-1]
    response = answer(client, approval, decision="approve", alternative=last["name"])
    assert response.status_code == 200, response.text
    parts = client.get(f"{API}/orders/t/chosen").json()["lines"]
    assert {part["status"] for part in parts} == {"promised"}
    assert max(part["promised"] for part in parts) == last["delivery"]


@pytest.mark.parametrize(
    "body",
    [
        {"decision": "perhaps"},
        {"decision": "approve", "alternative": "none such"},
        {"decision": "reject", "alternative": "1"},
        {"decision": "amend"},
        {"decision": "approve", "lines": [{"line": "1", "quantity": 1}]},
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_and_the_question_stays(
    client: httpx.Client, body: dict[str, Any]
) -> None:
    waiting = client.get(f"{API}/approvals", params={"status": "pending"}).json()["rows"]
    approval = waiting[0]["approval"] if waiting else asked(client, "senseless")
    assert answer(client, approval, **body).status_code == 422
    assert client.get(f"{API}/approvals/{approval}").json()["status"] == "pending"


def test_an_approval_that_does_not_exist_is_not_found(client: httpx.Client) -> None:
    assert answer(client, "AP-999999", decision="approve").status_code == 404
