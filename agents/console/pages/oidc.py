"""Signing in by an OpenID provider: to it, and back with its code."""

from __future__ import annotations

import hmac
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.api.access import LOGIN, anybody, keep_session, local_place
from agents.api.problems import ProblemError
from agents.console.frame import onward
from agents.console.pages.login import login_form
from agents.service.gatekeeper import SignInError
from agents.service.oidc import PATIENCE, OpenId, ProviderError
from agents.service.running import Service

router = APIRouter(prefix=f"{LOGIN}/oidc", dependencies=[anybody()])

COOKIE: Final = "society_sign_in"
"""Which sign-in is this browser's: nobody can be signed in by a link that somebody else has sent."""

Text = Annotated[str, Query(max_length=4000)]


@router.get("")
async def begin(request: Request, next: Annotated[str, Query(max_length=2000)] = "/") -> Response:  # noqa: A002
    """To the provider."""
    provider = _provider(request)
    try:
        place, state = await provider.begin(str(request.url_for("oidc_callback")), local_place(next))
    except ProviderError as error:
        return login_form(request, next, problem=str(error), status=503)
    response = RedirectResponse(place, 303)
    _keep_state(request, response, state, PATIENCE)
    return response


@router.get("/callback", name="oidc_callback", response_class=HTMLResponse)
async def callback(request: Request, state: Text = "", code: Text = "", error: Text = "") -> Response:
    """Back from the provider."""
    provider, service = _provider(request), _service(request)
    theirs = request.cookies.get(COOKIE, "")
    place = "/"
    try:
        if not state or not hmac.compare_digest(state.encode(), theirs.encode()):
            raise SignInError("this sign-in was not begun in this browser: begin again")
        if not code:
            place = provider.forget(state)
            raise SignInError(f"the provider has not signed you in{f': {error}' if error else ''}")
        address = request.client.host if request.client is not None else ""
        token, place = await provider.finish(state, code, address)
    except (SignInError, ProviderError) as problem:
        service.metrics.sign_ins.labels("refused").inc()
        status = 503 if isinstance(problem, ProviderError) else 401
        response: Response = login_form(request, place, problem=str(problem), status=status)
    else:
        service.metrics.sign_ins.labels("accepted").inc()
        response = onward(place)
        keep_session(request, response, token)
    _keep_state(request, response, "", 0)
    return response


def _keep_state(request: Request, response: Response, state: str, seconds: int) -> None:
    """The browser comes back from another site: so the cookie has to be sent with a link, but with nothing else."""
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, state, seconds, path=f"{LOGIN}/oidc", httponly=True, samesite="lax", secure=secure)


def _service(request: Request) -> Service:
    found: Service = request.app.state.service
    return found


def _provider(request: Request) -> OpenId:
    found = _service(request).openid
    if found is None:
        raise ProblemError(404, "no provider signs people in here (setting oidc)")
    return found
