"""An explanation for the terminal: how a document stands and why, what would help, and its peg tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from knowledge.explanation.values import (
    DocumentKind,
    Explanation,
    LineAnswer,
    Part,
    PartState,
    SupplyAnswer,
    Twig,
    Use,
)
from knowledge.pegging import OWED
from knowledge.plant import Plant
from knowledge.quantities import Units
from knowledge.supply import SAFETY_STOCK, PurchaseRow, Supply
from knowledge.wording import show_of, show_span, showable
from simulations.report.reading import readable
from simulations.report.why_words import Words

_STYLES = {
    PartState.ON_TIME: "green",
    PartState.SHIPPED: "green",
    PartState.LATE: "yellow",
    PartState.AT_RISK: "yellow",
    PartState.INFEASIBLE: "red",
    PartState.CANCELLED: "dim",
}
_BINDING = ("  ◀ binds", "bold yellow")
_IDLE = {SAFETY_STOCK: "safety stock", OWED: "what left the shelf before it was booked in"}
_GUIDES = "dim"


def print_explanation(console: Console, found: Explanation, plant: Plant) -> None:
    """Print an explanation. On a terminal lines are wrapped; into a pipe each stays whole."""
    _Printer(console, Words(plant), found).print()


class _Printer:
    def __init__(self, console: Console, words: Words, found: Explanation) -> None:
        self.console, self.words, self.found = console, words, found
        self.plant = words.plant

    def print(self) -> None:
        """Print all of it."""
        self._say(Text(f"As of {self.words.at(self.found.now)} ({self.plant.zone})", "dim"))
        if self.found.kind in (DocumentKind.ORDER, DocumentKind.SHIPPING_ORDER):
            told = self.found.kind.value.replace("_", " ") + (f", {self.found.status}" if self.found.status else "")
            self._say(Text.assemble((readable(self.found.document), "bold"), f"  {told}"))
        for answer in self.found.supplies:
            self._supply(answer)
        for line in self.found.lines:
            self._line(line)
        if not self._with_trees:
            self._say(Text("\nAsk for a line by its name to see all that it waits for.", "dim"))

    @property
    def _with_trees(self) -> bool:
        """Whether there is room for trees: not in an order of many lines."""
        return self.found.kind is not DocumentKind.ORDER or len(self.found.lines) < 2

    # -- order lines

    def _line(self, line: LineAnswer) -> None:
        self.console.print()
        customer = f" for {showable(line.customer)}" if line.customer else ""
        item = showable(line.item) or "custom part"
        self._say(Text.assemble((readable(line.document), "bold cyan"), f"  {item}{customer}"))
        for part in line.parts:
            self._part(part)

    def _part(self, part: Part) -> None:
        self._say(self._standing(part), 2)
        if part.reason and part.twigs and part.reason not in {cause.text for cause in part.causes}:
            self._say(Text(f"said: {showable(part.reason)}", "dim"), 4)
        for number, cause in enumerate(part.causes, 1):
            lead = f"{number}. "
            by_now = "by now also " if cause.by_now else ""
            self._say(Text(lead + by_now + self.words.cause(cause)), 4, len(lead))
            for told in (self.words.consequence(cause, part.requested), self.words.elsewhere(cause)):
                if told:
                    self._say(Text(told, "dim"), 4 + len(lead))
            self._helps(self.words.cures(cause.cures), 4 + len(lead))
        self._helps(self.words.cures(part.cures), 4)
        if part.slack is not None and part.state not in (PartState.SHIPPED, PartState.CANCELLED):
            self._say(Text(self.words.slack(part.slack)), 4)
        if part.rest is not None:
            told = f"explained but for {show_span(part.rest)}, which are of how the plan as a whole is laid"
            self._say(Text(told, "dim"), 4)
        if part.twigs and self._with_trees:
            self._tree("waits for", self._twigs(part.twigs), 4)

    def _helps(self, told: Iterable[str], indent: int) -> None:
        for cure in told:
            self._say(Text.assemble(("→ ", "green"), cure), indent, 2)

    def _standing(self, part: Part) -> Text:
        quantity = show_of(part.quantity, part.item, self.plant)
        text = Text.assemble(
            (quantity, "bold"), "  ", (self.words.state(part.state), _STYLES.get(part.state, "magenta"))
        )
        reaches = part.promised if part.promised is not None else part.planned
        if part.state is PartState.LATE and part.requested is not None and reaches is not None:
            text.append(f" by {show_span(reaches - part.requested)}")
        if part.state is PartState.CANCELLED:
            return text
        wanted = "as soon as possible" if part.requested is None else self.words.by(part.requested)
        if part.requested is not None or reaches is not None:
            text.append(f": wanted {wanted}")
        if part.promised is not None:
            text.append(f", promised {self.words.by(part.promised)}")
        if part.planned is not None and part.planned != part.promised:
            text.append(f", planned for {self.words.by(part.planned)}")
        return text

    # -- supply

    def _supply(self, answer: SupplyAnswer) -> None:
        supply = answer.supply
        self.console.print()
        self._say(self._of_supply(supply, None, overdue=answer.overdue))
        if answer.award is not None:
            self._say(Text(f"bought as {showable(answer.award.said())}"), 2)
        if answer.record is not None and answer.record.came:
            self._say(Text(f"its supplier has been on time: {answer.record.said()}", "dim"), 2)
        if answer.learned:
            self._say(Text(f"learned: {showable(answer.learned)}", "dim"), 2)
        if answer.uses:
            self._tree("is for", self._uses(answer.uses), 2)
        elif supply.status in ("planned", "firm", "released"):
            self._say(Text("nothing is pegged to it", "dim"), 2)
        if answer.twigs:
            self._tree("waits for", self._twigs(answer.twigs), 2)

    # -- trees

    def _tree(self, title: str, branches: Sequence[tuple[Text, Sequence[object]]], indent: int) -> None:
        root = Tree(Text(title, "dim"), guide_style=_GUIDES)
        _grow(root, branches)
        width = max(20, self.console.width - indent)
        plain = not self.console.is_terminal
        options = self.console.options.update(width=10_000 if plain else width, no_wrap=plain)
        for segments in self.console.render_lines(root, options, pad=False):
            line = Text.assemble(*((segment.text, segment.style or "") for segment in segments))
            line.rstrip()
            self._raw(Text(" " * indent) + line)

    def _twigs(self, twigs: Sequence[Twig]) -> list[tuple[Text, Sequence[object]]]:
        stock = [twig for twig in twigs if twig.supply is None and not twig.missing]
        found: list[tuple[Text, Sequence[object]]] = []
        if stock:
            listed = ", ".join(self.words.of(twig.units, twig.item) for twig in stock)
            found.append((Text.assemble(("stock", "bold"), f"  {listed}"), ()))
        found.extend((self._twig(twig), self._twigs(twig.twigs)) for twig in twigs if twig not in stock)
        return found

    def _twig(self, twig: Twig) -> Text:
        if twig.supply is None:
            return Text.assemble(("nothing", "bold red"), f"  {self.words.of(twig.units, twig.item)} missing")
        text = self._of_supply(twig.supply, twig.units, overdue=twig.overdue)
        if twig.repeated:
            text.append(", see above", "dim")
        if twig.cut:
            text.append(", and what that waits for", "dim")
        if twig.binding:
            text.append(*_BINDING)
        return text

    def _of_supply(self, supply: Supply, share: Units | None, *, overdue: bool) -> Text:
        """A supply with its times; `share` is what of it is meant."""
        words = self.words
        units = supply.quantity if share is None else share
        whole = "" if units == supply.quantity else f" (of {words.amount(supply.quantity, supply.item)})"
        if isinstance(supply, PurchaseRow):
            times = (
                f"from {showable(supply.supplier)}, order by {words.at(supply.order_by)}, due {words.at(supply.due)}"
            )
        else:
            times = f"made {words.at(supply.start)} to {words.by(supply.finish)}"
        text = Text.assemble((showable(supply.number), "bold"))
        text.append(f"  {words.amount(units, supply.item)}{whole} of {showable(supply.item)}, {times}, {supply.status}")
        if overdue:
            text.append(", overdue", "bold red")
        return text

    def _uses(self, uses: Sequence[Use]) -> list[tuple[Text, Sequence[object]]]:
        return [(self._use(use), self._uses(use.uses)) for use in uses]

    def _use(self, use: Use) -> Text:
        words = self.words
        amount = words.amount(use.units, use.item)
        if use.supply is not None:
            text = Text.assemble((showable(use.supply.number), "bold"))
            made = words.of(use.supply.quantity, use.supply.item)
            text.append(f"  {amount} for {made}, begins {words.at(use.time)}, {use.supply.status}")
        else:
            text = Text.assemble((_IDLE.get(use.document) or readable(use.document), "bold"), f"  {amount}")
        if use.state is not None:
            text = Text.assemble((readable(use.document), "bold"), f"  {amount}, to go {words.by(use.time)}, ")
            text.append(words.state(use.state), _STYLES.get(use.state, "magenta"))
        if use.repeated:
            text.append(", see above", "dim")
        if use.cut:
            text.append(", and what that is for", "dim")
        if use.binding:
            text.append("  ◀ waits for it", "bold yellow")
        return text

    # -- lines of text

    def _say(self, text: Text, indent: int = 0, hanging: int = 0) -> None:
        """Print a text set in; wrapped lines are set in by `hanging` more."""
        if not self.console.is_terminal:
            self._raw(Text(" " * indent) + text)
            return
        first = True
        for line in text.wrap(self.console, max(self.console.width - indent - hanging, 20)):
            line.rstrip()
            self.console.print(Text(" " * (indent if first else indent + hanging)) + line)
            first = False

    def _raw(self, text: Text) -> None:
        self.console.print(text, soft_wrap=True)


def _grow(tree: Tree, branches: Sequence[tuple[Text, Sequence[object]]]) -> None:
    for text, below in branches:
        _grow(tree.add(text), below)  # type: ignore[arg-type]
