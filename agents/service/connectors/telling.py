"""The host of sinks: it hands parcels over, into a folder or to an address, and says what was not taken.

A message of the outbox says that a document changed; how it stands is looked up, the sink makes parcels of it, and the
message is acknowledged once all are taken. So what is told is never older than what was told before; what would be the
same as the last time is not told again, and what comes twice after a crash comes with the same idempotency key.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import os
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from agents.service.connectors.asking import SECONDS, Asking
from agents.service.connectors.configured import Connector
from agents.service.connectors.news import Newsroom, Rows
from agents.service.settings import ServiceError, is_loopback
from agents.sinks.installed import sink_class
from agents.sinks.sink import Sink, SinkError
from agents.sources.errors import FetchError
from agents.sources.fetching import Request
from agents.sources.source import Source
from knowledge.plant import Plant
from knowledge.store.source_inbox import SinkMemory
from protocols.envelope import Envelope
from protocols.publishing import Changed, News, Parcel, Subscription, Subscriptions, Topic

PREFIX = "sink:"
ANSWERS = "answers:"
"""How the names of those who are told begin: sinks, and sources that are answered."""

SYSTEM = "system"
"""The setting of answers that go into the system of the source itself."""

_EVER = "1970-01-01T00:00:00+00:00"
"""A time at which two pieces of news are compared."""

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")

Look = Callable[[], AbstractContextManager[tuple[Rows, Plant]]]


class Destination(BaseModel):
    """Where a sink's parcels go, whichever it is; the rest of its table is the sink's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(description="Which sink; `sinks list` shows those that are installed.")
    folder: Path | None = Field(None, description="A folder into which each parcel is put as a file.")
    url: str | None = Field(None, description="An address to which each parcel is posted.")
    smtp: SecretStr | None = Field(
        None, description="A mail server that each parcel is sent by: smtps://user:password@mail.example, or smtp://…"
    )
    signing_secret: SecretStr | None = Field(
        None, description="Signs what is posted, as Standard Webhooks have it: whsec_ and base64."
    )


@dataclass(frozen=True, slots=True)
class Folder:
    """Puts parcels into a folder: whole or not at all, and the same parcel again under the same name."""

    place: Path

    def hand_over(self, parcel: Parcel, key: str) -> None:
        """Raises OSError."""
        stem, dot, end = parcel.name.rpartition(".")
        mark = re.sub(r"[^A-Za-z0-9.-]", "_", key)
        name = f"{stem}-{mark}{dot}{end}" if dot else f"{parcel.name}-{mark}"
        part = self.place / f".{name}.part"
        with part.open("wb") as file:
            file.write(parcel.body)
            file.flush()
            os.fsync(file.fileno())
        part.rename(self.place / name)

    def close(self) -> None:
        """There is nothing to let go of."""


class Address:
    """Posts parcels to an address. Only an answer of success (2xx) is an acknowledgement."""

    def __init__(self, url: str, secret: SecretStr | None) -> None:
        self.url, self._secret = url, None if secret is None else signing_key(secret)
        self._asking = Asking()

    def hand_over(self, parcel: Parcel, key: str) -> None:
        """Raises FetchError."""
        headers = {"Content-Type": parcel.media, "Idempotency-Key": key, **parcel.headers}
        if self._secret is not None:
            headers |= signed(self._secret, key, int(time.time()), parcel.body)
        answer = self._asking(Request(self.url, "POST", headers, parcel.body))
        if not 200 <= answer.status < 300:
            said = " ".join(answer.body[:200].decode(errors="replace").split())
            raise FetchError(f"{urlsplit(self.url).hostname} answered {answer.status}: {said}", answer.status)

    def close(self) -> None:
        """Let go of all connections."""
        self._asking.close()


class System:
    """Writes parcels into the system of the source that they are answers of."""

    def __init__(self, source: Source[Any]) -> None:
        self._source, self._asking = source, Asking()

    def hand_over(self, parcel: Parcel, key: str) -> None:
        """Raises SourceError. What a parcel says is known by itself when it comes again: systems know no such keys."""
        self._source.hand_over(parcel, self._asking)

    def close(self) -> None:
        """Let go of all connections."""
        self._asking.close()


