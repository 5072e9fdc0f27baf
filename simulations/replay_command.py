"""The command that replays the work orders of a log, and compares with what really happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from simulations.learning.replay import Figures, Outcome

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

out = Console()
err = Console(stderr=True)

_NOTE = "lead: days from the first work that really was begun, mean and median; later: than it really was, mean of all"


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the command of this module, behind its guard."""
    app.command("replay")(guarded(replay))


def replay(
    folder: Annotated[Path, typer.Argument(help="A folder that knowledge learn has written.")],
    policy: Annotated[
        list[str] | None, typer.Option(help="A policy to replay under; may be given several times.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Replay the work orders of a log under the planner, and compare with what really happened.

    Each work order comes when its first work was begun, is wanted at once, and takes the minutes that it took at the
    machines that did it, one step after the other. Without --policy: our planner, told the real times, and told the
    learned standard times.
    """
    from simulations.learning.replay import BY_STANDARDS, figures, replayed  # a world is only needed here

    wanted = [(name, False) for name in policy] if policy else [("planner", False), (BY_STANDARDS, True)]
    outcomes = []
    for name, by_standards in wanted:
        with err.status(f"{name} …"):
            outcomes.append(replayed(folder, name, by_standards=by_standards))
    found = figures(folder, outcomes)
    if as_json:
        out.print_json(json.dumps({"outcomes": [_plain(each) for each in found], "unfinished": _unfinished(outcomes)}))
        return
    table = Table(box=box.SIMPLE)
    for head in ("", "orders", "makespan", "lead", "median", "later", "by", "busy"):
        table.add_column(head, justify="left" if not head else "right", no_wrap=True)
    for each in found:
        table.add_row(each.name, str(each.orders), *map(_shown, _numbers(each)), f"{float(each.utilisation):.1f} %")
    out.print(table)
    for name, cases in _unfinished(outcomes).items():
        out.print(f"{name}: not finished: {', '.join(cases)}", markup=False)
    out.print(_NOTE, soft_wrap=True)


def _numbers(found: Figures) -> tuple[Fraction | int, ...]:
    return found.makespan, found.lead_mean, found.lead_median, found.later, found.later_mean


def _shown(value: Fraction | int) -> str:
    return str(value) if isinstance(value, int) else f"{float(value):.2f}"


def _plain(found: Figures) -> dict[str, str | int | float]:
    values = {name: getattr(found, name) for name in found.__slots__}
    return {name: round(float(v), 6) if isinstance(v, Fraction) else v for name, v in values.items()}


def _unfinished(outcomes: list[Outcome]) -> dict[str, list[str]]:
    return {each.name: list(each.unfinished) for each in outcomes if each.unfinished}
