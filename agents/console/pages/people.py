"""People: accounts with their roles, passwords and keys, for operators."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.api.access import needs
from agents.api.context import Here
from agents.api.problems import ProblemError
from agents.console.frame import page
from agents.service.gatekeeper import limit_of
from agents.service.people import People
from knowledge.access import SHORTEST_PASSWORD, AccessError, Permission, Person, Role, account_name, roles_of, titles_of

router = APIRouter(dependencies=[needs(Permission.OPERATE)])

T = TypeVar("T")

Name = Annotated[str, Path(max_length=200)]
Text = Annotated[str, Form(max_length=1000)]
Many = Annotated[list[str], Form(max_length=20)]


@router.get("/people", response_class=HTMLResponse)
def people(request: Request, here: Here) -> HTMLResponse:
    """Every account."""
    return _all(request, here)


@router.post("/people", response_class=HTMLResponse)
async def add(
    request: Request,
    here: Here,
    name: Text,
    password: Text = "",
    roles: Many = [],  # noqa: B006
    titles: Text = "",
    limit: Text = "",
) -> Response:
    """Add an account."""
    try:
        person = _person(name, roles, titles, limit)
        account = await _done(here, lambda desk: desk.add(person, password or None))
    except AccessError as error:
        written = {"name": name, "roles": roles, "titles": titles, "limit": limit}
        return await asyncio.to_thread(_all, request, here, str(error), written)
    return RedirectResponse(f"/people/{account.name}", 303)


@router.get("/people/{name}", response_class=HTMLResponse)
def person(request: Request, here: Here, name: Name) -> HTMLResponse:
    """One account, and what can be done to it."""
    return _one(request, here, name)


@router.post("/people/{name}/roles", response_class=HTMLResponse)
async def give_roles(
    request: Request,
    here: Here,
    name: Name,
    roles: Many = [],  # noqa: B006
    titles: Text = "",
    limit: Text = "",
) -> Response:
    """Give an account these roles, titles and this limit, and no others."""

    async def change() -> None:
        given = _person(name, roles, titles, limit)
        await _done(here, lambda desk: desk.give(given))

    return await _changed(request, here, name, change)


@router.post("/people/{name}/disable", response_class=HTMLResponse)
async def disable(request: Request, here: Here, name: Name, disabled: Annotated[bool, Form()]) -> Response:
    """Let an account in no more, or again."""

    async def change() -> None:
        await _done(here, lambda desk: desk.disable(name, disabled))

    return await _changed(request, here, name, change)


@router.post("/people/{name}/password", response_class=HTMLResponse)
async def set_password(request: Request, here: Here, name: Name, password: Text) -> Response:
    """Set another password."""

    async def change() -> None:
        await _done(here, lambda desk: desk.set_password(name, password))

    return await _changed(request, here, name, change)


@router.post("/people/{name}/keys", response_class=HTMLResponse)
async def add_key(request: Request, here: Here, name: Name, label: Text = "", days: Text = "") -> Response:
    """Make a key, and show it this once."""
    try:
        if days and not (days.isascii() and days.isdecimal() and 1 <= int(days) <= 3650):
            raise AccessError("a key is valid for 1 to 3650 days, or until it is revoked")
        secret, _ = await _done(here, lambda desk: desk.add_key(name, label[:200], int(days) if days else None))
    except AccessError as error:
        return await asyncio.to_thread(_one, request, here, name, str(error))
    return await asyncio.to_thread(_one, request, here, name, "", secret)


@router.post("/people/{name}/revoke", response_class=HTMLResponse)
async def revoke_key(request: Request, here: Here, name: Name, key: Text) -> Response:
    """Make a key invalid for good."""

    async def change() -> None:
        await _done(here, lambda desk: desk.revoke_key(key))

    return await _changed(request, here, name, change)


async def _changed(request: Request, here: Here, name: str, change: Callable[[], Any]) -> Response:
    try:
        await change()
    except AccessError as error:
        return await asyncio.to_thread(_one, request, here, name, str(error))
    return RedirectResponse(f"/people/{account_name(name)}", 303)


async def _done(here: Here, action: Callable[[People], T]) -> T:
    """Do something to accounts; it is seen at once."""
    gate = here.service.gate

    def do() -> T:
        found = action(People(gate.accounts, here.person.name, gate.now()))
        gate.changed()
        return found

    return await asyncio.to_thread(do)


def _person(name: str, roles: list[str], titles: str, limit: str) -> Person:
    said = titles_of(titles.replace(",", " ").split())
    return Person(account_name(name), roles_of(roles), said, limit_of(limit.strip() or None))


def _all(request: Request, here: Here, problem: str = "", written: dict[str, Any] | None = None) -> HTMLResponse:
    accounts = here.service.gate.accounts.all()
    blank = {"name": "", "roles": [], "titles": "", "limit": ""}
    values = {"problem": problem, "written": written or blank, "roles": list(Role), "shortest": SHORTEST_PASSWORD}
    with here.view() as view:
        return page(request, "people.html.j2", view, status=422 if problem else 200, accounts=accounts, **values)


def _one(request: Request, here: Here, name: str, problem: str = "", secret: str = "") -> HTMLResponse:
    gate = here.service.gate
    try:
        account = People(gate.accounts, here.person.name, gate.now()).found(name)
    except AccessError as error:
        raise ProblemError(404, str(error)) from error
    values = {"problem": problem, "secret": secret, "roles": list(Role), "shortest": SHORTEST_PASSWORD}
    values |= {"keys": gate.accounts.keys(account.name), "sessions": gate.accounts.sessions(account.name)}
    with here.view() as view:
        return page(request, "person.html.j2", view, status=422 if problem else 200, account=account, **values)
