"""Messages that were given up are shown, mended, and sent again through the service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from protocols.envelope import Envelope
from protocols.orders import SubmitDocument
from tests.agents.api.test_documents import post
from tests.agents.runtime.town import faulty
from tests.serving import API, eventually, order, served


def letters(client: httpx.Client) -> dict[str, dict[str, Any]]:
    """The dead letters, by the document that each is about."""
    return {row["subject"]: row for row in client.get(f"{API}/dead-letters").json()["rows"]}


def resend(client: httpx.Client, message: str, body: object = None) -> httpx.Response:
    return client.post(f"{API}/dead-letters/{message}/resend", json=None if body is None else {"body": body})


def status_of(client: httpx.Client, number: str) -> list[str]:
    found = client.get(f"{API}/orders/t/{number}")
    return [part["status"] for part in found.json()["lines"]] if found.status_code == 200 else []


def test_a_dead_letter_is_sent_again_as_it_was_or_mended(tmp_path: Path) -> None:
    unsound = ["broken", "misspelt"]

    def raises(envelope: Envelope[Any]) -> bool:
        content = envelope.content
        return isinstance(content, SubmitDocument) and getattr(content.document, "number", "") in unsound

    with faulty("intake", raises), served(tmp_path) as (_, client):
        for number in unsound:
            post(client, order(number))
        dead = list(letters(client).values())
        assert [letter["body"]["document"]["number"] for letter in dead] == ["misspelt", "broken"]
        assert all("stumbles" in letter["error"] for letter in dead)
        mended = {**dead[0]["body"], "document": {**dead[0]["body"]["document"], "number": "mended"}}
        unfit = resend(client, dead[0]["message"], {"name": 1})
        assert (unfit.status_code, "that is no SubmitDocument" in unfit.json()["detail"]) == (422, True)
        assert resend(client, dead[0]["message"], mended).status_code == 202
        unsound.clear()
        sent = resend(client, dead[1]["message"])
        assert (sent.status_code, sent.json()["message"]) == (202, dead[1]["message"])
        for number in ("broken", "mended"):
            assert eventually(lambda number=number: status_of(client, number)) == ["promised"]
        assert letters(client) == {}
        assert resend(client, dead[1]["message"]).status_code == 409
        assert resend(client, "m99999999").status_code == 404


def test_what_one_agent_said_to_another_is_not_sent_again(tmp_path: Path) -> None:
    with faulty("classifier", lambda envelope: True), served(tmp_path) as (_, client):
        post(client, order("unclassified"))
        (letter,) = eventually(lambda: letters(client)).values()
        refused = resend(client, letter["message"])
        assert refused.status_code == 409
        assert "was told that it failed" in refused.json()["detail"]
