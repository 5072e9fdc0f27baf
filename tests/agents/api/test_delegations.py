"""A role is handed over by who has it, and its stand-in may then answer what waits for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agents.api.people import People, peopled
from tests.serving import API, PLANT, eventually, order

POLICY = '\n[[approvals]]\ndecision = "promise"\naction = "ask"\nrole = "manager"\n'


@pytest.fixture(scope="module")
def folk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    folder = tmp_path_factory.mktemp("delegations")
    knowledge = Path(shutil.copytree(PLANT, folder / "knowledge"))
    with (knowledge / "plant.toml").open("a") as file:
        file.write(POLICY)
    with peopled(folder, knowledge) as found:
        yield found


def asked(folk: People, number: str) -> str:
    """An order, and the approval that waits for it."""
    assert folk.call("sales", "POST", f"{API}/documents", json=order(number)).is_success

    def waiting() -> str:
        rows = folk.call("viewer", "GET", f"{API}/approvals", params={"status": "pending"}).json()["rows"]
        return next((row["approval"] for row in rows if row["order"] == f"t/{number}"), "")

    return str(eventually(waiting))


def test_a_stand_in_may_answer_as_long_as_the_role_is_handed_over_and_nobody_else(folk: People) -> None:
    approval = asked(folk, "1")
    path = f"{API}/approvals/{approval}/answer"
    assert folk.call("buyer", "POST", path, json={"decision": "approve"}).status_code == 403
    handed = {"role": "manager", "to": "buyer", "until": "2026-03-09"}
    refused = folk.call("sales", "POST", f"{API}/delegations", json=handed)
    assert (refused.status_code, "only a manager hands that role over" in refused.json()["detail"]) == (403, True)
    assert folk.call("manager", "POST", f"{API}/delegations", json={**handed, "by": "dora"}).status_code == 403
    made = folk.call("manager", "POST", f"{API}/delegations", json=handed)
    assert made.status_code == 201, made.text
    assert [(each["to"], each["by"], each["in_force"]) for each in made.json()] == [("buyer", "manager", True)]
    assert folk.call("viewer", "GET", f"{API}/approvals/{approval}").json()["stand_ins"] == ["buyer"]
    assert folk.call("engineer", "POST", path, json={"decision": "approve"}).status_code == 403
    answered = folk.call("buyer", "POST", path, json={"decision": "approve"})
    assert (answered.status_code, answered.json()["by"]) == (200, "buyer")
    ended = folk.call("manager", "POST", f"{API}/delegations", json={**handed, "until": "2026-03-01"})
    assert [each["in_force"] for each in ended.json()] == [False]
    other = f"{API}/approvals/{asked(folk, '2')}/answer"
    assert folk.call("buyer", "POST", other, json={"decision": "approve"}).status_code == 403


def test_a_role_is_handed_over_by_no_document_either_that_another_brings(folk: People) -> None:
    said = {"type": "approval_delegation", "role": "manager", "to": "integrator", "until": "2026-03-09"}
    for name in ("integrator", "sales"):
        assert folk.call(name, "POST", f"{API}/documents", json=said).status_code == 403
    assert folk.call("viewer", "GET", f"{API}/delegations").status_code == 200


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"role": "boss", "to": "ann", "until": "2026-03-09"}, "only a boss"),
        ({"role": "manager", "to": "ann", "until": "soon"}, "until"),
        ({"role": "manager", "to": "", "until": "2026-03-09"}, "mistake"),
    ],
)
def test_what_makes_no_sense_is_one_clear_problem(folk: People, said: dict[str, str], problem: str) -> None:
    answer = folk.call("manager", "POST", f"{API}/delegations", json=said)
    assert answer.status_code in (403, 422)
    assert problem in answer.json()["detail"]
