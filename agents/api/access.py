"""Who asks, and whether they may: every route says what it needs with `needs`, or that it is for anybody.

A request is known by a session (a cookie), by an API key (`Authorization: Bearer sk_…`), or, while there are no
accounts, by coming over the loopback. A change that comes with a session has to bring its CSRF token, too: in the
header `X-CSRF-Token` or the form field `csrf`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.responses import RedirectResponse
from fastapi.routing import iter_route_contexts

from agents.api.problems import ProblemError
from agents.service.gatekeeper import ANYBODY, How, Identity
from agents.service.running import Service
from knowledge.access import Permission, Person

COOKIE: Final = "society_session"
HEADER: Final = "x-csrf-token"
FIELD: Final = "csrf"
LOGIN: Final = "/login"
SAFE: Final = ("GET", "HEAD", "OPTIONS")

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_KNOWN_BY_NO_ROUTE = ("openapi", "static")
"""Routes that are not the application's own: its description, and what pages are made of. They show no data."""


class SignInNeededError(Exception):
    """A browser asks for a page and nobody has signed in: it is sent to the login."""


async def identity(request: Request) -> Identity:
    """Who asks. Raises ProblemError 401 where nobody knows, 403 where a change lacks its CSRF token."""
    found = await known(request)
    if found is None:
        if "text/html" in request.headers.get("accept", ""):
            raise SignInNeededError
        raise ProblemError(401, "sign in, or send an API key that is valid", {"WWW-Authenticate": "Bearer"})
    await check_csrf(request, found)
    request.state.identity = found
    return found


async def check_csrf(request: Request, asks: Identity) -> None:
    """Raise ProblemError 403 where a change comes with a session, but without its CSRF token."""
    if asks.how is How.SESSION and request.method not in SAFE and not asks.has_csrf(await _csrf(request)):
        raise ProblemError(403, "the CSRF token is missing or not this session's: load the page again")


async def known(request: Request) -> Identity | None:
    """Who asks, if anybody knows."""
    service: Service = request.app.state.service
    gate, scheme_and_key = service.gate, request.headers.get("authorization", "")
    if scheme_and_key:
        scheme, _, key = scheme_and_key.partition(" ")
        return await asyncio.to_thread(gate.by_key, key.strip()) if scheme.lower() == "bearer" else None
    if gate.open:
        return ANYBODY
    token = request.cookies.get(COOKIE)
    return await asyncio.to_thread(gate.by_session, token, uses=_is_use(request)) if token else None


def _is_use(request: Request) -> bool:
    """Whether a person does something: what a page's script fetches by itself keeps no session from being idle."""
    mode = request.headers.get("sec-fetch-mode", "navigate")
    return mode == "navigate" or request.method not in SAFE


async def still_may(request: Request, permission: Permission) -> bool:
    """Whether whoever began a long answer may still have it: the session has not ended, the key is valid."""
    found = await known(request)
    return found is not None and found.person.may(permission)


async def _csrf(request: Request) -> str:
    given = request.headers.get(HEADER)
    if given is not None:
        return given
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    with suppress(RuntimeError):  # the route takes a form, which has been read already
        await request.body()  # kept, so that the route can read it once more
    field = (await request.form()).get(FIELD, "")
    return field if isinstance(field, str) else ""


class Need:
    """What a route needs: any one of some permissions."""

    def __init__(self, *permissions: Permission) -> None:
        self.permissions = permissions

    async def __call__(self, asks: Annotated[Identity, Depends(identity)]) -> None:
        if not any(asks.person.may(permission) for permission in self.permissions):
            raise ProblemError(403, f"{asks.person.name} may not do this; it needs {' or '.join(self.permissions)}")


class Anybody:
    """A route is for anybody, signed in or not."""

    async def __call__(self) -> None:
        return


def needs(*permissions: Permission) -> Any:
    """For `dependencies=[…]` of a router or route: only persons with one of these permissions get through."""
    return Depends(Need(*permissions))


def anybody() -> Any:
    """For `dependencies=[…]`: no permission is needed."""
    return Depends(Anybody())


async def caller(asks: Annotated[Identity, Depends(identity)]) -> Person:
    """The person who asks."""
    return asks.person


Caller = Annotated[Person, Depends(caller)]


def keep_session(request: Request, response: Response, token: str) -> None:
    """Give the browser a session's token, which no script can read and no other site can send."""
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")


def end_session(request: Request, response: Response) -> None:
    """Take the token from the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/")


def local_place(text: str) -> str:
    """A place of this service to go on to; the start page where a text names one elsewhere."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_path and text.isprintable() and "\\" not in text else "/"


def login_place(request: Request) -> str:
    """Where to sign in, to come back to the page that was asked for."""
    if request.method not in SAFE:
        return LOGIN
    asked = _asked(request)
    return LOGIN if asked == "/" else f"{LOGIN}?next={quote(asked, safe='/')}"


def _asked(request: Request) -> str:
    return local_place(request.url.path + (f"?{request.url.query}" if request.url.query else ""))


def _to_login(request: Request, _: Exception) -> Response:
    """Where another site's link led here the browser may well have a session, and has only not sent its cookie."""
    if request.method in SAFE and request.headers.get("sec-fetch-site") == "cross-site":
        leads_on: Callable[[str], Response] = request.app.state.onward
        return leads_on(_asked(request))
    return RedirectResponse(login_place(request), 303)


def install(app: FastAPI) -> None:
    """Send browsers to the login.

    Raises LookupError where a route says neither what it needs nor that it needs nothing: nobody is to find out later
    that it was open.
    """
    app.add_exception_handler(SignInNeededError, _to_login)
    silent = [f"{methods} {path}" for methods, path, declared in declarations(app) if declared is None]
    if silent:
        raise LookupError(f"routes that do not say what they need: {', '.join(silent)}")


Declared = tuple[frozenset[Permission], ...]
"""Sets of permissions, of each of which a route needs one; none at all: it is for anybody."""


def declarations(app: FastAPI) -> Iterator[tuple[str, str, Declared | None]]:
    """Every route of the application: its methods, its path, and what it says that it needs; None: nothing said."""
    for route in iter_route_contexts(app.routes):
        if route.name in _KNOWN_BY_NO_ROUTE:
            continue
        methods, path = " ".join(sorted(route.methods or ())), route.path or ""
        dependant: Dependant | None = getattr(route, "dependant", None)
        said = [] if dependant is None else [each.call for each in dependant.dependencies]
        needed = tuple(frozenset(each.permissions) for each in said if isinstance(each, Need))
        is_open = not needed and any(isinstance(each, Anybody) for each in said)
        yield methods, path, needed if needed or is_open else None
