"""Diagrams and tables of the interaction protocols, generated into `docs/protocols.md` between markers.

Run `python -m protocols.diagrams --write` after a change of a protocol; without `--write` it says whether the
document is what the tables generate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from protocols.interaction import PROTOCOLS, InteractionProtocol, ReplyBy, Transition

DOCUMENT: Final = Path(__file__).parent.parent / "docs" / "protocols.md"
"""The document that holds the generated parts."""

COMMAND: Final = "python -m protocols.diagrams --write"
"""What brings the document up to date."""


def mermaid(protocol: InteractionProtocol) -> str:
    """The table as a Mermaid `stateDiagram-v2`; an answer that can be late is marked with a star."""
    lines = ["stateDiagram-v2"]
    for row in protocol.transitions:
        source = "[*]" if row.state == protocol.initial else row.state
        star = " *" if row.timed else ""
        lines.append(f"    {source} --> {row.to}: {row.speaker} {row.performative}{star}")
    lines += [f"    {state} --> [*]" for state in protocol.states if protocol.is_final(state)]
    return "\n".join(lines) + "\n"


def markdown(protocol: InteractionProtocol) -> str:
    """The table as a Markdown table, one line a row, with its deadlines in words."""
    lines = ["| state | says | performative | next state | deadline |", "|---|---|---|---|---|"]
    for row in protocol.transitions:
        to = f"**{row.to}**" if protocol.is_final(row.to) else row.to
        lines.append(f"| {row.state} | {row.speaker} | {row.performative} | {to} | {_deadline(row)} |")
    return "\n".join(lines) + "\n"


def generated(protocol: InteractionProtocol) -> str:
    """What the document holds about one protocol between its markers: source, cardinality, diagram and table."""
    responders = "one initiator, several responders" if protocol.one_to_many else "one initiator, one responder"
    diagram = f"```mermaid\n{mermaid(protocol)}```\n"
    return f"{protocol.title}: {responders}. Source: {protocol.source}.\n\n{diagram}\n{markdown(protocol)}"


def render(document: str) -> str:
    """The document with every generated part brought up to date, its other text untouched.

    Raises `ValueError` when a protocol has no pair of markers, or more than one.
    """
    for protocol in PROTOCOLS.values():
        begin, end = f"<!-- generated: {protocol.name} -->\n", f"<!-- end: {protocol.name} -->\n"
        before, opened, rest = document.partition(begin)
        _, closed, after = rest.partition(end)
        if not opened or not closed or begin in after:
            raise ValueError(f"the document has to hold one pair of markers {begin.strip()} … {end.strip()}")
        document = f"{before}{begin}\n{generated(protocol)}\n{end}{after}"
    return document


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the document, or say whether it is up to date; the exit code is 1 when it is not."""
    parser = argparse.ArgumentParser(prog="python -m protocols.diagrams", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"bring {DOCUMENT.name} up to date")
    before = DOCUMENT.read_text(encoding="utf-8")
    after = render(before)
    if parser.parse_args(arguments).write:
        DOCUMENT.write_text(after, encoding="utf-8")
    elif before != after:
        print(f"{DOCUMENT.name} is out of date: run {COMMAND}", file=sys.stderr)
        return 1
    return 0


def _deadline(row: Transition) -> str:
    if row.timed:
        answered = f", answered with {row.late_answer}" if row.late_answer else ""
        return f"late after `reply_by`{answered}"
    if row.reply_by == ReplyBy.IGNORED:
        return ""
    carries = "carries `reply_by`" if row.reply_by == ReplyBy.REQUIRED else "may carry `reply_by`"
    return f"{carries}; silence past it ends the conversation" if row.silence_ends else carries


if __name__ == "__main__":
    sys.exit(main())
