"""Our own sources under the kit that everybody's have to pass; and that the kit finds what is wrong."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from agents.sources.b2mml import B2mmlReports
from agents.sources.edifact import Edifact
from agents.sources.errors import FetchError, UnreadableError
from agents.sources.fetching import Fetch, Request, Response
from agents.sources.hubspot import HubSpot
from agents.sources.installed import kinds
from agents.sources.json_documents import JsonDocuments
from agents.sources.kit import SourceKit
from agents.sources.mail import Mail
from agents.sources.salesforce import Salesforce
from agents.sources.shopify import Shopify
from agents.sources.signing import Delivery, Hmac, digest
from agents.sources.source import OrderDraft, Polled, Record, Source, SourceConfig
from agents.sources.table import Table
from agents.sources.ubl import Ubl
from agents.sources.woocommerce import WooCommerce
from agents.sources.x12 import X12
from protocols.publishing import News, Parcel
from tests.agents.sources.builders import as_json, hubspot_line, shopify_order, woocommerce_order
from tests.agents.sources.shopify_stand_in import Shop
from tests.agents.sources.stand_in import answering
from tests.agents.sources.test_hubspot import Account
from tests.agents.sources.test_salesforce import Org

SAMPLES = Path(__file__).parent / "samples"


class TestX12(SourceKit):
    source = X12
    settings: ClassVar[Mapping[str, Any]] = {"own_id": "MAKER"}
    samples = SAMPLES / "x12"


class TestEdifact(SourceKit):
    source = Edifact
    settings: ClassVar[Mapping[str, Any]] = {"own_id": "MAKER"}
    samples = SAMPLES / "edifact"


class TestUbl(SourceKit):
    source = Ubl
    samples = SAMPLES / "ubl"


class TestJson(SourceKit):
    source = JsonDocuments
    samples = SAMPLES / "json"

    def test_fields_that_nobody_knows_are_kept_and_change_nothing(self) -> None:
        """Our own documents are for programs that write just these fields: a name that is not known is a mistake."""
        value = json.loads((self.samples / "order.json").read_text(encoding="utf-8"))
        assert self._documents(self.samples / "order.json", as_json({**value, "colour": "red"})) == []


class TestB2mml(SourceKit):
    source = B2mmlReports
    samples = SAMPLES / "b2mml"


class TestShopify(SourceKit):
    source = Shopify
    samples = SAMPLES / "shopify"
    settings: ClassVar[Mapping[str, Any]] = {
        "shop": "mugs.myshopify.com",
        "webhook_secret": "only-a-test",
        "access_token": "no-token",
    }

    def system(self) -> Fetch:
        orders = [shopify_order(id=n, name=f"#{n}", updated_at=f"2026-01-05T09:0{n}:00Z") for n in range(1, 4)]
        fetch = answering(Shop(*orders).answer)
        return lambda request: fetch(replace(request, headers={**request.headers, "x-shopify-access-token": "shpat_1"}))


class TestWooCommerce(SourceKit):
    source = WooCommerce
    samples = SAMPLES / "woocommerce"
    settings: ClassVar[Mapping[str, Any]] = {
        "url": "https://mugs.example.com",
        "webhook_secret": "only-a-test",
        "consumer_key": "no-key",
        "consumer_secret": "none-either",
    }

    def system(self) -> Fetch:
        orders = [woocommerce_order(id=n, number=str(n), date_modified_gmt=f"2026-01-05T09:0{n}:00") for n in (1, 2, 3)]
        return lambda request: Response(200, {}, as_json(orders))


class TestHubSpot(SourceKit):
    source = HubSpot
    samples = SAMPLES / "hubspot"
    settings: ClassVar[Mapping[str, Any]] = {
        "access_token": "no-token",
        "client_secret": "only-a-test",
        "public_url": "https://society.example/hubspot",
    }

    def sign(self, body: bytes) -> Mapping[str, str]:
        stamp = "1767600000000"
        signed = b"POSThttps://society.example/hubspot" + body + stamp.encode()
        signature = digest(signed, SecretStr("only-a-test"))
        return {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": stamp}

    def system(self) -> Fetch:
        account = Account(d1=("closedwon", 0, [hubspot_line("1")]), d2=("closedwon", 1, [hubspot_line("2")]))
        return answering(account.answer, "Bearer pat-1")


class TestSalesforce(SourceKit):
    source = Salesforce
    samples = SAMPLES / "salesforce"
    settings: ClassVar[Mapping[str, Any]] = {
        "url": "https://acme.my.salesforce.com",
        "client_id": "c",
        "client_secret": "no-secret",
        "webhook_secret": "only-a-test",
    }

    def sign(self, body: bytes) -> Mapping[str, str]:
        return {"x-webhook-secret": digest(body, SecretStr("only-a-test"))}

    def system(self) -> Fetch:
        return answering(Org(secret="no-secret", o1=("Activated", 0, 3), o2=("Activated", 1, 1)).answer)


class TestTable(SourceKit):
    source = Table
    samples = SAMPLES / "table"


class TestMail(SourceKit):
    source = Mail
    samples = SAMPLES / "mail"


class GoodConfig(SourceConfig):
    secret: SecretStr


class Good(Source[GoodConfig]):
    """A line of text a line of an order; the first has the number, the last says how many there are. It polls, too."""

    kind = "good"
    title = "good"
    Config = GoodConfig
    signature: ClassVar[Hmac | None] = Hmac("X-Signature")

    def parse(self, headers: Mapping[str, str], body: bytes) -> Iterator[OrderDraft]:
        try:
            number, *lines, count = body.removeprefix(b"\xef\xbb\xbf").decode("ascii").splitlines()
        except ValueError as error:
            raise UnreadableError(f"it is no text of this kind: {error}") from error
        if count != f"END {len(lines)}":
            raise UnreadableError("it is not whole")
        drafts = [{"line": str(at), "items": [item], "quantity": 1} for at, item in enumerate(lines)]
        yield OrderDraft.model_validate({"number": number, "lines": drafts})

    def poll(self, cursor: str, fetch: Fetch) -> Polled:
        page = int(cursor or 0)
        found = fetch(Request(f"https://good.example/{page}")).json()
        records = [Record(text.encode()) for text in found]
        return Polled(records, str(page + bool(records)), more=bool(records))

    def check(self, fetch: Fetch) -> str:
        return f"{len(fetch(Request('https://good.example/0')).json())} orders"


BODY = "7\nPUMP\nCABLE\nEND 2\n"


class HalfRead(Good):
    def parse(self, headers: Mapping[str, str], body: bytes) -> Iterator[OrderDraft]:
        number, *lines = body.decode("ascii").split()
        drafts = [{"line": str(at), "items": [item], "quantity": 1} for at, item in enumerate(lines)]
        yield OrderDraft.model_validate({"number": number, "lines": drafts})


class Trusting(Good):
    def authentic(self, delivery: Delivery) -> bool:
        return True


class Telling(Good):
    class Config(SourceConfig):
        secret: str


class Forgetful(Good):
    def poll(self, cursor: str, fetch: Fetch) -> Polled:
        return Polled(super().poll(cursor, fetch).records, "", more=True)


class Capricious(Good):
    """Answers otherwise each time."""

    def answers(self, news: News, told: int) -> list[Parcel]:
        return [Parcel("answer.txt", secrets.token_bytes(8))]


class Silent(Good):
    """Says that it answers, and does not."""

    def answers(self, news: News, told: int) -> list[Parcel]:
        return []


class Random(Good):
    def parse(self, headers: Mapping[str, str], body: bytes) -> Iterator[OrderDraft]:
        for draft in super().parse(headers, body):
            yield draft.model_copy(update={"number": f"{id(draft)}-{next(_COUNT)}"})


class Cheerful(Good):
    def check(self, fetch: Fetch) -> str:
        with suppress(FetchError):
            fetch(Request("https://good.example/0"))
        return "all is well"


_COUNT = iter(range(10**9))


@pytest.fixture
def kit_of(tmp_path: Path) -> Any:
    """The kit of a source, on one sample."""
    (tmp_path / "order.txt").write_text(BODY)
    lines = [{"line": str(at), "items": [item], "quantity": "1"} for at, item in enumerate(("PUMP", "CABLE"))]
    (tmp_path / "order.txt.expected.json").write_text(json.dumps([{"number": "7", "lines": lines}]))

    def made(source: type[Source[Any]]) -> SourceKit:
        class Kit(SourceKit):
            settings: ClassVar[Mapping[str, Any]] = {"secret": "only-a-test"}
            samples = tmp_path

            def system(self) -> Fetch:
                return lambda request: Response(
                    200, {}, json.dumps([BODY] if request.url.endswith("/0") else []).encode()
                )

        Kit.source = source
        return Kit()

    return made


def names_of_tests(kit: SourceKit) -> list[str]:
    """The names of the kit's tests that take nothing."""
    return [name for name in dir(kit) if name.startswith("test_") and not name.startswith("test_a_check")]


