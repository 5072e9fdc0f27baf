"""One's own account: what one may do, where one is signed in, the password."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.api.access import LOGIN, end_session, needs
from agents.api.context import Here
from agents.api.problems import ProblemError
from agents.console.frame import page
from agents.service.gatekeeper import How, SignInError
from knowledge.access import SHORTEST_PASSWORD, AccessError, Permission

router = APIRouter(dependencies=[needs(*Permission)])

Secret = Annotated[str, Form(max_length=1000)]


@router.get("/account", response_class=HTMLResponse)
def account(request: Request, here: Here) -> HTMLResponse:
    """Who one is here."""
    return _page(request, here)


@router.post("/account/password", response_class=HTMLResponse)
async def change_password(request: Request, here: Here, old: Secret, new: Secret, again: Secret) -> Response:
    """Set another password; one signs in anew with it, here and everywhere."""
    name = _signed_in(here)
    try:
        if new != again:
            raise AccessError("the new password is not the same twice")
        address = request.client.host if request.client is not None else ""
        await asyncio.to_thread(here.service.gate.change_password, name, old, new, address)
    except (AccessError, SignInError) as error:
        status = 429 if isinstance(error, SignInError) and error.retry_after else 422
        return await asyncio.to_thread(_page, request, here, str(error), status)
    return _gone(request)


@router.post("/account/sign-out")
async def sign_out_everywhere(request: Request, here: Here) -> Response:
    """End all of one's sessions."""
    name = _signed_in(here)
    await asyncio.to_thread(here.service.gate.sign_out_everywhere, name)
    return _gone(request)


def _signed_in(here: Here) -> str:
    if here.identity.how is not How.SESSION:
        raise ProblemError(409, "nobody is signed in here")
    return here.person.name


def _gone(request: Request) -> Response:
    response = RedirectResponse(LOGIN, 303)
    end_session(request, response)
    return response


def _page(request: Request, here: Here, problem: str = "", status: int = 200) -> HTMLResponse:
    accounts, person = here.service.gate.accounts, here.person
    with here.view() as view:
        return page(
            request,
            "account.html.j2",
            view,
            status=status,
            person=person,
            permissions=sorted(person.permissions),
            sessions=accounts.sessions(person.name),
            keys=[key for key in accounts.keys(person.name) if not key.revoked],
            shortest=SHORTEST_PASSWORD,
            problem=problem,
        )
