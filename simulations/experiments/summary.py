"""What an experiment found, for the terminal: the main measures of each policy, and how it differs from another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from knowledge.wording import count
from simulations.experiments.analysis import Compared, Estimated, comparisons, estimates
from simulations.experiments.definitions import defined
from simulations.experiments.design import called
from simulations.experiments.report.numbers import shown
from simulations.experiments.report.page import Told
from simulations.experiments.report.tables import in_currency
from simulations.experiments.report.words import design_words
from simulations.experiments.running import Results
from simulations.experiments.tables import TABLES

MOST_TABLES = 8
_WIDE = 1_000
"""As wide as a table may be where no terminal limits it."""
_MARKS = {"better": ("▲", "green"), "worse": ("▼", "red"), "more": ("△", ""), "less": ("▽", "")}


def print_results(out: Console, results: Results, told: Mapping[str, Told]) -> None:
    """Print a table for each case of each scenario; what a mark means stands below."""
    experiment = results.experiment
    found, gaps = list(estimates(results)), list(comparisons(results))
    out.print(design_words(experiment), markup=False, soft_wrap=True)
    places = [(scenario, case) for scenario in experiment.scenarios for case in experiment.all_cases]
    for scenario, case in places[:MOST_TABLES]:
        title = ", ".join(filter(None, (called(scenario), case.name)))
        here = [each for each in found if (each.scenario, each.case) == (scenario, case)]
        compared = [each for each in gaps if (each.scenario, each.case) == (scenario, case)]
        currency = told[scenario].currency if scenario in told else ""
        out.print(_table(title, here, compared, results, currency), width=None if out.is_terminal else _WIDE)
    if len(places) > MOST_TABLES:
        out.print(f"{count(len(places) - MOST_TABLES, 'more case')} in summary.csv")
    if len(experiment.policies) > 1 and len(experiment.all_seeds) > 1:
        out.print(
            f"▲ better, ▼ worse than {experiment.compared_with} by more than chance explains (△ ▽: more, less)",
            style="dim",
            markup=False,
        )
    elif len(experiment.all_seeds) == 1:
        out.print("one replication: no interval, and no difference can be told from chance", style="dim")


def results_json(results: Results) -> dict[str, Any]:
    """What there is to know for a machine: how many trials are done, what failed, and both tables of statistics."""
    tables = {name: TABLES[name](results) for name in ("summary", "comparison")}
    rows = {name: [dict(zip(table.columns, row, strict=True)) for row in table.rows] for name, table in tables.items()}
    return {"trials": len(results.runs), "failures": [str(failure) for failure in results.failures], **rows}


def _table(title: str, found: list[Estimated], gaps: list[Compared], results: Results, currency: str) -> Table:
    policies = results.experiment.policies
    table = Table(title=title, title_justify="left", box=None)
    table.add_column("")
    for policy in policies:
        table.add_column(policy, justify="right", no_wrap=True)
    marks = {(each.measure, each.comparison.policy): _mark(each) for each in gaps}
    for name in dict.fromkeys(each.measure for each in found):
        definition = in_currency(defined(name), currency)
        if not definition.main:
            continue
        cells = {each.policy: shown(each.estimate, definition) for each in found if each.measure == name}
        row = [Text.assemble(cells[policy], " ", marks.get((name, policy), (" ", ""))) for policy in policies]
        table.add_row(Text(definition.called), *row)
    return table


def _mark(each: Compared) -> tuple[str, str]:
    found = each.comparison
    if not found.differs() or not found.difference.mean:
        return " ", ""
    more = found.difference.mean > 0
    good = {"more": more, "less": not more}.get(defined(each.measure).better)
    return _MARKS[("more" if more else "less") if good is None else "better" if good else "worse"]
