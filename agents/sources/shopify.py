"""The source of Shopify orders: files of them, webhooks, and the Admin interface asked for what has changed.

Asked is the REST Admin interface: its orders have the form that webhooks have. An update says that an order has
changed; where the shop can be asked, what counts is the order as it stands now, so that late news undoes no newer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

from pydantic import AwareDatetime, Field, SecretStr, model_validator

from agents.sources.asking import (
    ClientCredentials,
    Cursor,
    Found,
    answered,
    asked,
    body_of,
    next_parameter,
    objects,
)
from agents.sources.errors import SourceError
from agents.sources.json_documents import holds_own_type, looks_like_json
from agents.sources.json_text import Piece
from agents.sources.json_values import Json, child, peek, text, wrapped
from agents.sources.shopify_order import ItemNumber, Reading, is_shipped, read_order
from agents.sources.signing import Delivery, Hmac
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
from agents.sources.texts import quoted
from agents.sources.woocommerce_order import looks_like_woocommerce

CREATED = "orders/create"
NEWS = ("orders/updated", "orders/cancelled")
EDITED = "orders/edited"

_TOPIC = "x-shopify-topic"
_SHOP = "x-shopify-shop-domain"
_ASKED = "x-asked"
"""Marks an order that the shop was asked for: it is as it stands."""

_AT_ONCE = 100
_CURES = {
    401: "the access token is refused: make one for this shop, or correct it",
    403: "the app may not read orders: give it the scope read_orders",
    404: "there is no such shop or API version: correct shop or api_version",
}


class ShopifyConfig(SourceConfig):
    """How a shop is reached and its orders are read."""

    shop: str = Field("", pattern=r"^([a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+)?$", description="mugs.myshopify.com")
    webhook_secret: SecretStr = Field(SecretStr(""), description="Signs webhooks; an app's is its client secret.")
    access_token: SecretStr = Field(SecretStr(""), description="Of an app that has one; else client_id and secret.")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    api_version: str = Field("2026-10", pattern=r"^(20\d\d-(01|04|07|10)|unstable)$")
    since: AwareDatetime | None = Field(None, description="What was changed before is not asked for.")
    item_numbers: tuple[ItemNumber, ...] = Field(("sku",), min_length=1, description="Best first.")
    requested_field: str = Field("", description="The line property or note attribute that holds the wanted date.")
    requested_format: str = Field("%Y-%m-%d", description="How that date is written, as strptime has it.")

    @model_validator(mode="after")
    def _whole(self) -> ShopifyConfig:
        if self.client_id and not self.client_secret.get_secret_value():
            raise ValueError("client_id is given, but no client_secret")
        if self.asks and not self.shop:
            raise ValueError("a shop that is to be asked has to be named: shop, such as mugs.myshopify.com")
        return self

    @property
    def asks(self) -> bool:
        """Whether the shop can be asked."""
        return bool(self.access_token.get_secret_value() or self.client_id)


class Shopify(Source[ShopifyConfig]):
    """The source of Shopify orders: bare, in `{"order": …}`, in `{"orders": […]}`, in an array, or one a line."""

    kind = "shopify"
    title = "Shopify"
    Config = ShopifyConfig
    signature = Hmac("X-Shopify-Hmac-Sha256", "webhook_secret")

    def __init__(self, config: ShopifyConfig | None = None) -> None:
        super().__init__(config)
        told = self.config
        self._reading = Reading(told.shop, told.item_numbers, told.requested_field, told.requested_format)
        token = f"https://{told.shop}/admin/oauth/access_token"
        self._credentials = ClientCredentials(token, told.client_id, told.client_secret, told.shop)

    def recognises(self, head: bytes, name: str) -> bool:
        return (
            looks_like_json(head)
            and b'"line_items"' in head
            and not (holds_own_type(head) or looks_like_woocommerce(head))
        )

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        topic, shop = headers.get(_TOPIC, ""), headers.get(_SHOP, "")
        if topic not in ("", CREATED, *NEWS):
            reason = f"webhooks of {quoted(topic)} are not read: {', '.join((CREATED, *NEWS))} are"
            if topic == EDITED:
                reason = f"{EDITED} tells only what was edited: subscribe to orders/updated, or give an access token"
            return [rejected("", body.decode(errors="replace"), reason)]
        if self.config.shop and shop not in ("", self.config.shop):
            reason = f"the webhook is of the shop {quoted(shop)}, not of {self.config.shop}"
            return [rejected("", body.decode(errors="replace"), reason)]
        reading = replace(self._reading, shop=self._reading.shop or shop)
        return [_read(piece, reading, topic in NEWS) for piece in wrapped(body, "order", "orders")]

    def authentic(self, delivery: Delivery) -> bool:
        if self.config.webhook_secret.get_secret_value() or not self.config.client_secret.get_secret_value():
            return super().authentic(delivery)
        return self.signature.fits(delivery, self.config.client_secret)

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        event = headers.get("x-shopify-event-id", "")
        told = headers.get("x-shopify-webhook-id", "") or (f"{headers.get(_TOPIC, '')}:{event}" if event else "")
        return told or super().delivery_id(headers, body)

    def complete(self, record: Record, fetch: Fetch) -> Iterable[Record]:
        """News of an order as the order stands now, where the shop can be asked; none where all has been shipped."""
        if _ASKED in record.headers:
            return (record,)
        topic, told = record.headers.get(_TOPIC, ""), peek(record.body)
        number = text(child(told, "order_edit"), "order_id") if topic == EDITED else text(told, "id")
        if self.config.asks and topic in (EDITED, *NEWS) and number.isdigit():
            order = answered(self._ask(fetch, f"orders/{number}.json"), self.config.shop)
            told = child(order if isinstance(order, dict) else {}, "order")
            record = self._news(told)
        return () if topic in (EDITED, *NEWS) and is_shipped(told) else (record,)

    def poll(self, cursor: str, fetch: Fetch) -> Polled:
        if not self.config.asks:
            return Polled((), cursor)
        at = Cursor.read(cursor)
        wanted = {"limit": str(_AT_ONCE), "page_info": at.page}
        if not at.page:
            begin = at.begin or (self.config.since.isoformat() if self.config.since else "")
            since = {"updated_at_min": begin, "status": "any"} if begin else {"status": "open"}
            wanted = {"limit": str(_AT_ONCE), "order": "updated_at asc", **since}
        response = self._ask(fetch, f"orders.json?{urlencode(wanted)}")
        listed = objects(answered(response, self.config.shop), "orders", self.config.shop)
        found = [Found(text(order, "id"), text(order, "updated_at"), order) for order in listed]
        page = next_parameter(response, "page_info")
        records = [self._polled(each.value, not at.begin) for each in at.new(found) if not is_shipped(each.value)]
        return Polled(records, at.after(found, page).written, bool(page))

    def check(self, fetch: Fetch) -> str:
        if not self.config.asks:
            if not (self.config.webhook_secret.get_secret_value()):
                raise SourceError("neither webhook_secret nor access_token nor client_id is set: give one of them")
            return super().check(fetch)
        count = answered(self._ask(fetch, "orders/count.json?status=open"), self.config.shop)
        told = text(count if isinstance(count, dict) else {}, "count")
        return f"{self.config.shop}: {told or 'no count of'} open orders by the API of {self.config.api_version}"

    def _ask(self, fetch: Fetch, place: str) -> Response:
        if not self.config.asks:
            raise SourceError("the shop cannot be asked: give an access_token, or client_id and client_secret")
        url = f"https://{self.config.shop}/admin/api/{self.config.api_version}/{place}"
        header, token = "x-shopify-access-token", self.config.access_token.get_secret_value()
        request = Request(url, headers={"accept": "application/json"})
        if token:
            return asked(fetch, replace(request, headers={**request.headers, header: token}), self.config.shop, _CURES)
        return asked(lambda each: self._credentials.ask(fetch, header, "{}", each), request, self.config.shop, _CURES)

    def _polled(self, order: Json, first: bool) -> Record:
        """An order that was listed: what is open at first is new, what has changed since is news."""
        headers = {_TOPIC: CREATED if first else NEWS[0], _SHOP: self.config.shop, _ASKED: "yes"}
        return Record(body_of(order), headers)

    def _news(self, order: Json) -> Record:
        return self._polled(order, first=False)


def _read(piece: Piece, reading: Reading, news: bool) -> Transaction:
    if piece.fault:
        return rejected(piece.position, piece.text, piece.fault)
    return attempt(piece.position, piece.text, lambda: read_order(piece.value, reading, news))
