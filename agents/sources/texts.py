"""Text of foreign documents: decoding that never fails, excerpts for people, one-line reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable

EXCERPT_LENGTH = 20_000
REASON_LENGTH = 1_000
LABEL_LENGTH = 100

_STRANGE = re.compile("[\ud800-\udfff\x00]")


def decode(body: bytes) -> str:
    """UTF-8 text without its byte-order mark; bytes that are not UTF-8 stay as lone surrogates, for `is_clean`."""
    return body.decode("utf-8-sig", "surrogateescape")


def is_clean(text: str) -> bool:
    """Whether the text is proper Unicode without NUL, so that every store and file can hold it."""
    return not _STRANGE.search(text)


def stain(text: str) -> str:
    """What keeps a text from being clean, in words; empty where nothing does."""
    found = _STRANGE.search(text)
    if not found:
        return ""
    code = ord(found.group())
    if 0xDC80 <= code <= 0xDCFF:  # how `decode` keeps a byte
        return f"it holds the byte 0x{code - 0xDC00:02X}, which is not UTF-8: save the file as UTF-8"
    return f"it holds U+{code:04X}, which is no character: take it out"


def excerpt(text: str) -> str:
    """The beginning of a text, made fit to be stored."""
    return _STRANGE.sub("\ufffd", text[:EXCERPT_LENGTH])


def sample(body: bytes) -> str:
    """As `excerpt`, of a body; empty of one that is no text, which nobody could mend."""
    begin = body[: 4 * EXCERPT_LENGTH]
    return "" if b"\0" in begin else excerpt(decode(begin))


def one_line(text: str) -> str:
    """A reason as one line of bounded length, without control characters."""
    words = "".join(c if c.isprintable() else " " for c in text[: 2 * REASON_LENGTH]).split()
    line = " ".join(words)
    return line if len(line) <= REASON_LENGTH else line[: REASON_LENGTH - 1] + "…"


def label(text: str) -> str:
    """A text out of a document as part of a name: one line, short, fit to be stored."""
    return one_line(text[:LABEL_LENGTH])


def quoted(value: str, longest: int = 60) -> str:
    """A value as a reason shows it: in quotes, cut where it is long."""
    return f"'{value if len(value) <= longest else value[:longest] + '…'}'"


def joined(parts: Iterable[str]) -> str:
    """The parts that say something, as one line of an address."""
    return ", ".join(part.strip() for part in parts if part.strip())


def start(head: bytes) -> bytes:
    """The head of a body behind a byte-order mark and white space."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()
