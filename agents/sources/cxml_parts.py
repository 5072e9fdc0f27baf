"""The document of a cXML delivery that carries attachments, too: the first part of its multipart/related body."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Mapping

from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted

_BOUNDARY = re.compile(r"boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_ENCODING = re.compile(rb"^content-transfer-encoding:\s*([\w-]+)", re.IGNORECASE | re.MULTILINE)
_HEADERS_MOST = 16 * 2**10


def document_of(headers: Mapping[str, str], body: bytes) -> bytes:
    """The body, or its first part where the headers (small letters) say that it has parts. Raises UnreadableError."""
    kind = headers.get("content-type", "")
    if not kind.strip().lower().startswith("multipart/"):
        return body
    found = _BOUNDARY.search(kind)
    if found is None:
        raise UnreadableError("the content type says multipart, but names no boundary")
    mark = b"--" + (found[1] or found[2]).encode("utf-8", "replace")
    lines = b"\n" + body
    begin = lines.find(b"\n" + mark)
    end = lines.find(b"\n" + mark, begin + 1)
    blank = _BLANK_LINE.search(lines, begin, begin + _HEADERS_MOST) if begin >= 0 else None
    if end < 0 or blank is None or blank.end() > end:
        raise UnreadableError("the body does not hold a whole first part as its content type says")
    return _decoded(lines[begin : blank.start()], lines[blank.end() : end].removesuffix(b"\r"))


def _decoded(head: bytes, content: bytes) -> bytes:
    stated = _ENCODING.search(head)
    encoding = stated[1].decode().lower() if stated else "8bit"
    if encoding in ("7bit", "8bit", "binary"):
        return content
    if encoding == "quoted-printable":
        return quopri.decodestring(content)
    if encoding == "base64":
        try:
            return base64.b64decode(b"".join(content.split()), validate=True)
        except ValueError as error:
            raise UnreadableError(f"the first part is not base64: {error}") from error
    raise UnreadableError(f"the first part is encoded as {quoted(encoding)}, which is not known")
