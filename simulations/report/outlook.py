"""The outlook of an item for the terminal: key figures, a step plot, and every dated event with its pegs."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from knowledge.outlook import ItemEvent, Outlook
from knowledge.quantities import Units
from knowledge.wording import count, show_time, showable
from simulations.report.outlook_grid import GLUE, Line, print_grid
from simulations.report.outlook_plot import legend, step_plot
from simulations.report.outlook_words import (
    pegs_of,
    show_of,
    show_pegs,
    show_quantity,
    status_of,
    what_is,
)
from simulations.report.reading import readable

_MOST_RISES = 3
_ATTENTION, _BAD = "yellow", "bold red"
_HEAD = Line(
    tuple(Text(word, "dim") for word in ("Time", "Quantity", "Balance", "Promisable")),
    tuple(Text(word, "dim") for word in ("Document", "What and status", "Pegs")),
)


def print_outlook(console: Console, outlook: Outlook) -> None:
    """Print what `availability` says of an item, for a terminal of any width."""
    item = outlook.item
    _print(console, Text.assemble((showable(item.code), "bold cyan"), f"  {showable(item.description)}".rstrip()))
    _print(console, Text(f"As of {show_time(outlook.now, outlook.zone)} ({outlook.zone})", "dim"))
    console.print()
    figures = dict(_figures(outlook))
    width = max(map(len, figures))
    for name, value in figures.items():
        _print(console, value, f"  {name:<{width}}  ")
    console.print()
    if not outlook.events:
        _print(console, Text("Nothing is to come in, and nothing is to go out.", "dim"))
        return
    _print(console, legend(outlook))
    for line in step_plot(outlook, console.width):
        console.print(line, soft_wrap=True)
    console.print()
    print_grid(console, _HEAD, [_on_hand(outlook), *_lines(outlook)])


def _print(console: Console, words: Text, before: str = "") -> None:
    """Print words, wrapped where they are too long; no line ends in spaces."""
    for line in words.wrap(console, max(console.width - len(before), 20)):
        line.rstrip()
        console.print(Text(before) + line, soft_wrap=True)
        before = " " * len(before)


# -- the key figures


def _figures(outlook: Outlook) -> Iterator[tuple[str, Text]]:
    item, zone, lowest = outlook.item, outlook.zone, outlook.lowest
    yield "on hand", Text(show_of(outlook.on_hand, item))
    yield "safety stock", Text(show_of(item.safety_stock, item) if item.safety_stock else "none")
    yield "promisable", Text(_promisable(outlook))
    yield "lowest balance", Text(f"{show_of(lowest.units, item)} at {show_time(lowest.time, zone)}")
    short, low = outlook.first_shortage, outlook.first_below_safety_stock
    if short is not None:
        yield "shortage", Text(f"{show_of(short.units, item)} from {show_time(short.time, zone)}", _BAD)
    elif low is not None:
        told = f"none, but {show_of(low.units, item)} below safety stock from {show_time(low.time, zone)}"
        yield "shortage", Text(told, _ATTENTION)
    else:
        yield "shortage", Text("none")
    overdue = sum(event.overdue for event in outlook.events)
    if overdue:
        yield "overdue", Text(f"{count(overdue, 'event')}, counted as of now", _ATTENTION)


def _promisable(outlook: Outlook) -> str:
    """What may be promised from now on, and from when on more."""
    rises: dict[Units, str] = {}
    for step in outlook.steps:
        since = f"from {show_time(step.time, outlook.zone)}" if rises else "from now on"
        rises.setdefault(step.promisable, f"{show_of(step.promisable, outlook.item)} {since}")
    told = list(rises.values())
    return ", ".join(told if len(told) <= _MOST_RISES else [*told[: _MOST_RISES - 1], "…", told[-1]])


# -- the events


def _on_hand(outlook: Outlook) -> Line:
    balance = Text(show_quantity(outlook.on_hand, outlook.item), _tone(outlook.on_hand, outlook))
    pegs = Text(show_pegs("for", outlook.stock_pegs, outlook.item, GLUE))
    return Line((Text("on hand"), Text(), balance, Text()), (Text("stock", "bold"), Text(), pegs))


def _lines(outlook: Outlook) -> Iterator[Line]:
    """A line for each event; the balances stand with the last one of an instant."""
    times = [max(event.time, outlook.now) for event in outlook.events]
    for event, time, following in zip(outlook.events, times, [*times[1:], None], strict=True):
        yield _line(event, outlook, last=time != following)


def _line(event: ItemEvent, outlook: Outlook, *, last: bool) -> Line:
    item = outlook.item
    late = _ATTENTION if event.overdue else ""
    pegs = Text(pegs_of(event, item, GLUE), _BAD if event.short else "")
    balances = [
        Text(show_quantity(units, item), _tone(units, outlook)) if last else Text()
        for units in (event.projected, event.promisable)
    ]
    return Line(
        (
            Text(show_time(event.time, outlook.zone), late),
            Text(f"{'+' if event.units > 0 else ''}{show_quantity(event.units, item)}"),
            *balances,
        ),
        (Text(readable(event.document), "bold"), Text(what_is(event)).append(f", {status_of(event)}", late), pegs),
    )


def _tone(balance: Units, outlook: Outlook) -> str:
    return _BAD if balance < 0 else _ATTENTION if balance < outlook.item.safety_stock else ""
