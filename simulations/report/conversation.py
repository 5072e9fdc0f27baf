"""The conversation about a document as a picture for a page that shows it alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from simulations.report.messages import MessageView
from simulations.report.sequence import sequence_diagram


def conversation_picture(rows: Sequence[Mapping[str, Any]], zone: dt.tzinfo, label: str) -> tuple[str, int]:
    """A sequence diagram in SVG of rows of the messages' table, in order; and how many of them it leaves out."""
    drawn = sequence_diagram([_view(row) for row in rows], zone, label)
    return drawn.svg, drawn.left_out


def _view(row: Mapping[str, Any]) -> MessageView:
    columns = ("sent", "sender", "receiver", "performative", "protocol", "kind", "conversation", "subject")
    return MessageView(**{name: row[name] for name in columns})
