"""The source of orders in Salesforce: a call says that one has changed, and what counts is asked for then.

The call is an HTTP callout of a Flow, or of Apex, with the ids of orders: `{"id": "801…"}`, or `{"ids": […]}`. It is
authentic by a header of its own, which holds a secret that both sides share, or an HMAC-SHA256 of the body in base64
with it, as Apex can make it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from pydantic import AwareDatetime, Field, SecretStr, field_validator, model_validator

from agents.sources.asking import ClientCredentials, Cursor, Found, answered, asked, base_url, body_of, objects
from agents.sources.drafts import aware_time
from agents.sources.errors import FetchError, SourceError
from agents.sources.json_documents import looks_like_json
from agents.sources.json_text import Piece, pieces
from agents.sources.json_values import Json, child, peek, text
from agents.sources.record_answers import fields, read_answer, record_answers
from agents.sources.salesforce_order import ACTIVATED, OFF, ORDER, ItemNumber, Reading, read_order
from agents.sources.signing import Delivery, digest, same
from agents.sources.source import (
    Fetch,
    Polled,
    Record,
    Request,
    Response,
    Source,
    SourceConfig,
    Transaction,
    attempt,
    rejected,
)
from protocols.publishing import News, Parcel

_FIELD = r"^[A-Za-z][A-Za-z0-9_]*$"
_MAYBE = r"^([A-Za-z][A-Za-z0-9_]*)?$"
_ID = re.compile(r"801[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?", re.ASCII)
"""An Order's: in fifteen characters, or eighteen."""

_AT_ONCE = 50
_CURES = {
    400: "it is not understood: are all fields there, and is currency set where there is only one?",
    401: "the token is refused",
    403: "the user that the app runs as may not read orders (answers: edit them)",
    404: "there is no such order or API: correct url or api_version",
}


