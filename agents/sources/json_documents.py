"""The contract's own documents in JSON: one object a file, an array of them, or one a line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.sources.drafts import TYPES, document
from agents.sources.json_text import Piece, pieces
from agents.sources.source import Source, SourceConfig, Transaction, attempt, rejected
from agents.sources.texts import start

_OWN_TYPE = re.compile(rb'"type"\s*:\s*"(?:' + "|".join(TYPES).encode() + rb')"')


def looks_like_json(head: bytes) -> bool:
    """Whether a body begins as JSON does, or holds objects one a line."""
    text = start(head)
    return text.startswith((b"{", b"[")) or b'\n{"' in text


def holds_own_type(head: bytes) -> bool:
    """Whether a type of the contract's documents is named."""
    return bool(_OWN_TYPE.search(head))


class JsonDocuments(Source[SourceConfig]):
    """The source of the contract's own documents, and of every JSON that no other source claims."""

    kind = "json"
    title = "JSON"

    def recognises(self, head: bytes, name: str) -> bool:
        return looks_like_json(head)

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        return [self._read(piece) for piece in pieces(body)]

    def _read(self, piece: Piece) -> Transaction:
        if piece.fault:
            return rejected(piece.position, piece.text, piece.fault)
        return attempt(piece.position, piece.text, lambda: document(piece.value))
