"""The API says the same whichever database the society is kept in."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests import postgres
from tests.agents.api.test_documents import post
from tests.serving import API, order, served

PATHS = (
    "orders?search=SECOND",
    "orders/t/first",
    "orders/t/first/why",
    "orders/t/second/history",
    "items/STOOL/availability",
    "schedule?start=2026-03-02T00:00:00Z",
    "work-orders",
    "purchase-orders",
    "shipments",
    "quarantine",
    "dead-letters",
    "approvals",
)


def said(folder: Path, **settings: Any) -> dict[str, Any]:
    """What a service answers after two orders and a document that nobody can read."""
    with served(folder, **settings) as (_, client):
        for body in (order("first"), order("second", item="TABLE"), "{not a document}"):
            assert post(client, body).status_code == 200
        answers = {path: client.get(f"{API}/{path}") for path in PATHS}
        quote = client.post(f"{API}/quotes", json=order("quoted"))
        assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(PATHS, 200)
        assert quote.status_code == 200, quote.text
        return {path: answer.json() for path, answer in answers.items()} | {"quote": quote.json()}


def anonymous(answer: Any) -> str:
    """Without what the service makes up for each document."""
    return re.sub(r"[0-9a-f]{32}|\b[0-9a-f]{12}\b", "", json.dumps(answer))


def test_postgresql_and_sqlite_give_the_same_answers(tmp_path: Path, postgres_server: postgres.Server) -> None:
    expected = said(tmp_path)
    found = said(tmp_path, db=postgres_server.url())
    for path in expected:
        assert anonymous(found[path]) == anonymous(expected[path]), path
