"""The source of deals in HubSpot: a webhook says that one has changed, and what counts is asked for then."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import AwareDatetime, Field, SecretStr, field_validator

from agents.sources.asking import Cursor, Found, answered, asked, base_url, body_of, objects
from agents.sources.drafts import aware_time
from agents.sources.errors import FetchError, SourceError
from agents.sources.hubspot_deal import DEAL, ItemNumber, Reading, read_deal
from agents.sources.json_documents import looks_like_json
from agents.sources.json_text import Piece, pieces
from agents.sources.json_values import Json, child, children, listed, text
from agents.sources.record_answers import fields, read_answer, record_answers
from agents.sources.signing import Delivery, content_id, digest, same
from agents.sources.source import Fetch, Polled, Record, Request, Source, SourceConfig, Transaction, attempt, rejected
from agents.sources.texts import quoted
from protocols.publishing import News, Parcel

OLDEST_SECONDS = 300
"""How long ago a webhook may have been signed."""

_NAME = r"^[a-z][a-z0-9_]*$"
_DEAL_TYPE = "0-3"
_AT_ONCE = 20
_BATCH = 100
_MOST = 500
_CURES = {
    401: "the access token is refused: correct it",
    403: "the app may not read deals, line items, companies or contacts: give it their read scopes",
}
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""What HubSpot signs as it is, though an address may have it encoded."""


class HubSpotConfig(SourceConfig):
    """How an account is reached, and which deals are orders."""

    portal: str = Field("", pattern=r"^\d*$", description="The account's number: whose numbers the deals' are.")
    access_token: SecretStr = Field(SecretStr(""), description="Of a private app, with read scopes.")
    client_secret: SecretStr = Field(SecretStr(""), description="The app's; it signs webhooks.")
    public_url: str = Field("", description="The webhook's address as HubSpot calls it, where a proxy hides it.")
    url: str = "https://api.hubapi.com"
    since: AwareDatetime | None = Field(None, description="What was modified before is not asked for.")
    won_stages: tuple[str, ...] = Field(("closedwon",), min_length=1, description="Ids of stages that make orders.")
    lost_stages: tuple[str, ...] = Field(("closedlost",), description="Ids of stages that call an order off.")
    number_property: str = Field("hs_object_id", pattern=_NAME, description="Of a deal: the order's number.")
    company_property: str = Field("name", pattern=_NAME, description="Of a company: the customer.")
    item_numbers: tuple[ItemNumber, ...] = Field(("hs_sku",), min_length=1, description="Best first.")
    option_properties: tuple[str, ...] = Field((), description="Of line items: what configures them.")
    requested_property: str = Field("", description="Of a line item or deal: the wanted date.")
    ship_to_property: str = Field("", description="Of a deal: where it goes.")
    promised_property: str = Field("", description="Of a deal: a date; by when all that is promised is there.")
    answer_property: str = Field("", description="Of a deal: text; what becomes of each line.")
    shipped_property: str = Field("", description="Of a deal: text; what has left.")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return base_url(value)


