"""What documents would change, for the terminal: promises first, then what is made and bought, then what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

from rich.console import Console
from rich.text import Text

from knowledge.instants import HOUR, Instant
from knowledge.plant import Plant
from knowledge.wording import count, show_money, show_of, show_time, showable
from simulations.report.listing import MOST, entry, head, rest
from simulations.report.what_if_words import Words, hours, retimed, tally
from simulations.what_if.values import Changes, Costs, Difference, Effect, Pair, WeekLoad

MOST_WEEKS = 3

R = TypeVar("R")

_STYLES = {
    Effect.WORSE: "red",
    Effect.MIXED: "red",
    Effect.BETTER: "green",
    Effect.NEW: "cyan",
    Effect.CANCELLED: "dim",
}
_COSTS: tuple[tuple[str, Callable[[Costs], Decimal]], ...] = (
    ("purchases", lambda costs: costs.purchases),
    ("order costs", lambda costs: costs.ordering),
    ("work", lambda costs: costs.work),
    ("shipments", lambda costs: costs.shipments),
    ("lateness", lambda costs: costs.lateness),
    ("all together", lambda costs: costs.total),
)


def _largest(weeks: Sequence[WeekLoad]) -> list[WeekLoad]:
    """The weeks that change most, in order of time."""
    by_change = sorted(weeks, key=lambda week: -abs(week.busy.after - week.busy.before))
    return sorted(by_change[:MOST_WEEKS], key=lambda week: week.start)


def print_difference(console: Console, found: Difference, plant: Plant) -> None:
    """Print what would change. Of a long list the first are shown, with how many more there are."""
    _Printer(console, found, plant).print()


def print_improvement(console: Console, found: Difference, plant: Plant) -> None:
    """Print what improving has changed: promises, and what it costs."""
    printer = _Printer(console, found, plant)
    console.print(Text(f"As of {show_time(found.now, plant.zone)} ({plant.zone})", "dim"))
    if not found:
        head(console, "Nothing to improve was found", f"{count(found.unchanged, 'line')} as before")
        return
    printer.promises()
    printer.costs()


class _Printer:
    def __init__(self, console: Console, found: Difference, plant: Plant) -> None:
        self.console, self.found, self.plant = console, found, plant
        self.words = Words(plant)

    def print(self) -> None:
        """Print all of it."""
        found, words = self.found, self.words
        self.console.print(Text(f"As of {show_time(found.now, self.plant.zone)} ({self.plant.zone})", "dim"))
        self._quarantined()
        if not found:
            head(self.console, "Nothing would change", f"{count(found.unchanged, 'line')} as before")
            return
        self.promises()
        self._stock()
        self._changes(
            "Work orders", found.work_orders, words.work_order, words.work_order_change, lambda row: row.finish
        )
        self._changes("Operations of open work orders", found.operations, words.operation, words.operation_change, None)
        self._changes("Purchases", found.purchases, words.purchase, words.purchase_change, lambda row: row.due)
        self._changes("Shipping orders", found.shipments, words.shipment, words.shipment_change, None)
        self._actions()
        self._approvals()
        self.costs()
        self._loads()

    # -- promises

    def promises(self) -> None:
        tallied = {effect: sum(change.effect is effect for change in self.found.promises) for effect in Effect}
        told = [f"{number:,} {effect.value}" for effect, number in tallied.items() if number]
        told.append(f"{self.found.unchanged:,} as before")
        head(self.console, "Promises", ", ".join(told))
        for change in self.found.promises[:MOST]:
            what = Text.assemble((change.line, "bold"), f"  {self.words.goods(change)}  ")
            what.append(self.words.fate(change), _STYLES.get(change.effect, "yellow"))
            now = self.words.standing(change.after)
            when = now if change.effect is Effect.NEW else f"{self.words.standing(change.before)} → {now}"
            entry(self.console, what, Text(when), *map(Text, self.words.reasons(change.after)))
        rest(self.console, len(self.found.promises), "--json")

    # -- rows of tables

    def _changes(
        self,
        title: str,
        changes: Changes[R],
        say: Callable[[R], str],
        tell: Callable[[Pair[R]], str],
        time: Callable[[R], Instant] | None,
    ) -> None:
        listed = [
            *(("new", say(row)) for row in changes.new),
            *(("changed", tell(pair)) for pair in changes.changed),
            *(("moved", tell(pair)) for pair in changes.moved),
            *(("dropped", say(row)) for row in changes.dropped),
        ]
        if listed or (time and changes.retimed):
            head(self.console, title, tally(changes))
        for kind, told in listed[:MOST]:
            entry(self.console, Text.assemble((f"{kind} ", "dim"), told))
        rest(self.console, len(listed), "--json")
        if time and changes.retimed:
            most = max(abs(time(pair.after) - time(pair.before)) for pair in changes.retimed)
            entry(self.console, Text(retimed(len(changes.retimed), most), "dim"))

    def _actions(self) -> None:
        changes = self.found.actions
        rows = [
            *(("new", row) for row in changes.new),
            *(("now", pair.after) for pair in changes.changed),
            *(("no longer", row) for row in changes.dropped),
        ]
        if not rows:
            return
        head(self.console, "Action messages", tally(changes))
        for kind, row in rows[:MOST]:
            reasons = () if kind == "no longer" else (Text(row.reason),)
            entry(self.console, Text.assemble((f"{kind} ", "dim"), self.words.action(row)), *reasons)
        rest(self.console, len(rows), "--json")

    def _approvals(self) -> None:
        for title, rows in (
            ("Approvals that would be asked for", self.found.approvals.asked),
            ("Approvals that would be settled", self.found.approvals.settled),
        ):
            if rows:
                head(self.console, title, f"{len(rows):,}")
                for row in rows[:MOST]:
                    entry(self.console, Text(self.words.approval(row)), Text(row.reason))
                rest(self.console, len(rows), "--json")

    def _quarantined(self) -> None:
        rows = self.found.quarantine
        if rows:
            head(self.console, "Would be quarantined", count(len(rows), "document"), "red")
            for row in rows[:MOST]:
                entry(self.console, Text(row.document, "bold"), Text(row.reason))
            rest(self.console, len(rows), "--json")

    def _stock(self) -> None:
        if self.found.stock:
            head(self.console, "On the shelf", count(len(self.found.stock), "item"))
            for change in self.found.stock[:MOST]:
                was, now = (show_of(units, change.item, self.plant) for units in (change.before, change.after))
                entry(self.console, Text(f"{showable(change.item)}  {was} → {now}"))
            rest(self.console, len(self.found.stock), "--json")

    # -- figures

    def costs(self) -> None:
        costs = self.found.costs
        if costs.before == costs.after:
            return
        head(self.console, "Costs", "of the whole plan")
        for name, of in _COSTS:
            was, now = of(costs.before), of(costs.after)
            if was != now:
                told = f"{show_money(was, '')} → {show_money(now, self.plant.currency)}"
                entry(self.console, Text(f"{name}  {told} ({now - was:+,.2f})"))
        if costs.before.late_hours != costs.after.late_hours:
            told = " → ".join(hours(each.late_hours * HOUR) for each in (costs.before, costs.after))
            entry(self.console, Text(f"weighted hours late  {told}"))
        if costs.after.unpriced:
            entry(self.console, Text(f"without {count(costs.after.unpriced, 'price')} that nobody knows", "dim"))

    def _loads(self) -> None:
        if not self.found.loads:
            return
        head(self.console, "Work centres", "machine hours")
        for code, weeks in list(self.found.loads.items())[:MOST]:
            for week in _largest(weeks):
                entry(self.console, Text(self.words.week(showable(code), week)))
            if len(weeks) > MOST_WEEKS:
                entry(self.console, Text(f"{showable(code)}  and {count(len(weeks) - MOST_WEEKS, 'more week')}", "dim"))
        rest(self.console, len(self.found.loads), "--json")
