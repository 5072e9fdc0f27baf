"""Whose a body is, where nobody said: each source is asked, and what no source reads is told by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agents.sources.errors import UnreadableError
from agents.sources.installed import formats
from agents.sources.mappings import MappingFile
from agents.sources.source import Source
from agents.sources.texts import decode, quoted
from agents.sources.unsupported import BINARY, UNREAD, NotRead

HEAD_LENGTH = 64 * 2**10
"""Bytes that a format is recognised by."""

NOT_UTF_8 = "the text is UTF-16 or UTF-32: save it as UTF-8"

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def source_of(name: str, body: bytes, sources: Iterable[Source[Any]] | None = None) -> Source[Any]:
    """The source of a body of a file of that name, of the sources given or of all that are installed.

    Raises UnreadableError where it is none's.
    """
    source = recognised(name, body, sources)
    if source is None or isinstance(source, NotRead):
        raise UnreadableError(why_none(body) if source is None else source.reason(body[:HEAD_LENGTH]))
    return source


def recognised(name: str, body: bytes, sources: Iterable[Source[Any]] | None = None) -> Source[Any] | None:
    """As `source_of`, a format that is known but not read included; None where no format is known."""
    if fault := fault_of(body):
        raise UnreadableError(fault)
    head = body[:HEAD_LENGTH]
    return next(
        (each for each in _asked(formats() if sources is None else sources) if each.recognises(head, name)), None
    )


def recognised_by(mapping: Mapping[str, object], name: str, body: bytes) -> Source[Any] | None:
    """The source of a body that is known by a mapping only."""
    able = (each.mapped(mapping) for each in formats() if takes_mapping(each))
    return next((each for each in able if each.recognises(body[:HEAD_LENGTH], name)), None)


def claims(source: Source[Any], body: bytes, name: str) -> bool:
    """Whether a file is a source's to read; a source that recognises nothing reads all."""
    return type(source).recognises is Source.recognises or source.recognises(body[:HEAD_LENGTH], name)


def checked(mapping: MappingFile) -> MappingFile:
    """A mapping that every source which takes one understands. Raises UnreadableError."""
    said = mapping.read()
    for each in filter(takes_mapping, formats()):
        each.mapped(said)
    return mapping


def takes_mapping(source: Source[Any]) -> bool:
    """Whether a mapping beside a document is for this source."""
    return type(source).mapped is not Source.mapped


def why_none(body: bytes) -> str:
    """What is said of a body of no known format."""
    shown = quoted(decode(body[:200]).strip(), 40)
    titles = ", ".join(each.title for each in formats())
    return f"the format is not known: it begins with {shown}; what is read is {titles}"


def fault_of(body: bytes) -> str:
    """What keeps a body from being of any format; empty where nothing does."""
    if not body.strip().removeprefix(b"\xef\xbb\xbf").strip():
        return "the file is empty"
    if body.startswith(_WIDE_MARKS):
        return NOT_UTF_8
    zeros = body[:HEAD_LENGTH].count(0)
    if zeros and not BINARY.recognises(body[:HEAD_LENGTH], ""):
        is_wide = body[:200].count(0) * 5 > 2 * len(body[:200])
        return NOT_UTF_8 if is_wide else "the file holds binary data, not text"
    return ""


def _asked(sources: Iterable[Source[Any]]) -> Iterator[Source[Any]]:
    """Who is asked whether a body is theirs, in order: what is JSON, or binary, of no other format comes last."""
    *first, last = sources
    yield from (*first, *UNREAD, last)
