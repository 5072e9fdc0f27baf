"""Asking systems over HTTP: refusals in words, tokens by client credentials, and cursors that miss nothing."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import SecretStr

from agents.sources.drafts import aware_time
from agents.sources.errors import FetchError
from agents.sources.fetching import Fetch, Request, Response
from agents.sources.texts import one_line, quoted

OVERLAP = dt.timedelta(seconds=60)
"""How far a poll looks back: systems show a record later than the time that it says it was changed at."""

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def base_url(value: str) -> str:
    """The address of a system without a slash at its end; secrets go over https only. Raises ValueError."""
    parts = urlsplit(value)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("an address such as https://shop.example.com is wanted")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("an https address is wanted: keys are not sent in the clear")
    return value.rstrip("/")


def asked(fetch: Fetch, request: Request, system: str, cures: Mapping[int, str]) -> Response:
    """The answer to a request. Raises FetchError with the cure where the system refuses it for a reason in `cures`."""
    response = fetch(request)
    if response.status in cures:
        said = one_line(response.body[:200].decode(errors="replace"))
        raise FetchError(f"{system} answered {response.status}: {cures[response.status]} ({said})", response.status)
    if not 200 <= response.status < 300:
        said = one_line(response.body[:200].decode(errors="replace"))
        raise FetchError(f"{system} answered {response.status}: {said}", response.status)
    return response


def answered(response: Response, system: str) -> Any:
    """What an answer says, its numbers as they are written. Raises FetchError where it is no JSON."""
    try:
        return json.loads(response.body, parse_float=str)
    except (ValueError, RecursionError) as error:
        raise FetchError(f"{system} answered what is not JSON: {response.body[:80]!r}") from error


def objects(values: Any, key: str, system: str) -> list[dict[str, Any]]:
    """The list of objects that an answer has under a key; the answer itself where the key is empty."""
    listed = values if not key else values.get(key) if isinstance(values, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise FetchError(f"{system} answered no list of {key or 'objects'}: {quoted(str(values), 80)}")
    return listed


def body_of(value: object) -> bytes:
    """A value as a record's body."""
    return json.dumps(value).encode()


class ClientCredentials:
    """A token by OAuth's client credentials grant (RFC 6749, 4.4), asked for once and again when it is refused."""

    def __init__(self, url: str, client_id: str, secret: SecretStr, system: str) -> None:
        self._url, self._client_id, self._secret, self._system = url, client_id, secret, system
        self._token = ""

    def ask(self, fetch: Fetch, header: str, form: str, request: Request) -> Response:
        """The answer to a request that carries the token in a header, in a form such as `Bearer {}`."""
        fresh = not self._token
        response = fetch(self._signed(fetch, header, form, request))
        if response.status == 401 and not fresh:
            self._token = ""
            response = fetch(self._signed(fetch, header, form, request))
        return response

    def _signed(self, fetch: Fetch, header: str, form: str, request: Request) -> Request:
        self._token = self._token or self._new(fetch)
        return replace(request, headers={**request.headers, header: form.format(self._token)})

    def _new(self, fetch: Fetch) -> str:
        secret = self._secret.get_secret_value()
        values = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": secret}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        cure = "client_id or client_secret is wrong, or the app is not installed or not allowed client credentials"
        request = Request(self._url, "POST", headers, urlencode(values).encode())
        response = asked(fetch, request, self._system, dict.fromkeys((400, 401, 403), cure))
        values_told = answered(response, self._system)
        token = values_told.get("access_token") if isinstance(values_told, dict) else None
        if not isinstance(token, str) or not token:
            raise FetchError(f"{self._system} gave no access_token")
        return token


def next_parameter(response: Response, name: str) -> str:
    """A parameter of the address that a Link header (RFC 8288) calls `next`; empty where there is none."""
    for link in response.headers.get("link", "").split(","):
        address, _, rest = link.partition(">")
        if 'rel="next"' in rest or "rel=next" in rest:
            return parse_qs(urlsplit(address.strip().removeprefix("<")).query).get(name, [""])[0]
    return ""


@dataclass(frozen=True, slots=True)
class Found:
    """A record as a list of changes names it: `name` is its own, `at` when it was changed."""

    name: str
    at: str
    value: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far changes were read. They are asked from `begin`, oldest first, and those in `seen` were read already.

    `page` goes on within one list, where more were changed in a moment than an answer holds; it is empty otherwise.
    """

    begin: str = ""
    page: str = ""
    seen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Cursor:
        """A cursor as `written`; the beginning where it is empty. Raises FetchError."""
        if not text:
            return cls()
        try:
            values = json.loads(text)
            return cls(str(values["begin"]), str(values["page"]), dict(values["seen"]))
        except (ValueError, TypeError, KeyError) as error:
            raise FetchError(f"the cursor {quoted(text)} is none of this source's") from error

    @property
    def written(self) -> str:
        """As text."""
        return json.dumps({"begin": self.begin, "page": self.page, "seen": dict(self.seen)}, sort_keys=True)

    def new(self, found: Iterable[Found]) -> list[Found]:
        """What was not read before, as it stands now."""
        return [each for each in found if self.seen.get(each.name) != each.at]

    def after(self, found: Iterable[Found], page: str) -> Cursor:
        """The cursor behind an answer; `page` names the next of the same list, and is empty where it ends.

        It goes on by time as far as it can, since pages shift while records change.
        """
        listed = list(found)
        times = [time for each in listed if (time := aware_time(each.at)) is not None]
        if not times:
            return replace(self, page=page)
        latest = (max(times) - OVERLAP).replace(microsecond=0)
        begin = aware_time(self.begin)
        if page and begin is not None and latest <= begin:
            return replace(self, page=page, seen={**self.seen, **{each.name: each.at for each in listed}})
        start = latest if begin is None else max(begin, latest)
        kept = {**self.seen, **{each.name: each.at for each in listed}}
        recent = {name: at for name, at in kept.items() if (time := aware_time(at)) is not None and time >= start}
        return Cursor(start.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"), "", recent)
