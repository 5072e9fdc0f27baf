"""A small writer of SVG: elements are text, everything in them is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TypeAlias

Attributes: TypeAlias = Mapping[str, str | float]


def element(name: str, attributes: Attributes, children: Iterable[str] = ()) -> str:
    """One element with its attributes escaped; `children` are markup already."""
    written = "".join(f' {key}="{_value(value)}"' for key, value in attributes.items())
    inner = "".join(children)
    return f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>"


def text(words: str, attributes: Attributes) -> str:
    """A `text` element."""
    return element("text", attributes, [escape(words)])


def title(words: str) -> str:
    """A `title` element: what a pointer resting on the shape shows, and what is read aloud."""
    return f"<title>{escape(words)}</title>"


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return escape(value)
    return f"{value:.1f}".removesuffix(".0")