class SalesforceConfig(SourceConfig):
    """How an org is reached, and how its orders are read."""

    url: str = Field("", description="https://acme.my.salesforce.com")
    client_id: str = Field("", description="The consumer key of an external client app with client credentials.")
    client_secret: SecretStr = SecretStr("")
    webhook_secret: SecretStr = Field(SecretStr(""), description="What a call's header holds, or is signed with.")
    webhook_header: str = Field("x-webhook-secret", pattern=r"^[A-Za-z][A-Za-z0-9-]*$")
    api_version: str = Field("v65.0", pattern=r"^v\d\d\.0$")
    since: AwareDatetime | None = Field(None, description="What was modified before is not asked for.")
    currency: str = Field("", pattern=r"^([A-Z]{3})?$", description="Of an org with one; else orders tell their own.")
    number_field: str = Field("OrderNumber", pattern=_FIELD, description="Of an order: its number.")
    item_numbers: tuple[ItemNumber, ...] = Field(("ProductCode", "StockKeepingUnit"), min_length=1)
    option_fields: tuple[str, ...] = Field((), description="Of order items: what configures them.")
    requested_field: str = Field("", pattern=_MAYBE, description="Of order items: ServiceDate.")
    promised_field: str = Field("", pattern=_MAYBE, description="Of orders: a date; by when all promised is there.")
    answer_field: str = Field("", pattern=_MAYBE, description="Of orders: long text; what becomes of each line.")
    shipped_field: str = Field("", pattern=_MAYBE, description="Of orders: long text; what has left.")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return base_url(value) if value else value

    @field_validator("option_fields")
    @classmethod
    def _fields(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [name for name in value if not re.match(_FIELD, name)]:
            raise ValueError(f"{wrong[0]!r} is no name of a field")
        return value

    @model_validator(mode="after")
    def _whole(self) -> SalesforceConfig:
        if self.client_id and not (self.url and self.client_secret.get_secret_value()):
            raise ValueError("url, client_id and client_secret go together")
        return self


class Salesforce(Source[SalesforceConfig]):
    """The source of activated orders, each with its items."""

    kind = "salesforce"
    title = "Salesforce orders"
    Config = SalesforceConfig

    def __init__(self, config: SalesforceConfig | None = None) -> None:
        super().__init__(config)
        told = self.config
        org = urlsplit(told.url).netloc
        self._reading = Reading(
            org, told.currency, told.number_field, told.item_numbers, told.option_fields, told.requested_field
        )
        token = f"{told.url}/services/oauth2/token"
        self._credentials = ClientCredentials(token, told.client_id, told.client_secret, self.title)

    def recognises(self, head: bytes, name: str) -> bool:
        return looks_like_json(head) and f'"{ORDER}"'.encode() in head

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        return [self._read(piece) for piece in pieces(body)]

    def _read(self, piece: Piece) -> Transaction:
        if piece.fault:
            return rejected(piece.position, piece.text, piece.fault)
        return attempt(piece.position, piece.text, lambda: read_order(piece.value, self._reading))

    def authentic(self, delivery: Delivery) -> bool:
        secret = self.config.webhook_secret
        told = delivery.headers.get(self.config.webhook_header.lower(), "")
        if not secret.get_secret_value():
            return False
        return same(secret.get_secret_value(), told) or same(digest(delivery.body, secret), told)

    def complete(self, record: Record, fetch: Fetch) -> Iterable[Record]:
        """The orders that a call names, as they stand now; those are left out that are neither activated nor off."""
        told = peek(record.body)
        ids = told.get("ids")
        named = [told.get(key) for key in ("id", "Id", "orderId", "recordId")] + (ids if isinstance(ids, list) else [])
        names = [name for name in dict.fromkeys(map(str, filter(None, named))) if _ID.fullmatch(name)]
        if not names or ORDER in told or not self.config.client_id:
            return (record,)
        return [
            each for at in range(0, len(names), _AT_ONCE) for each in self._orders(fetch, names[at : at + _AT_ONCE])
        ]

    def poll(self, cursor: str, fetch: Fetch) -> Polled:
        if not self.config.client_id:
            return Polled((), cursor)
        at = Cursor.read(cursor)
        begin = aware_time(at.begin) or self.config.since
        codes = (ACTIVATED, *OFF) if at.begin else (ACTIVATED,)
        where = [f"StatusCode IN ({_listed(codes)})"]
        if begin is not None:
            where.append(f"SystemModstamp >= {begin.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}")
        offset = int(at.page or 0)
        query = f"SELECT Id, SystemModstamp FROM Order WHERE {' AND '.join(where)} ORDER BY SystemModstamp, Id"
        rows = self._query(fetch, f"{query} LIMIT {_AT_ONCE} OFFSET {offset}")
        found = [Found(text(row, "Id"), text(row, "SystemModstamp")) for row in rows]
        new = [each.name for each in at.new(found)]
        page = str(offset + len(rows)) if len(rows) == _AT_ONCE else ""
        return Polled(self._orders(fetch, new), at.after(found, page).written, bool(page))

    def asks(self) -> bool:
        return bool(self.config.client_id)

    def answers(self, news: News, told: int) -> Iterable[Parcel]:
        """What is promised, again whenever that changes; what has left."""
        return record_answers(news)

    def hand_over(self, parcel: Parcel, fetch: Fetch) -> None:
        """Write an answer into the fields of the order that are named for it."""
        answer, config = read_answer(parcel), self.config
        names = {"promised": config.promised_field, "answer": config.answer_field, "shipped": config.shipped_field}
        if not any(names.values()):
            raise SourceError("answers go into none: set promised_field, answer_field or shipped_field")
        if not _ID.fullmatch(answer.reference):
            raise SourceError(f"order {answer.number} came without the org's own id: the org cannot be told of it")
        place = f"/services/data/{config.api_version}/sobjects/Order/{answer.reference}"
        before = ""
        if answer.shipping_order and names["shipped"]:
            told = answered(self._ask(fetch, f"{place}?fields={names['shipped']}"), self.title)
            before = text(told if isinstance(told, dict) else {}, names["shipped"])
        if values := fields(answer, names, before):
            self._ask(fetch, place, "PATCH", values)

    def check(self, fetch: Fetch) -> str:
        if not self.config.client_id:
            raise SourceError("client_id is not set: a call only names orders, which are asked for with it")
        rows = self._query(fetch, f"{self._reading.select()} WHERE StatusCode = '{ACTIVATED}' LIMIT 1")
        return f"{self._reading.org}: orders can be read{'' if rows else ', though none is activated'}"

    def _orders(self, fetch: Fetch, names: Sequence[str]) -> list[Record]:
        """The orders of ids that are activated or off, as records."""
        if not names:
            return []
        rows = self._query(fetch, f"{self._reading.select()} WHERE Id IN ({_listed(names)})")
        kept = [row for row in rows if text(row, "StatusCode") in (ACTIVATED, *OFF)]
        return [Record(body_of({ORDER: self._whole(fetch, row)})) for row in kept]

    def _whole(self, fetch: Fetch, order: Json) -> Json:
        """An order with all of its items, of which a query gives only so many at once."""
        items = dict(child(order, "OrderItems"))
        if items.get("done") is False:
            rest = self._more(fetch, text(items, "nextRecordsUrl"))
            items = {"done": True, "records": [*objects(items, "records", self.title), *rest]}
        return {**order, "OrderItems": items}

    def _query(self, fetch: Fetch, query: str) -> list[dict[str, Any]]:
        place = f"/services/data/{self.config.api_version}/query?{urlencode({'q': query})}"
        return self._more(fetch, place)

    def _more(self, fetch: Fetch, place: str) -> list[dict[str, Any]]:
        """The rows of a query from a place on, to its end."""
        found: list[dict[str, Any]] = []
        while place:
            if not place.startswith("/services/data/"):
                raise FetchError(f"{self.title} names no place where a query goes on")
            told = answered(self._ask(fetch, place), self.title)
            found += objects(told, "records", self.title)
            place = "" if told.get("done") is not False else text(told, "nextRecordsUrl") or "nowhere"
        return found

    def _ask(self, fetch: Fetch, place: str, method: str = "GET", body: object = None) -> Response:
        headers = {"accept": "application/json", "content-type": "application/json"}
        request = Request(self.config.url + place, method, headers, b"" if body is None else body_of(body))
        return asked(
            lambda each: self._credentials.ask(fetch, "authorization", "Bearer {}", each), request, self.title, _CURES
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