class Mail:
    """Sends parcels as attachments by a mail server; they say from whom and to whom. A message that is sent again has
    the same Message-ID."""

    def __init__(self, server: SecretStr) -> None:
        """Raises ValueError where the server's address is none."""
        parts = urlsplit(server.get_secret_value())
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("no address of a mail server")
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or (465 if self._tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")

    def hand_over(self, parcel: Parcel, key: str) -> None:
        """Raises OSError, of which every error of smtplib is one, and SinkError for a parcel with no receiver."""
        sender, to = parcel.headers.get("From", ""), parcel.headers.get("To", "")
        if not sender or not to:
            raise SinkError(f"{parcel.name} says neither from whom nor to whom it goes: it is not made for e-mail")
        message = EmailMessage()
        message["From"], message["To"] = sender, to
        message["Subject"] = parcel.headers.get("Subject", parcel.name)
        message["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9.-]', '_', key)}@{sender.rpartition('@')[2].strip('>')}>"
        message["Date"] = format_datetime(dt.datetime.now(dt.UTC))
        message.set_content(f"{message['Subject']}: see what is attached.\n")
        kind, _, subtype = parcel.media.partition("/")
        message.add_attachment(parcel.body, maintype=kind, subtype=subtype or "octet-stream", filename=parcel.name)
        make = smtplib.SMTP_SSL if self._tls else smtplib.SMTP
        with make(self._host, self._port, timeout=SECONDS) as server:
            if not self._tls and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if self._user:
                server.login(self._user, self._password)
            server.send_message(message)

    def close(self) -> None:
        """There is nothing to let go of: each message has a connection of its own."""


def signing_key(secret: SecretStr) -> bytes:
    """The key of a secret as Standard Webhooks write it. Raises ValueError."""
    text = secret.get_secret_value()
    return base64.b64decode(text.removeprefix("whsec_"), validate=True)


def signed(key: bytes, name: str, at: int, body: bytes) -> dict[str, str]:
    """The headers of a webhook, as Standard Webhooks have them: `name` is the same when it is sent again."""
    code = hmac.new(key, f"{name}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(code).decode()}",
    }


Way: TypeAlias = Folder | Address | Mail | System


@dataclass(slots=True)
class Teller:
    """Told of changes by the outbox, one at a time; `look` shows the database as it is."""

    name: str
    parcels: Callable[[News, int], Iterable[Parcel]]
    way: Way
    look: Look
    memory: Callable[[], SinkMemory]

    def deliver(self, envelope: Envelope[Any], key: str) -> None:
        """Hand over what a change makes. Raises whatever keeps it from being taken."""
        content = envelope.content
        if not isinstance(content, Changed):
            raise SinkError(f"{self.name} is told of documents only, not of {type(content).__name__}")
        with self.look() as (rows, plant):
            news = Newsroom(rows, plant).news(content.topic, content.document, envelope.sent)
        if news is None:
            return
        memory, digest = self.memory(), _digest(self.parcels(news.model_copy(update={"at": _EVER}), 0))
        before, times = memory.last(self.name, envelope.subject)
        if digest == before:
            return
        parcels = list(self.parcels(news, times))
        for number, parcel in enumerate(parcels):
            self.way.hand_over(parcel, f"{key}-{number}" if number else key)
        memory.told(self.name, envelope.subject, digest, times + bool(parcels))


def _digest(parcels: Iterable[Parcel]) -> str:
    """The same for the same parcels."""
    said = hashlib.sha256()
    for parcel in parcels:
        said.update(f"{parcel.name}\0{len(parcel.body)}\0".encode() + parcel.body)
    return said.hexdigest()[:32]


def tellers(
    sinks: Mapping[str, Mapping[str, Any]],
    connectors: Mapping[str, Connector],
    look: Look,
    memory: Callable[[], SinkMemory],
) -> tuple[dict[str, Teller], Subscriptions]:
    """Those who are told: sinks of the settings, and sources that want answers.

    Raises ServiceError with every problem.
    """
    found: dict[str, Teller] = {}
    subscriptions: list[Subscription] = []
    problems: list[str] = []
    for name, table in sinks.items():
        try:
            sink, way = configured(name, table)
        except ServiceError as error:
            problems.append(str(error))
            continue
        found[PREFIX + name] = Teller(PREFIX + name, sink.parcels, way, look, memory)
        topics = frozenset(sink.config.topics) or sink.topics
        subscriptions.append(Subscription(PREFIX + name, topics & sink.topics))
    for name, connector in connectors.items():
        try:
            answers = answers_way(connector)
        except ServiceError as error:
            problems.append(str(error))
            continue
        if answers is None:
            continue
        source = connector.source
        found[ANSWERS + name] = Teller(ANSWERS + name, source.answers, answers, look, memory)
        whose = f"{source.kind}:{source.config.partner}" if source.config.partner else source.kind
        topics = frozenset({Topic.ORDER, Topic.SHIPPING_ORDER})
        subscriptions.append(Subscription(ANSWERS + name, topics, whose))
    if problems:
        raise ServiceError("\n".join(problems))
    return found, tuple(subscriptions)


def answers_way(connector: Connector) -> Way | None:
    """Where what is answered to a source goes; None where nothing is to be. Raises ServiceError."""
    where, place = connector.transport.answers, f"sources.{connector.name}.answers"
    if where != SYSTEM:
        return None if where is None else _way(place, where, None)
    if not connector.source.takes_answers():
        raise ServiceError(f"setting {place}: {connector.source.kind} has no system that takes answers: name a folder")
    if not connector.source.asks():
        raise ServiceError(f"setting {place}: the system cannot be reached: give what it is asked with")
    return System(connector.source)


def configured(name: str, table: Mapping[str, Any]) -> tuple[Sink[Any], Way]:
    """One sink and where its parcels go. Raises ServiceError, with every problem and its place, and no secret."""
    place = f"sinks.{name}"
    if not _NAME.fullmatch(name):
        raise ServiceError(f"setting {place}: a name has small letters, digits and hyphens, and at most 40 of them")
    hosts = {key: value for key, value in table.items() if key in Destination.model_fields}
    own = {key: value for key, value in table.items() if key not in hosts}
    try:
        destination = Destination.model_validate(hosts)
        kind = sink_class(destination.kind)
        sink = kind(kind.Config.model_validate(own))
    except ValidationError as error:
        told = (f"setting {place}.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ServiceError("\n".join(told)) from error
    except SinkError as error:
        raise ServiceError(f"setting {place}.kind: {error}") from error
    if strange := set(sink.config.topics) - sink.topics:
        raise ServiceError(f"setting {place}.topics: {destination.kind} does not tell of {', '.join(sorted(strange))}")
    if sum(way is not None for way in (destination.folder, destination.url, destination.smtp)) != 1:
        raise ServiceError(f"setting {place}: it needs one of folder, url and smtp")
    if destination.smtp is not None:
        try:
            return sink, Mail(destination.smtp)
        except ValueError as error:
            raise ServiceError(f"setting {place}.smtp: write smtps://user:password@mail.example") from error
    where = destination.url if destination.url is not None else str(destination.folder)
    return sink, _way(place, where, destination.signing_secret)


def _way(place: str, where: str, secret: SecretStr | None) -> Folder | Address:
    if "://" not in where:
        if not Path(where).is_dir():
            raise ServiceError(f"setting {place}: there is no folder {where}")
        if secret is not None:
            raise ServiceError(f"setting {place}.signing_secret: files are not signed")
        return Folder(Path(where))
    parts = urlsplit(where)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise ServiceError(f"setting {place}: https is needed, but on this machine itself")
    try:
        return Address(where, secret)
    except ValueError as error:
        raise ServiceError(f"setting {place}.signing_secret: write whsec_ and base64") from error
