"""The attachments of an e-mail message (RFC 5322, MIME), found without trust: how deep and how many is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import errors, message_from_bytes, policy
from email.headerregistry import AddressHeader
from email.message import EmailMessage

from agents.sources.archives import UNPACKED_MOST, members
from agents.sources.errors import UnreadableError
from agents.sources.table_xlsx import ZIP, is_workbook
from agents.sources.texts import one_line, quoted

DEPTH_MOST = 5
"""Messages within messages."""

PARTS_MOST = 100
"""Attachments of a message, those in archives included."""

_LINES_MOST = 1_000_000
_BOUNDARIES_MOST = 24
_SEPARATORS_MOST = 5_000
_HEADER_LENGTH_MOST = 2_000
_HEADERS_LENGTH_MOST = 60_000
"""Characters of one, and of all headers that are parsed, which takes long."""

_BOUNDARY = re.compile(rb"boundary[ \t]*=", re.IGNORECASE)
_HEADER = re.compile(
    rb"^(?:from|content-(?:type|disposition|transfer-encoding)):[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE
)

_NO_DOCUMENTS = ("image/", "audio/", "video/", "font/")
_SIGNATURES = (
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-keys",
    "text/calendar", "text/vcard", "text/x-vcard",
)  # fmt: skip
_BODIES = ("text/plain", "text/html", "text/enriched", "text/rtf")
_CUT_OFF = (errors.CloseBoundaryNotFoundDefect, errors.StartBoundaryNotFoundDefect)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message; `fault` says why it is not to be used."""

    name: str
    body: bytes
    content_type: str = ""
    fault: str = ""


def read_message(body: bytes) -> EmailMessage:
    """The message of a body. Raises UnreadableError where it is cut off, or is made to keep its reader busy."""
    _check_effort(body.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    try:
        message = message_from_bytes(body, policy=policy.default)
    except Exception as error:  # the library's parser of headers fails in many ways
        raise UnreadableError(f"the message cannot be read ({type(error).__name__}: {error})") from error
    assert isinstance(message, EmailMessage)
    return message


def _check_effort(body: bytes) -> None:
    """Raise UnreadableError where the library would be busy for long."""
    if body.count(b"\n") > _LINES_MOST or body.count(b"\n--") > _SEPARATORS_MOST:
        raise UnreadableError("the message has more lines or parts than any order: send it in pieces")
    if len(_BOUNDARY.findall(body)) > _BOUNDARIES_MOST:
        raise UnreadableError("the message is nested deeper than any order: send the attachments by themselves")
    lengths = [len(found.group()) for found in _HEADER.finditer(body)]
    if max(lengths, default=0) > _HEADER_LENGTH_MOST or sum(lengths) > _HEADERS_LENGTH_MOST:
        raise UnreadableError(
            f"the message has a header of more than {_HEADER_LENGTH_MOST} characters, or {_HEADERS_LENGTH_MOST} in all"
        )


def sender_of(message: EmailMessage) -> str:
    """The address that a message is from, in small letters; empty where it says none."""
    try:
        header = message["from"]
        found = header.addresses[0].addr_spec if isinstance(header, AddressHeader) and header.addresses else ""
    except Exception:  # a header that the library's parser fails on names nobody
        return ""
    return one_line(str(found)).lower()[:100]


def attachments(message: EmailMessage) -> list[Attachment]:
    """The files that came with a message, those of messages and archives within it included, in order.

    Text, pictures and signatures are none. Raises UnreadableError.
    """
    found: list[Attachment] = []
    for part in _parts(message, 0):
        found.extend(_opened(_attachment(part, len(found) + 1)))
        if len(found) > PARTS_MOST or sum(len(each.body) for each in found) > UNPACKED_MOST:
            raise UnreadableError(f"the message has more or larger attachments than {PARTS_MOST} orders: send fewer")
    return found


def _parts(message: EmailMessage, depth: int) -> Iterator[EmailMessage]:
    """The parts of a message that are files."""
    if any(isinstance(defect, _CUT_OFF) for defect in message.defects):
        raise UnreadableError("the message is cut off: its last part does not end")
    if message.get_content_type() == "multipart/report":
        raise UnreadableError("the message reports on the delivery of another: it orders nothing")
    if message.is_multipart():
        depth += message.get_content_maintype() == "message"
        if depth > DEPTH_MOST:
            raise UnreadableError("the message is nested deeper than any order: send the attachments by themselves")
        payload = message.get_payload()
        assert isinstance(payload, list)
        for part in payload:
            assert isinstance(part, EmailMessage)
            yield from _parts(part, depth)
    elif _is_file(message):
        yield message


def _is_file(part: EmailMessage) -> bool:
    kind = part.get_content_type()
    if kind.startswith(_NO_DOCUMENTS) or kind in _SIGNATURES or kind.startswith("message/"):
        return False
    return kind not in _BODIES or bool(part.get_filename()) or part.get_content_disposition() == "attachment"


def _attachment(part: EmailMessage, ordinal: int) -> Attachment:
    told = (part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    name = one_line(told)[-40:] or str(ordinal)
    body = part.get_payload(decode=True)  # notes what is wrong with the coding among the defects
    fault = "its coding is damaged: send it again" if part.defects else ""
    charset = part.get_content_charset()
    kind = part.get_content_type() + (f"; charset={charset}" if charset and charset.isascii() else "")
    return Attachment(name, body if isinstance(body, bytes) else b"", one_line(kind), fault)


def _opened(attachment: Attachment) -> list[Attachment]:
    """An attachment, or what is in it where it is an archive; an archive within an archive stays one."""
    if not attachment.body.startswith(ZIP) or is_workbook(attachment.body[: 2**16], attachment.name):
        return [attachment]
    try:
        inside = members(attachment.body, _is_document, f"the archive {quoted(attachment.name)}")
    except UnreadableError as error:
        return [Attachment(attachment.name, attachment.body, fault=str(error))]
    names = {name: one_line(name.rpartition("/")[2])[-40:] for name in inside}
    return [Attachment(names[name], body) for name, body in inside.items()] or [attachment]


def _is_document(name: str) -> bool:
    """Whether a member of an archive is a file that somebody put there."""
    return not name.startswith("__MACOSX/") and not name.rpartition("/")[2].startswith(".")
