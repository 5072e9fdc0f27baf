"""The managers' queue where it is: at a running service, or in a database that no service runs on."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from pydantic import ValidationError

from agents.api.approval_views import already, decision_of, delegation_view, delegations_in, summary_of, view_of
from agents.api.schemas import ApprovalSummary, ApprovalView, DelegationView
from agents.approvals.waiting import chosen
from agents.society import stored_files, stored_plant
from agents.sources.reading import Read
from knowledge.documents import ApprovalAnswer, ApprovalDelegation, Document
from knowledge.errors import OwnedError, SocietyError, StoreError
from knowledge.instants import Instant, parse, to_datetime
from knowledge.plant import Plant
from knowledge.store.database import Store
from knowledge.store.tables import ApprovalRow, MessageRow, QuarantineRow
from simulations.noting import note
from simulations.processing import Processing

SERVICE = "http://127.0.0.1:8000"
_SECONDS = 60


class Queue(Protocol):
    """The managers' queue, wherever it is. Whatever is refused raises SocietyError."""

    place: str

    def find(self, status: str | None, role: str | None) -> list[ApprovalSummary]:
        """What waits for people, or has any other status."""

    def show(self, approval: str) -> ApprovalView:
        """One decision with its alternatives."""

    def answer(self, approval: str, answer: dict[str, Any]) -> ApprovalView:
        """Answer it; what became of it."""

    def delegate(self, delegation: dict[str, Any] | None) -> list[DelegationView]:
        """Let somebody stand in where that is given; all delegations."""


@dataclass(slots=True)
class OfService:
    """The queue of a running service, over its API."""

    place: str
    key: str

    def find(self, status: str | None, role: str | None) -> list[ApprovalSummary]:
        """All pages of it, the oldest first."""
        given = {"status": status, "role": role}
        asked = "".join(f"&{name}={quote(value)}" for name, value in given.items() if value is not None)
        found: list[ApprovalSummary] = []
        total = 1
        while len(found) < total:
            page = self._ask(f"approvals?limit=500&offset={len(found)}{asked}")
            total = page["total"] if page["rows"] else 0
            found.extend(ApprovalSummary.model_validate(row) for row in page["rows"])
        return found[::-1]

    def show(self, approval: str) -> ApprovalView:
        """What the service shows."""
        return ApprovalView.model_validate(self._ask(f"approvals/{quote(approval, safe='')}"))

    def answer(self, approval: str, answer: dict[str, Any]) -> ApprovalView:
        """Let the service take it."""
        return ApprovalView.model_validate(self._ask(f"approvals/{quote(approval, safe='')}/answer", answer))

    def delegate(self, delegation: dict[str, Any] | None) -> list[DelegationView]:
        """Let the service take it, where one is given."""
        return [DelegationView.model_validate(each) for each in self._ask("delegations", delegation)]

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        url = f"{self.place}/api/v1/{path}"
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        if not url.startswith(("http://", "https://")):
            raise SocietyError(f"--url {self.place}: write http://… or https://…")
        try:
            data = None if body is None else json.dumps(body).encode()
            with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=_SECONDS) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise SocietyError(f"{self.place}: {_detail(error)}") from error
        except (OSError, ValueError) as error:
            raise SocietyError(
                f"{self.place}: no service answers there ({error}); start one, or name a database by --db"
            ) from error


def _detail(error: urllib.error.HTTPError) -> str:
    try:
        body = json.load(error)
        return "; ".join([str(body["detail"]), *(f"{e['place']}: {e['problem']}" for e in body.get("errors", ()))])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"


@dataclass(slots=True)
class InDatabase:
    """The queue of a database. It can be read beside a service; only where none runs can it be answered."""

    place: str
    now: str | None

    def find(self, status: str | None, role: str | None) -> list[ApprovalSummary]:
        """The oldest first."""
        where = {name: value for name, value in (("status", status), ("role", role)) if value is not None}
        with closing(self._reading()) as store:
            rows = sorted(store.rows(ApprovalRow, **where), key=lambda row: str(row["approval"]))
            plant, delegations, now = stored_plant(store), delegations_in(store), _stands_at(store)
        return [summary_of(row, plant, delegations, now) for row in rows]

    def show(self, approval: str) -> ApprovalView:
        """What the database says."""
        with closing(self._reading()) as store:
            row = _row(store, approval)
            return view_of(row, stored_plant(store), delegations_in(store), _stands_at(store))

    def answer(self, approval: str, answer: dict[str, Any]) -> ApprovalView:
        """Let the society of the database take it; nothing is kept of an answer that does not fit."""
        with closing(self._writing()) as store:
            row = _row(store, approval)
            document = ApprovalAnswer.model_validate({**answer, "approval": approval})
            problem = already(row) or chosen(decision_of(row), document)[1]
            if problem:
                raise SocietyError(problem)
            said = document.model_dump(mode="json", include={"decision", "alternative", "by", "note"})
            note(self.place, document.type, approval, **said)
            self._take(store, document)
        return self.show(approval)

    def delegate(self, delegation: dict[str, Any] | None) -> list[DelegationView]:
        """Let the society of the database take it, where one is given."""
        if delegation is not None:
            try:
                document = ApprovalDelegation.model_validate(delegation)
            except ValidationError as error:
                told = (f"--{each['loc'][0]}: {each['msg']}" for each in error.errors())
                raise SocietyError("\n".join(told)) from error
            with closing(self._writing()) as store:
                said = document.model_dump(mode="json", include={"to", "start", "until", "by", "note"})
                note(self.place, document.type, document.role, **said)
                self._take(store, document)
        with closing(self._reading()) as store:
            plant, now = stored_plant(store), _stands_at(store)
            return [delegation_view(each, plant, now) for each in delegations_in(store)]

    def _reading(self) -> Store:
        store = Store(self.place, reading=True)
        if store.empty:
            store.close()
            raise StoreError(f"database {store.name} holds no plant: process documents into it, or load a folder")
        return store

    def _writing(self) -> Store:
        try:
            return Store(self.place, create=False)
        except OwnedError as error:
            raise SocietyError(f"{error}; let that service take the answer: --url {SERVICE}, without --db") from error

    def _take(self, store: Store, document: Document) -> None:
        processing = Processing(store, stored_files(store), self._time(store))
        name = f"{document.type} from the command line, {store.highest(MessageRow, 'sequence')}"
        received = document.model_copy(update={"received": to_datetime(processing.now)})
        for _ in processing.run([Read(name, received, "", received.model_dump_json(exclude_none=True))]):
            pass
        processing.host.stop()
        refused = store.rows(QuarantineRow, "reason", document=name)
        if refused:
            raise SocietyError(refused[0]["reason"])

    def _time(self, store: Store) -> Instant:
        stands = _stands_at(store)
        if self.now is None:
            return stands
        plant: Plant = stored_plant(store)
        try:
            return max(parse(self.now, plant.zone), stands)
        except ValueError as error:
            raise SocietyError(f"--now {self.now}: {error}; write for example 2026-01-05T08:00:00Z") from error


def _stands_at(store: Store) -> Instant:
    return store.clock()


def _row(store: Store, approval: str) -> dict[str, Any]:
    for row in store.rows(ApprovalRow, approval=approval):
        return row
    raise SocietyError(f"there is no approval {approval}")
