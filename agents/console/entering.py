"""Documents that people enter on a page: they go to the desk like any other; the page tells what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Query
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from agents.api.context import Context
from agents.api.documents import submission
from agents.api.problems import ProblemError
from agents.service.desk import DeskFullError, Outcome
from agents.sources.reading import Read
from knowledge.documents import DOCUMENT, Document
from knowledge.errors import SocietyError

SETTLE_SECONDS = 8.0
"""How long a page waits for what follows from a document; after that it says that it is under way."""

Told = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9._-]*$")]
Field = Annotated[str, Form(max_length=2000)]
"""One field of a form."""


class EntryError(SocietyError):
    """What was entered makes no document; its text says what is wrong, by field."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a document that was entered a moment ago."""

    outcome: str
    text: str

    @property
    def tone(self) -> str:
        """The class of the box that it is told in."""
        return {"accepted": "done", "quarantined": "problem"}.get(self.outcome, "notice")


def document_of(kind: str, **fields: Any) -> Document:
    """A document from what was entered; empty fields are not given. Raises EntryError."""
    given = {name: value for name, value in fields.items() if value not in ("", None)}
    try:
        return DOCUMENT.validate_python({"type": kind, **given})
    except ValidationError as error:
        raise EntryError("; ".join(_mistake(each) for each in error.errors())) from error


def _mistake(error: Mapping[str, Any]) -> str:
    place = " ".join(str(part) for part in error["loc"][1:])
    return f"{place.replace('_', ' ')}: {error['msg'].removeprefix('Value error, ')}"


async def enter(here: Context, document: Document) -> str:
    """Bring a document to the desk and wait a while; under which name its fate can be asked for."""
    name = f"console/{here.person.name}/{here.service.new_id()[:12]}"
    text = document.model_dump_json(exclude_none=True)
    tickets = await here.submit([Read(name, document, "", text)])
    await here.waited(tickets, SETTLE_SECONDS)
    return tickets[0].conversation


async def entered(here: Context, back: str, kind: str, **fields: Any) -> RedirectResponse:
    """Bring what was entered, and go back to a page that tells what became of it. Raises EntryError."""
    document = document_of(kind, **fields)
    try:
        conversation = await enter(here, document)
    except DeskFullError as error:
        raise EntryError(f"{error}; try again in {error.retry_after} s") from error
    path, _, anchor = back.partition("#")
    joined = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{joined}{urlencode({'told': conversation})}{'#' if anchor else ''}{anchor}", 303)


def said(here: Context, told: str) -> Said | None:
    """What became of a document, for the page that it was entered on."""
    if not told:
        return None
    try:
        found = submission(here, told)
    except ProblemError:
        return None
    if found.outcome is Outcome.ACCEPTED:
        return Said("accepted", "Taken, and carried through.")
    if found.outcome is Outcome.QUARANTINED:
        return Said("quarantined", f"Not taken: {found.reason}")
    if found.outcome is Outcome.DUPLICATE:
        return Said("duplicate", "The very same was entered before; nothing has changed.")
    return Said("pending", "Taken; what follows from it is still being worked out.")
