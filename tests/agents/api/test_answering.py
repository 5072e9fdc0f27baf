"""Who may answer an approval, what is kept of it, and that nothing changes where somebody may not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agents.api.people import People, peopled
from tests.serving import API, PLANT, eventually, order

RULES = """
[[approvals]]
decision = "promise"
when = {{ item = "{item}" }}
action = "ask"
role = "{role}"
on_silence = "reject"
"""


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    folder = tmp_path_factory.mktemp("answering")
    knowledge = Path(shutil.copytree(PLANT, folder / "knowledge"))
    with (knowledge / "plant.toml").open("a") as file:
        file.write(RULES.format(item="TABLE", role="manager") + RULES.format(item="STOOL", role="director"))
        file.write(RULES.format(item="LAMP", role="manager") + "four_eyes = true\n")
    with peopled(folder, knowledge) as found:
        yield found


def asked(people: People, number: str, item: str = "TABLE", quantity: str = "4") -> str:
    """An order of which somebody is asked, and the number of that approval."""
    body = order(number, item=item, quantity=quantity)
    assert people.call("integrator", "POST", f"{API}/orders", json=body, params={"wait": 20}).status_code in (200, 202)

    def waiting() -> str:
        rows = people.call("viewer", "GET", f"{API}/approvals", params={"status": "pending", "limit": 500}).json()
        return next((row["approval"] for row in rows["rows"] if row["order"].startswith(f"t/{number}")), "")

    return str(eventually(waiting))


def status(people: People, approval: str) -> tuple[str, str]:
    found = people.call("viewer", "GET", f"{API}/approvals/{approval}").json()
    return found["status"], found["by"]


def answer(people: People, name: str, approval: str, **body: Any) -> Any:
    said = {"decision": "approve", **body}
    return people.call(name, "POST", f"{API}/approvals/{approval}/answer", json=said)


def log_of(people: People, **params: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = people.call("operator", "GET", f"{API}/audit-log", params=params).json()["rows"]
    return rows


@pytest.mark.parametrize("name", ["viewer", "sales", "buyer", "operator", "integrator", "dora"])
def test_who_is_not_of_the_role_is_refused_and_nothing_changes(people: People, name: str) -> None:
    approval = asked(people, f"role-{name}")
    refused = answer(people, name, approval)
    assert refused.status_code == 403
    assert "manager" in refused.json()["detail"] or "answer_approvals" in refused.json()["detail"]
    assert status(people, approval) == ("pending", "")
    assert log_of(people, search=approval) == []


def test_a_title_answers_what_is_put_before_it_and_the_manager_does_not(people: People) -> None:
    approval = asked(people, "titled", item="STOOL", quantity="2")
    refused = answer(people, "manager", approval)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "this approval is put before director, and manager is none",
    )
    assert answer(people, "dora", approval).status_code == 200
    assert status(people, approval) == ("approved", "dora")


def test_over_their_limit_somebody_may_reject_and_not_approve(people: People) -> None:
    dear, cheap = asked(people, "dear", quantity="40"), asked(people, "cheap", quantity="1")
    refused = answer(people, "small", dear)
    assert refused.status_code == 403
    assert "small may approve up to 500; this is over 3000" in refused.json()["detail"]
    assert answer(people, "small", cheap).status_code == 200
    assert answer(people, "small", dear, decision="reject").status_code == 200
    assert (status(people, dear), status(people, cheap)) == (("rejected", "small"), ("approved", "small"))


def test_nobody_answers_in_anothers_name(people: People) -> None:
    approval = asked(people, "names")
    assert answer(people, "manager", approval, by="small").status_code == 403
    assert status(people, approval) == ("pending", "")
    assert answer(people, "manager", approval, by="manager").status_code == 200


def test_an_answer_sent_as_a_document_goes_by_the_same_rules(people: People) -> None:
    approval = asked(people, "document")
    for said in ({"approval": approval}, {"subject": "t/document"}):
        document = {"type": "approval_answer", "decision": "approve", **said}
        for name in ("integrator", "buyer", "sales"):
            refused = people.call(name, "POST", f"{API}/documents", json=document, params={"wait": 10})
            assert refused.status_code == 403, refused.text
    assert status(people, approval) == ("pending", "")
    taken = people.call("manager", "POST", f"{API}/documents", json=document, params={"wait": 20})
    assert taken.status_code == 200, taken.text
    assert status(people, approval) == ("approved", "manager")


def test_one_document_of_a_kind_that_somebody_may_not_bring_keeps_all_of_them_out(people: People) -> None:
    bodies = [order("mixed"), {"type": "stock_count", "item": "LEG", "quantity": 1}]
    refused = people.call("sales", "POST", f"{API}/documents", json=bodies)
    assert (refused.status_code, "stock_count" in refused.json()["detail"]) == (403, True)
    assert people.call("sales", "GET", f"{API}/orders/t/mixed").status_code == 404
    assert people.call("integrator", "POST", f"{API}/documents?wait=10", json=bodies).status_code == 200


def test_a_decision_is_in_the_audit_log_with_who_what_and_when(people: People) -> None:
    approval = asked(people, "logged")
    assert answer(people, "manager", approval, note="needed").status_code == 200
    (record,) = log_of(people, search=approval)
    assert (record["person"], record["action"], record["subject"]) == ("manager", "approval_answer", approval)
    assert (record["detail"]["decision"], record["detail"]["note"]) == ("approve", "needed")
    assert record["time"]
    taken = people.call("viewer", "GET", f"{API}/submissions/{record['detail']['conversation']}")
    assert taken.json()["outcome"] == "accepted"


def test_what_people_enter_is_logged_and_what_an_integrators_program_sends_is_not(people: People) -> None:
    people.call("integrator", "POST", f"{API}/orders?wait=10", json=order("from a shop"))
    with people.browser("sales") as client:
        client.post(f"{API}/orders?wait=10", json=order("by hand"))
    assert log_of(people, search="from a shop") == []
    (record,) = log_of(people, search="by hand")
    assert (record["person"], record["action"], record["subject"]) == ("sales", "customer_order", "t/by hand")
    assert len(record["detail"]["sha256"]) == 64
    people.call("sales", "POST", f"{API}/orders?wait=10", json=order("with a key"))
    assert [record["person"] for record in log_of(people, search="with a key")] == ["sales"]


def test_a_release_is_logged_whoever_sends_it(people: People) -> None:
    release = {"type": "engineering_release", "item": "LOGGED", "revision": "A"}
    people.call("integrator", "POST", f"{API}/engineering-releases?wait=10", json=release)
    (record,) = log_of(people, search="LOGGED")
    assert (record["person"], record["action"]) == ("integrator", "engineering_release")


def test_the_log_is_checked_and_a_head_from_before_is_still_in_it(people: People) -> None:
    check = f"{API}/audit-log/check"
    before = people.call("manager", "GET", check).json()
    assert answer(people, "manager", asked(people, "checked")).status_code == 200
    after = people.call("manager", "GET", check, params={"head": before["head"]}).json()
    assert (after["sound"], after["faults"], after["records"]) == (True, [], before["records"] + 1)
    forged = people.call("manager", "GET", check, params={"head": "f" * 64}).json()
    assert (forged["sound"], len(forged["faults"])) == (False, 1)
    assert people.call("manager", "GET", check, params={"head": "x"}).status_code == 422
    text = people.call("viewer", "GET", "/metrics").text
    assert f"society_audit_records {float(after['records'])}" in text


def test_where_policy_wants_two_to_look_nobody_approves_what_they_entered(people: People) -> None:
    with people.browser("manager") as client:
        body = order("four eyes", item="LAMP", quantity="2")
        assert client.post(f"{API}/orders", json=body, params={"wait": 20}).status_code in (200, 202)

    def waiting() -> str:
        rows = people.call("viewer", "GET", f"{API}/approvals", params={"status": "pending", "limit": 500}).json()
        return next((row["approval"] for row in rows["rows"] if row["order"] == "t/four eyes"), "")

    approval = eventually(waiting)
    refused = answer(people, "manager", approval)
    assert (refused.status_code, "two have to look" in refused.json()["detail"]) == (403, True)
    assert status(people, approval) == ("pending", "")
    assert answer(people, "small", approval).status_code == 200


def test_a_dead_letter_cannot_be_mended_into_an_answer_that_is_not_ones_to_give(people: People) -> None:
    approval = asked(people, "mended")
    answer_document = {"type": "approval_answer", "approval": approval, "decision": "approve"}
    body = {"body": {"name": "x", "document": answer_document, "text": ""}}
    refused = people.call("operator", "POST", f"{API}/dead-letters/m00000001/resend", json=body)
    assert (refused.status_code, "manager" in refused.json()["detail"]) == (403, True)
    others = {"body": {"name": "x", "document": {**order("mended 2")}, "text": ""}}
    assert people.call("operator", "POST", f"{API}/dead-letters/m00000001/resend", json=others).status_code in (
        404,
        409,
    )
