"""The tables of an experiment's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from simulations.experiments.analysis import Compared, Estimated
from simulations.experiments.definitions import Definition, defined
from simulations.experiments.report.numbers import shown
from simulations.experiments.report.series import Curve
from simulations.experiments.report.words import percent, verdict
from simulations.report.cells import Cell, Column, Link, Row, Table


def mean_table(found: Sequence[Estimated], policies: Sequence[str], currency: str) -> Table:
    """A measure a row, a policy a column: mean ± half width of its interval."""
    by_place = {(each.measure, each.policy): each.estimate for each in found}
    rows = []
    for name in dict.fromkeys(each.measure for each in found):
        definition = in_currency(defined(name), currency)
        cells = [_cell(shown(by_place[name, policy], definition), by_place[name, policy].note) for policy in policies]
        rows.append(Row((_cell(definition.called), *cells)))
    columns = (Column("measure", "item"), *(Column(policy, "number") for policy in policies))
    sure = percent(found[0].estimate.confidence) if found else ""
    return Table(f"Means over replications ± half width of their {sure} interval", columns, tuple(rows))


def difference_table(found: Sequence[Compared], policies: Sequence[str], baseline: str, currency: str) -> Table:
    """A measure a row, a policy a column: its difference to the baseline ± half width, and what that means."""
    by_place = {(each.measure, each.comparison.policy): each.comparison for each in found}
    others = [policy for policy in policies if policy != baseline]
    rows = []
    for name in dict.fromkeys(each.measure for each in found):
        definition = in_currency(defined(name), currency).difference
        compared = [by_place[name, policy] for policy in others]
        cells = [_cell(shown(each.difference, definition, signed=True), verdict(each, definition)) for each in compared]
        rows.append(Row((_cell(definition.called), *cells)))
    columns = (Column("measure", "item"), *(Column(policy, "number") for policy in others))
    sure = percent(found[0].comparison.difference.confidence) if found else ""
    told = f"Differences to {baseline} ± half width of their {sure} interval, by pairs of the same seed"
    return Table(told, columns, tuple(rows))


def settled_table(courses: Mapping[str, Sequence[Curve]], policies: Sequence[str], warm_up: int) -> Table:
    """After which day each series has settled, by MSER-5; marked where that is later than the warm-up."""
    rows = []
    for name, curves in courses.items():
        found = {curve.policy: curve.settled for curve in curves}
        days = [found.get(policy) for policy in policies]
        late = any(day is None or day > warm_up for day in days)
        cells = [_cell("not settled" if day is None else str(day)) for day in days]
        rows.append(Row((_cell(defined(name).title), *cells), tone="late" if late else "calm"))
    columns = (Column("series", "item"), *(Column(policy, "number") for policy in policies))
    caption = (
        f"Day after which a series has settled, by MSER-5; the warm-up is {warm_up} days. Marked where it is later."
    )
    return Table(caption, columns, tuple(rows))


def definition_table(names: Sequence[str]) -> Table:
    """What each measure means."""
    rows = [
        Row((_cell(each.title), _cell(each.name), _cell(each.unit), _cell(each.better), _cell(each.meaning)))
        for each in map(defined, names)
    ]
    columns = (
        Column("measure", "item"),
        Column("in the files"),
        Column("unit"),
        Column("better"),
        Column("meaning", "wide"),
    )
    return Table("Definitions of the measures", columns, tuple(rows))


def source_table(sources: Mapping[str, str]) -> Table:
    """What the results were made from."""
    rows = [Row((_cell(name), _cell(value))) for name, value in sources.items()]
    return Table("Made from", (Column("what", "item"), Column("fingerprint (SHA-256, first 16 digits)")), tuple(rows))


def in_currency(definition: Definition, currency: str) -> Definition:
    """A definition whose unit is the plant's currency by its name."""
    return replace(definition, unit=currency or definition.unit) if definition.unit == "currency" else definition


def _cell(text: str, note: str = "") -> Cell:
    return Cell((Link(text),), note)
