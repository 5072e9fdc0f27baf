"""A sequence diagram in SVG: lifelines of agents, numbered arrows with performative and message type."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.wording import shorten, show_time
from simulations.report.markup import Attributes, element, text, title
from simulations.report.messages import MessageView, busiest

WIDTH = 1160
GUTTER = 132
ROW = 34
HEADER = 54
MOST_AGENTS = 11
MOST_ARROWS = 60

_CHARACTER = 6.4  # width of a label's average character at 12 px
_NEGATIVE = frozenset({"refuse", "reject-proposal", "failure", "cancel", "not-understood"})


@dataclass(frozen=True, slots=True)
class Diagram:
    """The drawing, and how many messages it leaves out because they or their agents are too many."""

    svg: str
    drawn: int
    left_out: int


def sequence_diagram(messages: Sequence[MessageView], zone: dt.tzinfo, label: str) -> Diagram:
    """Draw messages in the order given. Refusals and failures are dashed; a message to oneself is a loop."""
    agents = busiest(messages, MOST_AGENTS)
    shown = [(number, m) for number, m in enumerate(messages, 1) if m.sender in agents and m.receiver in agents]
    shown = shown[:MOST_ARROWS]
    places = _places(agents)
    height = HEADER + ROW * len(shown) + 24 + (HEADER if len(shown) > 14 else 0)
    bottom = HEADER + ROW * len(shown) + 18
    parts = [_lifeline(agent, places[agent], bottom) for agent in agents]
    parts += [_head(agent, places[agent], 4, _spacing(len(agents))) for agent in agents]
    if len(shown) > 14:
        parts += [_head(agent, places[agent], bottom, _spacing(len(agents))) for agent in agents]
    parts += _times([message for _, message in shown], zone)
    for row, (number, message) in enumerate(shown):
        parts.append(_arrow(number, message, places, HEADER + ROW * (row + 1) - 4))
    frame: Attributes = {
        "viewBox": f"0 0 {WIDTH} {height}",
        "width": WIDTH,
        "height": height,
        "class": "sequence",
        "role": "img",
    }
    svg = element("svg", {"xmlns": "http://www.w3.org/2000/svg", **frame, "aria-label": label}, [_arrowheads(), *parts])
    return Diagram(svg, len(shown), len(messages) - len(shown))


def _spacing(agents: int) -> float:
    return min(170.0, (WIDTH - GUTTER - 130) / max(agents - 1, 1))


def _places(agents: Sequence[str]) -> dict[str, float]:
    step = _spacing(len(agents))
    return {agent: GUTTER + 62 + step * number for number, agent in enumerate(agents)}


def _arrowheads() -> str:
    head = element("path", {"d": "M0,0 L8,4 L0,8 z", "class": "head"})
    box: Attributes = {
        "viewBox": "0 0 8 8",
        "refX": 8,
        "refY": 4,
        "markerWidth": 6,
        "markerHeight": 6,
        "orient": "auto",
    }
    return element("defs", {}, [element("marker", {"id": "sequence-head", **box}, [head])])


def _lifeline(agent: str, x: float, bottom: float) -> str:
    return element("line", {"x1": x, "x2": x, "y1": HEADER - 8, "y2": bottom, "class": "life"}, [title(agent)])


def _head(agent: str, x: float, y: float, spacing: float) -> str:
    width = min(spacing - 8, 150.0)
    box = element("rect", {"x": x - width / 2, "y": y, "width": width, "height": 36, "rx": 5, "class": "agent"})
    names = _split(agent, int((width - 8) / 6.9))
    first = y + (22.5 if len(names) == 1 else 15.5)
    words = [
        text(name, {"x": x, "y": first + 14 * number, "text-anchor": "middle", "class": "agent-name"})
        for number, name in enumerate(names)
    ]
    return element("g", {}, [title(agent), box, *words])


def _split(agent: str, room: int) -> list[str]:
    """A name in one line, or two where it is long: broken at a separator, cut to the room."""
    if len(agent) <= room:
        return [agent]
    places = [number + 1 for number, letter in enumerate(agent[:room]) if letter in ".:/-_ " and number]
    cut = places[-1] if places else room
    return [agent[:cut].rstrip(), shorten(agent[cut:].lstrip(), room)]


def _times(messages: Sequence[MessageView], zone: dt.tzinfo) -> list[str]:
    """The time in the left margin, wherever it changes."""
    stamps = [show_time(message.sent, zone) for message in messages]
    changes = [row for row, (before, here) in enumerate(pairwise(["", *stamps])) if before != here]
    return [text(stamps[row], {"x": 0, "y": HEADER + ROW * (row + 1), "class": "stamp"}) for row in changes]


def _arrow(number: int, message: MessageView, places: dict[str, float], y: float) -> str:
    begin, end = places[message.sender], places[message.receiver]
    negative = message.performative in _NEGATIVE
    line = {"class": "arrow no" if negative else "arrow", "marker-end": "url(#sequence-head)"}
    if begin == end:
        path = element("path", {"d": f"M{begin:.1f},{y - 12:.1f} h22 v12 h-20", **line})
    else:
        path = element("line", {"x1": begin, "x2": end - 2 if end > begin else end + 2, "y1": y, "y2": y, **line})
    spoken = f"{number}. {message.sender} to {message.receiver}: {message.performative} {message.kind}"
    told = f"{spoken} ({message.protocol}). {message.note}".strip()
    return element("g", {}, [title(told), path, _label(number, message, begin, end, y)])


def _label(number: int, message: MessageView, begin: float, end: float, y: float) -> str:
    words = f"{number} {message.performative} · {message.kind}"
    half = len(words) * _CHARACTER / 2
    if begin == end:
        room_right = begin + 28 + 2 * half <= WIDTH
        where: Attributes = {"x": begin + 28 if room_right else begin - 6, "y": y - 2}
        return text(words, {**where, "text-anchor": "start" if room_right else "end", "class": "said"})
    middle = min(max((begin + end) / 2, GUTTER + half), WIDTH - half - 4)
    return text(words, {"x": middle, "y": y - 7, "text-anchor": "middle", "class": "said"})