def test_a_good_source_passes_the_kit(kit_of: Any) -> None:
    kit = kit_of(Good)
    for name in names_of_tests(kit):
        getattr(kit, name)()
    for answer in (0, 401, 200):
        kit.test_a_check_that_fails_says_so_and_nothing_else(answer)


@pytest.mark.parametrize(
    ("source", "test"),
    [
        (HalfRead, "test_a_body_that_is_cut_is_refused_and_never_half_read"),
        (HalfRead, "test_a_body_in_another_order_is_refused_or_means_the_same"),
        (Trusting, "test_a_webhook_with_a_wrong_signature_is_refused"),
        (Telling, "test_settings_round_trip_and_mask_their_secrets"),
        (Forgetful, "test_a_cursor_survives_a_restart"),
        (Random, "test_the_same_body_makes_the_same_orders"),
        (Random, "test_samples_make_what_is_expected_of_them"),
        (Capricious, "test_answers_are_the_same_for_the_same_news_and_made_without_the_network"),
        (Silent, "test_answers_are_the_same_for_the_same_news_and_made_without_the_network"),
    ],
)
def test_the_kit_finds_what_is_wrong(kit_of: Any, source: type[Source[Any]], test: str) -> None:
    with pytest.raises(AssertionError):
        getattr(kit_of(source), test)()


def test_a_check_that_is_content_with_everything_is_found(kit_of: Any) -> None:
    with pytest.raises(AssertionError, match="a check that fails is no success"):
        kit_of(Cheerful).test_a_check_that_fails_says_so_and_nothing_else(0)


def test_every_source_of_ours_is_under_the_kit() -> None:
    found = {each.source.kind for each in SourceKit.__subclasses__() if each.__module__.startswith("tests.")}
    assert set(kinds()) - found <= {"cxml"}  # in test_cxml.py, for its secret stands in the body
