"""The conformance kit: what every source has to keep, as tests. A pytest plugin (`-p agents.sources.kit`).

A source's test is a subclass that says which class it is, its settings, and where samples of its bodies are:

    class TestMyShop(SourceKit):
        source = MyShop
        settings = {"secret": "only-a-test"}
        samples = Path(__file__).parent / "samples"

Beside a sample `order.json` stands what it makes, `order.json.expected.json`: a list, for each transaction the draft
(fields that are not given left out), the document of the contract with its `type`,
`{"rejected": "part of the reason"}`, or `{"ignored": "part of the reason"}` where there is nothing to do with it; or an
object of that list as `drafts` and the `total` of quantity × price of all lines. `order.json.headers.json` has the
headers that it comes with, if any.
"""

from __future__ import annotations

import json
import random
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from agents.sources.errors import FetchError, SourceError
from agents.sources.exact import total
from agents.sources.fetching import Fetch, Request, Response
from agents.sources.signing import Delivery, digest
from agents.sources.source import Ignored, OrderDraft, Rejected, Source, Transaction, transactions
from agents.sources.texts import is_clean
from knowledge.documents import DOCUMENT, CustomerOrder, Document
from protocols.publishing import OrderNews, PartNews

EXPECTED, HEADERS = ".expected.json", ".headers.json"

_SECRET = re.compile(r"secret|password|token|api_key|private")
"""Names of settings that nobody is to see."""

_CUTS = 24
"""Places at which a sample is cut, and otherwise damaged."""


