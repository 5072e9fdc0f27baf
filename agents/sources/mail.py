"""The source of e-mail: each attachment of a message is read by the source that it is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from agents.sources.errors import UnreadableError
from agents.sources.installed import formats
from agents.sources.mail_parts import Attachment, attachments, read_message, sender_of
from agents.sources.order_draft import OrderDraft
from agents.sources.recognition import source_of
from agents.sources.source import Found, Source, SourceConfig, Transaction, rejected, transactions
from agents.sources.table import Table
from agents.sources.table_config import TableConfig, table_config
from agents.sources.texts import label, quoted, sample

DATA_SUFFIXES = (
    ".csv", ".tsv", ".tab", ".xls", ".xlsx", ".xlsm", ".xlsb", ".ods", ".xml", ".json", ".jsonl", ".edi", ".x12",
    ".edifact", ".zip",
)  # fmt: skip
"""Names of attachments that order something: one that cannot be read is told, whatever else came with it."""

_FIELD = re.compile(rb"^([A-Za-z-]{1,40}):", re.MULTILINE)
_USUAL = {b"date", b"message-id", b"received", b"mime-version", b"return-path", b"subject"}


class MailConfig(SourceConfig):
    """What mail can be told. An address is only what a message says of itself: it proves nobody's identity."""

    senders: Mapping[str, str] = Field({}, description="address, or @domain = customer")
    known_only: bool = Field(False, description="refuse messages of anybody else")
    table: TableConfig = Field(TableConfig(), description="how attached tables (CSV, XLSX) are read")


class Mail(Source[MailConfig]):
    """The source of messages (RFC 5322): a file `.eml`, or one of a maildir."""

    kind = "mail"
    title = "e-mail message"
    Config = MailConfig

    def recognises(self, head: bytes, name: str) -> bool:
        if not _FIELD.match(head):
            return False
        fields = {found.lower() for found in _FIELD.findall(re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0])}
        return (b"from" in fields and bool(fields & _USUAL)) or name.lower().endswith(".eml")

    def mapped(self, mapping: Mapping[str, object]) -> Mail:
        return Mail(self.config.model_copy(update={"table": table_config(mapping)}))

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        message = read_message(body)
        sender = sender_of(message)
        if not (sender or self.config.partner):
            raise UnreadableError("the message does not say whom it is from: whose orders these are is not known")
        customer = self._customer(sender)
        if self.config.known_only and not customer:
            raise UnreadableError(f"the message is from {quoted(sender)}, whom nobody listed under `senders`")
        reader = _Reader(self.config, customer, sender)
        found: list[Transaction] = []
        unread: list[tuple[str, Attachment, str]] = []
        for name, attachment in _named(attachments(message)):
            try:
                found.extend(reader.read(name, attachment))
            except UnreadableError as error:
                unread.append((name, attachment, str(error)))
        if not found and not any(_is_data(attachment) for _, attachment, _ in unread):
            told = "; ".join(f"{name}: {problem}" for name, _, problem in unread[:5])
            raise UnreadableError(f"the message has no attachment that can be read{f' ({told})' if told else ''}")
        # A copy to look at (PDF) may come with an order; what is meant to be read may not be lost.
        missed = [(name, each, problem) for name, each, problem in unread if _is_data(each)]
        return [*found, *(rejected(name, sample(each.body), problem) for name, each, problem in missed)]

    def mending(self, text: bytes) -> Source[Any]:
        """What is mended is the text of an attachment."""
        reader = _Reader(self.config, "", "")
        source = source_of("", text, reader.sources)
        return _Sent(source.mending(text), self.config.partner, "", "")

    def _customer(self, sender: str) -> str:
        known = {address.strip().lower(): customer for address, customer in self.config.senders.items()}
        return known.get(sender, known.get(f"@{sender.rpartition('@')[2]}", ""))


class _Reader:
    """Reads attachments as what they are, and says whose they are where they do not."""

    def __init__(self, config: MailConfig, customer: str, sender: str) -> None:
        self._partner = config.partner or customer or sender
        self._customer, self._config = customer, config
        self.sources = [
            self._table() if each.kind == Table.kind else each for each in formats() if each.kind != Mail.kind
        ]

    def _table(self) -> Table:
        """A table's orders carry whose they are in their text, so that it can be mended and sent again."""
        table = self._config.table
        constants = {"customer": self._customer} if self._customer else {}
        return Table(
            table.model_copy(
                update={"partner": table.partner or self._partner, "constants": {**constants, **table.constants}}
            )
        )

    def read(self, name: str, attachment: Attachment) -> Iterator[Transaction]:
        """The transactions of an attachment. Raises UnreadableError where it is of no source."""
        if attachment.fault:
            raise UnreadableError(attachment.fault)
        source = source_of(attachment.name, attachment.body, self.sources)
        sent = _Sent(source, self._config.partner, self._partner, self._customer)
        found = transactions(sent, {"content-type": attachment.content_type}, attachment.body)
        return (
            Transaction(label(f"{name}:{each.position}" if each.position else name), each.outcome, each.text)
            for each in found
        )


class _Sent(Source[SourceConfig]):
    """Another source, whose orders are of somebody where they do not say so themselves."""

    def __init__(self, inner: Source[Any], given: str, partner: str, customer: str) -> None:
        super().__init__(SourceConfig(partner=given))
        self.kind, self.title = inner.kind, inner.title  # type: ignore[misc]
        self._inner, self._partner, self._customer = inner, partner, customer

    def parse(self, headers: Mapping[str, str], body: bytes) -> Iterable[Found]:
        for each in self._inner.parse(headers, body):
            if isinstance(each, OrderDraft):
                yield self._addressed(each)
            elif isinstance(each, Transaction) and isinstance(each.outcome, OrderDraft):
                yield replace(each, outcome=self._addressed(each.outcome))
            else:
                yield each

    def _addressed(self, draft: OrderDraft) -> OrderDraft:
        customer = self._customer if draft.kind == "order" else ""
        return draft.model_copy(
            update={"partner": draft.partner or self._partner, "customer": draft.customer or customer or None}
        )


def _named(found: Sequence[Attachment]) -> Iterator[tuple[str, Attachment]]:
    """Attachments with names by which they differ."""
    seen: dict[str, int] = {}
    for each in found:
        times = seen[each.name] = seen.get(each.name, 0) + 1
        yield f"attachment {each.name}{f' ({times})' if times > 1 else ''}", each


def _is_data(attachment: Attachment) -> bool:
    return attachment.name.lower().endswith(DATA_SUFFIXES)
