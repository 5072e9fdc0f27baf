"""What a person has mended in quarantine, read again as it was read first: by the connector that brought it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.service.connectors.configured import Connector
from agents.sources.errors import UnreadableError
from agents.sources.reading import Read, read_bytes, read_record
from agents.sources.recognition import claims
from knowledge.store.source_inbox import SourceInbox

_AGAIN = re.compile(r"^(?:[0-9a-f]{12}/again )+")
"""How the name of a document begins that was sent again from quarantine."""

_OF_BODY = ("content-type", "content-length", "content-encoding", "transfer-encoding")
"""Headers of a delivery that say how its body was written, which is text now."""


def read_again(
    connectors: Mapping[str, Connector], inbox: SourceInbox, document: str, name: str, text: str
) -> list[Read]:
    """The documents of a text that was quarantined as `document`, and mended since, under a new name.

    What no connector brought is read by whichever source recognises it.
    """
    connector, _, place = _AGAIN.sub("", document).partition("/")
    found, body = connectors.get(connector), text.encode()
    if found is None:
        return read_bytes(name, body)
    headers = _headers(inbox, connector, place)
    try:
        source = found.source.mending(body)
    except UnreadableError as error:
        return [Read(name, None, str(error), text)]
    if headers is None and not claims(source, body, place.partition(":")[0]):
        return read_bytes(name, body)
    kept = {key: value for key, value in (headers or {}).items() if key not in _OF_BODY}
    return read_record(name, source, kept, body)


def _headers(inbox: SourceInbox, connector: str, place: str) -> dict[str, str] | None:
    """The headers that a webhook or polled record came with; behind its name may be the place of a transaction."""
    without = place.rpartition(":")[0]
    for each in (place, place.rpartition(".")[0], without, without.rpartition(".")[0]):
        if each and (found := inbox.headers(connector, each)) is not None:
            return found
    return None
