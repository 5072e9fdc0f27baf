"""Signing in and out, with a name and a password."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.api.access import LOGIN, anybody, check_csrf, end_session, keep_session, known, local_place
from agents.console.frame import environment
from agents.service.gatekeeper import How, SignInError
from agents.service.running import Service

router = APIRouter()

Next = Annotated[str, Query(max_length=2000)]


@router.get(LOGIN, response_class=HTMLResponse, dependencies=[anybody()])
async def login_page(request: Request, next: Next = "/") -> Response:  # noqa: A002
    """The form to sign in with; who is signed in already goes on."""
    if await known(request) is not None:
        return RedirectResponse(local_place(next), 303)
    return login_form(request, next)


@router.post(LOGIN, response_class=HTMLResponse, dependencies=[anybody()])
async def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002
) -> Response:
    """Begin a session, or say why not."""
    service: Service = request.app.state.service
    address = request.client.host if request.client is not None else ""
    try:
        token = await asyncio.to_thread(service.gate.sign_in, name, password, address)
    except SignInError as error:
        service.metrics.sign_ins.labels("refused").inc()
        page = login_form(request, next, name, str(error), 429 if error.retry_after else 401)
        if error.retry_after:
            page.headers["Retry-After"] = str(error.retry_after)
        return page
    service.metrics.sign_ins.labels("accepted").inc()
    response = RedirectResponse(local_place(next), 303)
    keep_session(request, response, token)
    return response


@router.post("/logout", dependencies=[anybody()])
async def sign_out(request: Request) -> Response:
    """End the session."""
    service: Service = request.app.state.service
    asks = await known(request)
    if asks is not None and asks.how is How.SESSION:
        await check_csrf(request, asks)
        await asyncio.to_thread(service.gate.sign_out, asks.token)
    response = RedirectResponse(LOGIN, 303)
    end_session(request, response)
    return response


def login_form(request: Request, next_place: str, name: str = "", problem: str = "", status: int = 200) -> HTMLResponse:
    """The page to sign in on."""
    service: Service = request.app.state.service
    provider = service.settings.oidc
    values = {
        "next": local_place(next_place),
        "name": name,
        "problem": problem,
        "provider": provider.title if provider is not None else "",
    }
    return HTMLResponse(environment().get_template("login.html.j2").render(values), status)