class SourceKit:
    """Subclass it; its name has to begin with Test."""

    source: ClassVar[type[Source[Any]]]
    settings: ClassVar[Mapping[str, Any]] = {}
    samples: ClassVar[Path]

    def system(self) -> Fetch:
        """A stand-in of the system that is asked, for a source that polls: the same answers every time."""
        raise NotImplementedError("a source that polls needs a stand-in of its system: def system(self) -> Fetch")

    def sign(self, body: bytes) -> Mapping[str, str]:
        """The headers (small letters) that a webhook of this body comes with, its signature among them."""
        signature = self.source.signature
        if signature is None:
            raise NotImplementedError("a source with an `authentic` of its own needs: def sign(self, body)")
        secret = SecretStr(self.settings[signature.secret])
        text = signature.prefix + digest(body, secret, signature.encoding, signature.algorithm)
        return {signature.header.lower(): text}

    # -- what is tested

    def test_settings_round_trip_and_mask_their_secrets(self) -> None:
        config = self.source.Config.model_validate(self.settings)
        shown = f"{config!r} {config.model_dump_json()}"
        for name, value in config:
            if isinstance(value, SecretStr):
                assert not value or value.get_secret_value() not in shown, f"{name} is shown"
            else:
                assert not _SECRET.search(name), f"{name} has to be a SecretStr, which is never shown"
        assert self.source.Config.model_validate(self.settings) == config
        with pytest.raises(ValueError, match="no_such_setting"):
            self.source.Config.model_validate({**self.settings, "no_such_setting": 1})

    @pytest.mark.parametrize("answer", [0, 401, 404, 500, 200])
    def test_a_check_that_fails_says_so_and_nothing_else(self, answer: int) -> None:
        def fetch(request: Request) -> Response:
            if not answer:
                raise FetchError("nobody is there")
            return Response(answer, {}, b"<html>")

        try:
            said = self._made().check(fetch)
        except SourceError as error:
            assert str(error).strip()
        else:
            assert said.strip()
            assert answer == 200 or said == Source.check(self._made(), fetch), "a check that fails is no success"

    def test_samples_make_what_is_expected_of_them(self) -> None:
        for sample in self._samples():
            found = [_shown(each) for each in self._drafts(sample)]
            _compare(found, _expected(sample)[0], sample)

    def test_totals_reconcile(self) -> None:
        for sample in self._samples():
            stated = _expected(sample)[1]
            if stated is not None:
                assert _sum(self._documents(sample)) == Decimal(stated), sample.name

    def test_the_same_body_makes_the_same_orders(self) -> None:
        for sample in self._samples():
            assert self._documents(sample) == self._documents(sample), sample.name
            body, headers = sample.read_bytes(), _headers(sample)
            ids = {self._made().delivery_id(headers, body) for _ in range(2)}
            assert len(ids) == 1, "a delivery that comes twice has to be known by the same id"

    def test_a_body_that_is_cut_is_refused_and_never_half_read(self) -> None:
        for sample in self._samples():
            whole, body = self._documents(sample), sample.read_bytes()
            for at in range(_CUTS):
                cut = body[: len(body) * at // _CUTS]
                for document in self._documents(sample, cut):
                    assert document in whole, f"{sample.name} cut at {len(cut)} makes another order: {document!r}"

    def test_a_body_in_another_order_is_refused_or_means_the_same(self) -> None:
        for sample in self._samples():
            whole, body = self._documents(sample), sample.read_bytes()
            for at in range(1, _CUTS):
                middle = len(body) * at // _CUTS
                for document in self._documents(sample, body[middle:] + body[:middle]):
                    assert document in whole, f"{sample.name} turned at {middle} makes another order: {document!r}"

    def test_a_byte_order_mark_changes_nothing(self) -> None:
        for sample in self._samples():
            found = self._documents(sample, b"\xef\xbb\xbf" + sample.read_bytes())
            assert found in ([], self._documents(sample)), sample.name

    def test_bytes_of_another_character_set_are_never_garbled(self) -> None:
        for sample in self._samples():
            body = sample.read_bytes()
            for at in range(1, _CUTS):
                middle = len(body) * at // _CUTS
                for document in self._documents(sample, body[:middle] + b"\xe9" + body[middle:]):
                    text = document.model_dump_json()
                    assert is_clean(text), f"{sample.name} with 0xE9 at {middle} makes {text}"
                    assert "\ufffd" not in text, f"{sample.name} with 0xE9 at {middle} makes {text}"

    def test_noise_is_refused_without_an_exception(self) -> None:
        noise = random.Random(1)
        for sample in self._samples():
            body = bytearray(sample.read_bytes())
            for _ in range(_CUTS):
                spoiled = bytearray(body)
                for _ in range(3):
                    spoiled[noise.randrange(len(spoiled))] = noise.randrange(256)
                for each in transactions(self._made(), _headers(sample), bytes(spoiled)):
                    assert "the reader failed" not in getattr(each.outcome, "reason", ""), each.outcome

    def test_fields_that_nobody_knows_are_kept_and_change_nothing(self) -> None:
        for sample in self._samples():
            try:
                value = json.loads(sample.read_bytes())
            except ValueError:
                continue  # only of JSON can it be said what a field is
            if isinstance(value, dict):
                more = json.dumps({**value, "nobody_knows_this": "kept"}).encode()
                assert self._documents(sample, more) == self._documents(sample), sample.name
                found = transactions(self._made(), _headers(sample), more)
                assert any("nobody_knows_this" in each.text for each in found), "the text of a transaction is its body"

    def test_parsing_uses_no_network(self) -> None:
        with _no_network():
            for sample in self._samples():
                self._drafts(sample)

    def test_a_webhook_with_a_wrong_signature_is_refused(self) -> None:
        if not self.source.hears():
            assert not self._made().authentic(Delivery({}, b"", 0))
            return
        for sample in self._samples():
            body, source = sample.read_bytes(), self._made()
            signed = {**_headers(sample), **self.sign(body)}
            assert source.authentic(Delivery(signed, body, _NOW, url=_URL)), "a right signature has to be taken"
            assert not source.authentic(Delivery(signed, body + b" ", _NOW, url=_URL)), "the body was changed"
            assert not source.authentic(Delivery(_headers(sample), body, _NOW, url=_URL)), "there is no signature"
            for name in self.sign(body):
                wrong = {**signed, name: "x" + signed[name][1:]}
                assert not source.authentic(Delivery(wrong, body, _NOW, url=_URL)), f"{name} is not checked"

    def test_a_cursor_survives_a_restart(self) -> None:
        if not self.source.polls():
            with pytest.raises(NotImplementedError):
                self._made().poll("", self._nobody)
            return
        at_once, cursor = self._polled("", lambda source: source)
        again, _ = self._polled("", lambda source: self._made())
        assert again == at_once, "a source that is made anew between two polls finds something else"
        later, _ = self._polled(cursor, lambda source: self._made())
        assert all(body in at_once for body in later), "what was found already is found again, differently"

    def test_answers_are_the_same_for_the_same_news_and_made_without_the_network(self) -> None:
        if self.source.answers is Source.answers:
            return
        orders = [each for sample in self._samples() for each in self._documents(sample)]
        news = [_promised(each) for each in orders if isinstance(each, CustomerOrder)]
        assert news, "a source that answers needs a sample that is an order"
        for each in news:
            with _no_network():
                try:
                    made = list(self._made().answers(each, 0))
                except SourceError as error:
                    assert str(error).strip(), "what is missing has to be said"
                    continue
                assert made == list(self._made().answers(each, 0)), "the same news has to be answered the same"
            assert made, "an order that is promised has to be answered"
            assert all(parcel.body and parcel.name for parcel in made)

    # -- how

    def _made(self) -> Source[Any]:
        return self.source(self.source.Config.model_validate(self.settings))

    def _samples(self) -> list[Path]:
        found = [p for p in sorted(self.samples.iterdir()) if p.is_file() and not p.name.endswith((EXPECTED, HEADERS))]
        assert found, f"there is no sample in {self.samples}"
        return found

    def _transactions(self, sample: Path, body: bytes | None) -> list[Transaction]:
        return transactions(self._made(), _headers(sample), sample.read_bytes() if body is None else body)

    def _documents(self, sample: Path, body: bytes | None = None) -> list[Document]:
        outcomes = [each.outcome for each in self._transactions(sample, body)]
        return [outcome for outcome in outcomes if not isinstance(outcome, Rejected | Ignored | OrderDraft)]

    def _drafts(self, sample: Path) -> list[OrderDraft | Document | Rejected | Ignored]:
        """The drafts themselves, or what was refused; what goes wrong only as a document is refused, too."""
        settled = self._transactions(sample, None)
        if any(isinstance(each.outcome, Rejected) for each in settled) and len(settled) == 1:
            return [settled[0].outcome]
        found = [
            each.outcome if isinstance(each, Transaction) else each
            for each in self._made().parse(_headers(sample), sample.read_bytes())
        ]
        return [
            after.outcome if isinstance(after.outcome, Rejected) else before
            for before, after in zip(found, settled, strict=True)
        ]

    def _polled(
        self, cursor: str, between: Callable[[Source[Any]], Source[Any]], polls: int = 50
    ) -> tuple[list[bytes], str]:
        source, fetch, found = self._made(), self.system(), list[bytes]()
        for _ in range(polls):
            polled = source.poll(cursor, fetch)
            assert isinstance(polled.cursor, str)
            found.extend(record.body for record in polled.records)
            cursor = polled.cursor
            if not polled.more:
                return found, cursor
            source = between(source)
        raise AssertionError(f"{polls} polls and still more: does the cursor move on?")

    @staticmethod
    def _nobody(request: Request) -> Response:
        raise FetchError("nobody is there")


_NOW = 1_767_600_000
_URL = "https://society.example/api/v1/sources/test"


def _promised(order: CustomerOrder) -> OrderNews:
    """News that each line of an order is promised."""
    at = "2026-02-03T00:00:00+00:00"
    parts = [
        PartNews(
            line=line.line,
            item=line.item or "",
            quantity=str(line.quantity or sum(each.quantity for each in line.schedule or ())),
            requested=None,
            promised=at,
            status="promised",
            reason="",
        )
        for line in order.lines
    ]
    document = json.loads(order.model_dump_json())
    told = {"source": order.source, "number": order.number, "customer": order.customer or "", "status": "open"}
    return OrderNews(at=at, **told, lines=tuple(parts), document=document)


def _headers(sample: Path) -> dict[str, str]:
    file = sample.with_name(sample.name + HEADERS)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _expected(sample: Path) -> tuple[list[Any], str | None]:
    file = sample.with_name(sample.name + EXPECTED)
    assert file.exists(), f"{file} is missing: what does {sample.name} make?"
    said = json.loads(file.read_text(encoding="utf-8"))
    return (said, None) if isinstance(said, list) else (said["drafts"], said.get("total"))


def _shown(outcome: OrderDraft | Document | Rejected | Ignored) -> Any:
    if isinstance(outcome, Rejected | Ignored):
        return {"rejected" if isinstance(outcome, Rejected) else "ignored": outcome.reason}
    shown = json.loads(outcome.model_dump_json(exclude_unset=True, exclude_none=True))
    return shown if isinstance(outcome, OrderDraft) else {"type": outcome.type, **shown}


def _compare(found: list[Any], expected: list[Any], sample: Path) -> None:
    assert len(found) == len(expected), f"{sample.name} makes {len(found)} transactions, not {len(expected)}: {found}"
    for one, other in zip(found, expected, strict=True):
        if refused := other.keys() & {"rejected", "ignored"}:
            assert all(other[said] in one.get(said, "") for said in refused), f"{sample.name}: {one}"
        else:
            read = DOCUMENT.validate_python if "type" in other else OrderDraft.model_validate
            named = {"type": other["type"]} if "type" in other else {}
            assert read({**named, **one}) == read(other), f"{sample.name} makes {json.dumps(one, indent=1)}"


def _sum(documents: list[Document]) -> Decimal:
    lines = [line for order in documents if isinstance(order, CustomerOrder) for line in order.lines]
    return total((line.quantity or Decimal(0)) * (line.unit_price or Decimal(0)) for line in lines)


@contextmanager
def _no_network() -> Iterator[None]:
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a source may not use the network while it parses")

    with patch.object(socket.socket, "connect", refused), patch.object(socket, "getaddrinfo", refused):
        yield