class HubSpot(Source[HubSpotConfig]):
    """The source of won deals, each put together with its line items, companies and contacts."""

    kind = "hubspot"
    title = "HubSpot deals"
    Config = HubSpotConfig

    def __init__(self, config: HubSpotConfig | None = None) -> None:
        super().__init__(config)
        told = self.config
        self._reading = Reading(
            told.portal,
            told.won_stages,
            told.lost_stages,
            told.number_property,
            told.company_property,
            told.item_numbers,
            told.option_properties,
            told.requested_property,
            told.ship_to_property,
        )
        self._asks = bool(told.access_token.get_secret_value())

    def recognises(self, head: bytes, name: str) -> bool:
        return looks_like_json(head) and f'"{DEAL}"'.encode() in head

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        return [self._read(piece) for piece in pieces(body)]

    def _read(self, piece: Piece) -> Transaction:
        if piece.fault:
            return rejected(piece.position, piece.text, piece.fault)
        return attempt(piece.position, piece.text, lambda: read_deal(piece.value, self._reading))

    def authentic(self, delivery: Delivery) -> bool:
        """By the third version of the signature, of method, address, body and time."""
        stamp = delivery.headers.get("x-hubspot-request-timestamp", "")
        if not self.config.client_secret.get_secret_value() or not re.fullmatch(r"\d{12,14}", stamp, re.ASCII):
            return False
        if abs(delivery.received - int(stamp) // 1000) > OLDEST_SECONDS:
            return False
        address = self.config.public_url or delivery.url
        for code, sign in _DECODED.items():
            address = address.replace(code, sign).replace(code.lower(), sign)
        signed = f"{delivery.method}{address}".encode() + delivery.body + stamp.encode()
        return same(digest(signed, self.config.client_secret), delivery.headers.get("x-hubspot-signature-v3", ""))

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """What was told, however often it was tried to tell it."""
        events = [{key: told for key, told in each.items() if key != "attemptNumber"} for each in listed(body)]
        return content_id(body_of(events) if events else body)

    def complete(self, record: Record, fetch: Fetch) -> Iterable[Record]:
        """The deals that a webhook names, as they stand now; those are left out that are neither won nor lost."""
        events = [each for each in listed(record.body) if text(each, "objectId")]
        if not events or not self._asks:
            return (record,)
        portal = self.config.portal
        mine = [each for each in events if _is_deal(each) and portal in ("", text(each, "portalId") or portal)]
        names = dict.fromkeys(text(each, "objectId") for each in mine)
        deals = (self._deal(fetch, name) for name in names if name.isdecimal())
        return [Record(body_of(deal)) for deal in deals if deal]

    def poll(self, cursor: str, fetch: Fetch) -> Polled:
        if not self._asks:
            return Polled((), cursor)
        at = Cursor.read(cursor)
        begin = aware_time(at.begin) or self.config.since
        stages = [*self.config.won_stages, *(self.config.lost_stages if at.begin else ())]
        filters: list[dict[str, Any]] = [{"propertyName": "dealstage", "operator": "IN", "values": stages}]
        if begin is not None:
            since = str(int(begin.timestamp()) * 1000)
            filters.append({"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": since})
        wanted = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
            "properties": ["hs_lastmodifieddate"],
            "limit": _AT_ONCE,
            **({"after": at.page} if at.page else {}),
        }
        told = self._ask(fetch, "crm/v3/objects/deals/search", wanted)
        found = [
            Found(text(each, "id"), text(child(each, "properties"), "hs_lastmodifieddate"))
            for each in objects(told, "results", self.title)
        ]
        page = _next(told)
        deals = (self._deal(fetch, each.name) for each in at.new(found))
        return Polled([Record(body_of(deal)) for deal in deals if deal], at.after(found, page).written, bool(page))

    def check(self, fetch: Fetch) -> str:
        if not self._asks:
            if self.config.client_secret.get_secret_value():
                raise SourceError("webhooks only name deals: give an access_token, so that they can be asked for")
            raise SourceError("access_token is not set: give that of a private app")
        pipelines = objects(self._ask(fetch, "crm/v3/pipelines/deals"), "results", self.title)
        stages = {text(stage, "id"): text(stage, "label") for each in pipelines for stage in children(each, "stages")}
        wanted = (*self.config.won_stages, *self.config.lost_stages)
        if unknown := [stage for stage in wanted if stage not in stages]:
            known = ", ".join(f"{name} ({label})" for name, label in stages.items())
            raise SourceError(f"there is no stage {quoted(unknown[0])}; there are {known}")
        return f"HubSpot: deals in {', '.join(stages[stage] for stage in self.config.won_stages)} are orders"

    def asks(self) -> bool:
        return self._asks

    def answers(self, news: News, told: int) -> Iterable[Parcel]:
        """What is promised, again whenever that changes; what has left."""
        return record_answers(news)

    def hand_over(self, parcel: Parcel, fetch: Fetch) -> None:
        """Write an answer into the properties of the deal that are named for it."""
        answer, config = read_answer(parcel), self.config
        names = {
            "promised": config.promised_property,
            "answer": config.answer_property,
            "shipped": config.shipped_property,
        }
        if not any(names.values()):
            raise SourceError("answers go into none: set promised_property, answer_property or shipped_property")
        if not answer.reference.isdigit():
            raise SourceError(f"order {answer.number} came without its deal's id: HubSpot cannot be told of it")
        place = f"crm/v3/objects/deals/{answer.reference}"
        before = ""
        if answer.shipping_order and names["shipped"]:
            told = self._ask(fetch, f"{place}?properties={names['shipped']}")
            before = text(child(told, "properties"), names["shipped"])
        values = {name: value or "" for name, value in fields(answer, names, before).items()}
        if values:
            self._ask(fetch, place, {"properties": values}, "PATCH")

    def _deal(self, fetch: Fetch, name: str) -> Json | None:
        """A deal with all that belongs to it; none where it is gone, or neither won nor lost."""
        wanted = ",".join(self._reading.deal_properties())
        try:
            deal = self._ask(fetch, f"crm/v3/objects/deals/{name}?properties={wanted}")
        except FetchError as error:
            if error.status == 404:
                return None
            raise
        stage = text(child(deal, "properties"), "dealstage")
        if stage in self._reading.lost:
            return {DEAL: deal}
        if stage not in self._reading.won:
            return None
        lines = self._beside(fetch, name, "line_items", self._reading.line_properties())
        companies = self._beside(fetch, name, "companies", [self.config.company_property])
        contacts = self._beside(fetch, name, "contacts", ["email"])
        return {DEAL: deal, "line_items": lines, "companies": companies, "contacts": contacts}

    def _beside(self, fetch: Fetch, deal: str, kind: str, wanted: Sequence[str]) -> list[Json]:
        """The objects of a kind that are associated with a deal, all of them. Raises FetchError."""
        primary: dict[str, bool] = {}
        after = ""
        while True:
            query = f"limit={_MOST}{'&after=' if after else ''}{after}"
            told = self._ask(fetch, f"crm/v4/objects/deals/{deal}/associations/{kind}?{query}")
            for each in objects(told, "results", self.title):
                labels = [text(one, "label") for one in children(each, "associationTypes")]
                primary[text(each, "toObjectId")] = any(label.startswith("Primary") for label in labels)
            if not (after := _next(told)):
                break
        names, found = list(primary), []
        for at in range(0, len(names), _BATCH):
            inputs = [{"id": name} for name in names[at : at + _BATCH]]
            asking = {"properties": list(wanted), "inputs": inputs}
            found += objects(self._ask(fetch, f"crm/v3/objects/{kind}/batch/read", asking), "results", self.title)
        if missing := primary.keys() - {text(each, "id") for each in found}:
            raise FetchError(f"{self.title}: {kind} {min(missing)} of deal {deal} cannot be read")
        return [{**each, "primary": primary[text(each, "id")]} for each in found]

    def _ask(self, fetch: Fetch, place: str, body: object = None, method: str = "POST") -> Any:
        token = self.config.access_token.get_secret_value()
        headers = {"accept": "application/json", "authorization": f"Bearer {token}"}
        request = Request(f"{self.config.url}/{place}", headers=headers)
        if body is not None:
            kind = {"content-type": "application/json"}
            request = replace(request, method=method, headers={**headers, **kind}, body=body_of(body))
        return answered(asked(fetch, request, self.title, _CURES), self.title)


def _is_deal(event: Json) -> bool:
    """Whether an event is of a deal, in the old form of subscriptions or the new."""
    kind = text(event, "subscriptionType")
    return kind.startswith("deal.") or (kind.startswith("object.") and text(event, "objectTypeId") == _DEAL_TYPE)


def _next(told: Any) -> str:
    """Where a list goes on."""
    return text(child(child(told if isinstance(told, dict) else {}, "paging"), "next"), "after")
