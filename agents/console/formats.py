"""How values are written on pages: filters of the templates. What they give is safe to show."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from knowledge.instants import Instant, from_datetime, iso
from knowledge.quantities import round_money
from knowledge.supply import readable
from knowledge.wording import count, show_end, show_span, show_time, showable

MIDNIGHT = " 24:00"
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d|Z)")
_TONES: Mapping[str, str] = {
    "promised": "good",
    "on_time": "good",
    "approved": "good",
    "shipped": "good",
    "done": "good",
    "accepted": "good",
    "at_risk": "bad",
    "infeasible": "bad",
    "rejected": "bad",
    "dead": "bad",
    "late": "late",
    "question": "late",
    "overdue": "late",
    "quarantined": "late",
    "awaiting_approval": "wait",
    "awaiting_engineering": "wait",
    "pending": "wait",
}


def instant(value: Instant | str) -> Instant:
    """An instant as it is, or of the ISO 8601 text that the API writes."""
    return from_datetime(dt.datetime.fromisoformat(value)) if isinstance(value, str) else value


def _time(context: Context, value: Instant | str | None, words: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(iso(instant(value or 0), context["zone"]), words)


@pass_context
def at(context: Context, value: Instant | str | None) -> Markup:
    """A time: `2026-02-02 14:30`."""
    return Markup() if value is None else _time(context, value, show_time(instant(value), context["zone"]))


@pass_context
def by(context: Context, value: Instant | str | None) -> Markup:
    """A time that something is there by; the end of a day is that day."""
    if value is None:
        return Markup()
    return _time(context, value, show_end(instant(value), context["zone"]).removesuffix(MIDNIGHT))


@pass_context
def ago(context: Context, value: Instant | str | None) -> str:
    """How far a time is from the society's: `2 d 4 h ago`, `in 3 h`."""
    if value is None:
        return ""
    seconds = instant(value) - context["now"]
    if abs(seconds) < 60:
        return "now"
    return f"in {show_span(seconds)}" if seconds > 0 else f"{show_span(-seconds)} ago"


@pass_context
def is_past(context: Context, value: Instant | str) -> bool:
    """Whether a time is over."""
    return bool(instant(value) <= context["now"])


@pass_context
def told(context: Context, value: str) -> str:
    """A text of the society, with the times in it written as elsewhere on the page."""
    zone = context["zone"]
    return _ISO.sub(lambda found: show_end(instant(found[0]), zone).removesuffix(MIDNIGHT), value)


def code(value: str) -> Markup:
    """An item's or another short name, in one line."""
    return Markup('<span class="{}">{}</span>').format("code" if len(value) <= 24 else "", showable(value))


def later(value: Instant | str | None, than: Instant | str | None) -> str:
    """How much later a time is than another; nothing where it is not."""
    if value is None or than is None:
        return ""
    seconds = instant(value) - instant(than)
    return show_span(seconds) if seconds > 0 else ""


def money(value: Decimal | str | None, currency: str = "") -> str:
    """An amount to the cent: `1,234.50 EUR`."""
    return "" if value is None else f"{round_money(Decimal(value)):,.2f} {currency}".rstrip()


def words(value: str) -> str:
    """A name of the program as people write it: `at_risk` is `at risk`."""
    return value.replace("_", " ")


def tone(value: str) -> str:
    """How a status is coloured, besides being written."""
    return _TONES.get(value, "calm")


def path(value: str) -> str:
    """A part of an address; slashes stay."""
    return quote(value, safe="/")


def shown(value: Any) -> Any:
    """What any text becomes before it is escaped: nothing that would change how what is around it is shown."""
    if value is None:
        return ""
    return showable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


class Told(dict[str, Any]):
    """A JSON object that leaves out what is not known; for a template that is None."""

    def __missing__(self, key: str) -> None:
        return None


def told_of(value: Any) -> Any:
    """A JSON value whose objects answer None for what they leave out."""
    if isinstance(value, dict):
        return Told({name: told_of(each) for name, each in value.items()})
    return [told_of(each) for each in value] if isinstance(value, list) else value


FILTERS = {
    "at": at,
    "by": by,
    "ago": ago,
    "is_past": is_past,
    "told": told,
    "code": code,
    "later": later,
    "span": show_span,
    "money": money,
    "decimal": Decimal,
    "words": words,
    "tone": tone,
    "path": path,
    "readable": readable,
    "counted": count,
}
