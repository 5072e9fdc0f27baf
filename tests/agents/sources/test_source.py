from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from pydantic import SecretStr

from agents.sources.errors import UnreadableError
from agents.sources.installed import UnknownSourceError, formats, kinds, source_class
from agents.sources.signing import Delivery, Hmac, digest
from agents.sources.source import OrderDraft, Rejected, Source, SourceConfig, Transaction, rejected, transactions
from knowledge.documents import CustomerOrder

LINE = {"line": "1", "items": ["A"], "quantity": 3}


class Lines(Source[SourceConfig]):
    """An order a line of text; `!` breaks the body off, `?` is refused by itself."""

    kind = "lines"
    title = "lines"

    def parse(self, headers: Mapping[str, str], body: bytes) -> Iterator[OrderDraft | Transaction]:
        for number in body.decode().split():
            if number == "!":
                raise UnreadableError("it breaks off")
            if number == "?":
                yield rejected("2", number, "what is that?")
            else:
                yield OrderDraft.model_validate({"number": number, "lines": [LINE]})


class SignedConfig(SourceConfig):
    secret: SecretStr


class Signed(Lines):
    signature = Hmac("X-Signature")
    Config = SignedConfig


def test_drafts_become_documents_under_the_name_of_their_source() -> None:
    [one, two] = transactions(Lines(SourceConfig(partner="P")), {}, b"7 8")
    orders = [each.outcome for each in (one, two) if isinstance(each.outcome, CustomerOrder)]
    assert [(order.source, order.number) for order in orders] == [("lines:P", "7"), ("lines:P", "8")]
    assert (one.position, two.position) == ("0", "1")


def test_nothing_is_used_of_a_body_that_breaks_off() -> None:
    [only] = transactions(Lines(), {}, b"7 8 !")
    assert only.outcome == Rejected("it breaks off")


def test_what_is_refused_by_itself_costs_nothing_else() -> None:
    outcomes = [each.outcome for each in transactions(Lines(), {}, b"7 ? 8")]
    assert [isinstance(outcome, Rejected) for outcome in outcomes] == [False, True, False]


def test_a_body_without_an_order_is_told_to_a_person() -> None:
    [only] = transactions(Lines(), {}, b" ")
    assert only.outcome == Rejected("there is no order in this lines")


def test_a_webhook_is_authentic_only_with_the_right_signature_of_the_very_body() -> None:
    source = Signed(SignedConfig(secret=SecretStr("s")))
    good = {"x-signature": digest(b"7", SecretStr("s"))}
    assert source.authentic(Delivery(good, b"7", 0))
    assert not source.authentic(Delivery(good, b"8", 0))
    assert not source.authentic(Delivery({}, b"7", 0))
    assert not source.authentic(Delivery({"x-signature": "ä"}, b"7", 0))
    assert not Lines().authentic(Delivery(good, b"7", 0))


def test_a_source_says_whether_it_is_called_or_asked() -> None:
    assert (Signed.hears(), Signed.polls()) == (True, False)
    assert (Lines.hears(), Lines.polls()) == (False, False)


def test_our_own_sources_are_installed_by_the_door_that_others_use() -> None:
    assert [source.kind for source in formats()] == list(kinds())
    assert all(source_class(kind).kind == kind for kind in kinds())
    assert list(kinds())[-1] == "json"  # it takes what nobody else claims


def test_an_unknown_kind_is_told_which_there_are() -> None:
    with pytest.raises(UnknownSourceError, match="source 'fax' is not installed; there are x12, "):
        source_class("fax")
