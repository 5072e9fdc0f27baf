"""The report of an experiment: one page of HTML that needs nothing else, and every picture as a file for a paper."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from knowledge.wording import count, showable
from simulations.experiments.analysis import Compared, Estimated, comparisons, estimates, measures
from simulations.experiments.definitions import defined
from simulations.experiments.design import Case, called
from simulations.experiments.folder import write_whole
from simulations.experiments.report import series
from simulations.experiments.report.charts import case_chart, difference_chart, mean_chart, series_chart
from simulations.experiments.report.look import for_paper
from simulations.experiments.report.tables import (
    definition_table,
    difference_table,
    in_currency,
    mean_table,
    settled_table,
    source_table,
)
from simulations.experiments.report.words import design_words, method_words
from simulations.experiments.running import Results
from simulations.report.cells import Table
from simulations.report.page import TEMPLATES as PARTS

TEMPLATES = Path(__file__).parent / "templates"
PICTURES = "plots"
MOST_CASES = 12
"""So many cases of a scenario are drawn one by one; the tables as files have all."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says of a scenario beside its measures."""

    title: str
    about: str = ""
    warm_up_days: int = 0
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the page; `file` is what it is called as a file."""

    svg: str
    file: str


@dataclass(slots=True)
class CaseView:
    """What the page shows of a case."""

    name: str
    anchor: str
    means: Table
    differences: Table | None
    settled: Table | None
    mean_pictures: list[Picture] = field(default_factory=list)
    difference_pictures: list[Picture] = field(default_factory=list)
    series_pictures: list[Picture] = field(default_factory=list)

    @property
    def pictures(self) -> list[Picture]:
        """All of them."""
        return [*self.mean_pictures, *self.difference_pictures, *self.series_pictures]


@dataclass(slots=True)
class ScenarioView:
    """What the page shows of a scenario."""

    name: str
    told: Told
    anchor: str
    cases: list[CaseView]
    left_out: int
    over_cases: list[Picture]


def write_report(results: Results, told: Mapping[str, Told], sources: Mapping[str, str], folder: Path) -> Path:
    """Write the page and its pictures; where the page is. The same results give the same bytes."""
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):  # checking every part of a chart against its schema takes a third of the time
        views = list(_scenarios(results, told))
    (folder / PICTURES).mkdir(exist_ok=True)
    for view in views:
        for picture in [*view.over_cases, *(each for case in view.cases for each in case.pictures)]:
            write_whole(folder / PICTURES / picture.file, for_paper(picture.svg))
    page = folder / "report.html"
    write_whole(page, _page(results, views, sources))
    return page


def _page(results: Results, views: Sequence[ScenarioView], sources: Mapping[str, str]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, PARTS]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    experiment = results.experiment
    title = experiment.title or f"{', '.join(map(called, experiment.scenarios))}: {', '.join(experiment.policies)}"
    return environment.get_template("experiment.html.j2").render(
        title=showable(title),
        design=design_words(experiment),
        baseline=experiment.compared_with,
        compared=len(experiment.policies) > 1,
        failures=[str(failure) for failure in results.failures],
        scenarios=views,
        method=list(method_words(results)),
        definitions=definition_table(measures(results)),
        sources=source_table(sources),
        trials=count(len(results.runs), "trial"),
    )


def _scenarios(results: Results, told: Mapping[str, Told]) -> Iterator[ScenarioView]:
    means, differences = list(estimates(results)), list(comparisons(results))
    experiment = results.experiment
    for number, scenario in enumerate(experiment.scenarios, 1):
        known = told.get(scenario, Told(called(scenario)))
        found = [each for each in means if each.scenario == scenario]
        gaps = [each for each in differences if each.scenario == scenario]
        view = ScenarioView(called(scenario), known, f"scenario-{number}", [], 0, [])
        for place, case in enumerate(experiment.all_cases[:MOST_CASES], 1):
            name = f"s{number}c{place}"
            stem = called(scenario) + (f"-{place}" if len(experiment.all_cases) > 1 else "")
            drawn = _Drawing(results, known, scenario, case, name, stem)
            view.cases.append(
                drawn.view([each for each in found if each.case == case], [each for each in gaps if each.case == case])
            )
        view.left_out = len(experiment.all_cases) - len(view.cases)
        view.over_cases = list(_over_cases(results, known, found, f"s{number}", called(scenario)))
        yield view


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws one case of a scenario."""

    results: Results
    told: Told
    scenario: str
    case: Case
    name: str
    stem: str

    def view(self, means: Sequence[Estimated], gaps: Sequence[Compared]) -> CaseView:
        """Everything that is shown of the case."""
        experiment = self.results.experiment
        policies = experiment.policies
        courses = {name: self._curves(name) for name in series.names(self.results)}
        view = CaseView(
            self.case.name,
            self.name,
            self._here(mean_table(means, policies, self.told.currency)),
            self._here(difference_table(gaps, policies, experiment.compared_with, self.told.currency))
            if gaps
            else None,
            self._here(settled_table(courses, policies, self.told.warm_up_days)) if courses else None,
        )
        for name in dict.fromkeys(each.measure for each in means):
            definition = in_currency(defined(name), self.told.currency)
            found = [each for each in means if each.measure == name and each.estimate.mean is not None]
            if not definition.main or not found:
                continue
            svg = mean_chart(found, definition, policies, f"{self.name}-{name}-mean")
            view.mean_pictures.append(self._picture(svg, f"{name}-mean"))
            compared = [e for e in gaps if e.measure == name and e.comparison.difference.mean is not None]
            if compared:
                label = f"{self.name}-{name}-difference"
                svg = difference_chart(compared, definition, policies, experiment.compared_with, label)
                view.difference_pictures.append(self._picture(svg, f"{name}-difference"))
        for name, curves in courses.items():
            definition = replace(in_currency(defined(name), self.told.currency), scale=1)
            svg = series_chart(curves, definition, policies, self.told.warm_up_days, f"{self.name}-{name}-days")
            view.series_pictures.append(self._picture(svg, f"{name}-days"))
        return view

    def _here(self, table: Table) -> Table:
        """A table whose caption says where it belongs, so that each of the page has its own."""
        place = ", ".join(filter(None, (called(self.scenario), self.case.name)))
        return replace(table, caption=f"{place}: {table.caption[0].lower()}{table.caption[1:]}")

    def _picture(self, svg: str, name: str) -> Picture:
        return Picture(svg, f"{self.stem}-{name}.svg")

    def _curves(self, name: str) -> list[series.Curve]:
        experiment = self.results.experiment
        found = []
        for policy in experiment.policies:
            trials = (experiment.trial(self.scenario, self.case, policy, seed) for seed in experiment.all_seeds)
            runs = [self.results.runs[trial] for trial in trials if trial in self.results.runs]
            found.append(series.curve(policy, runs, name, experiment.confidence))
        return [each for each in found if each is not None]


def _over_cases(results: Results, told: Told, means: Sequence[Estimated], name: str, stem: str) -> Iterator[Picture]:
    """Each main measure over the cases, where there are several."""
    cases = results.experiment.all_cases
    if len(cases) < 2:
        return
    keys = list(dict.fromkeys(key for case in cases for key in case.parameters))
    single = keys[0] if len(keys) == 1 and not results.experiment.cases else ""
    places: list[str | float] = [case.name for case in cases]
    values = [case.parameters.get(single) for case in cases]
    if single and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        places = [float(str(value)) for value in values]
    where = dict(zip((case.name for case in cases), places, strict=True))
    for measure in measures(results):
        definition = in_currency(defined(measure), told.currency)
        found = [(where[each.case.name], each) for each in means if each.measure == measure]
        if definition.main and any(each.estimate.mean is not None for _, each in found):
            svg = case_chart(
                found, definition, results.experiment.policies, single or "case", f"{name}-{measure}-cases"
            )
            yield Picture(svg, f"{stem}-{measure}-cases.svg")
