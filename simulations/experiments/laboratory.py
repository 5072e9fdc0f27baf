"""What experiments need to know of the laboratory: whether a trial can be run, and what its outcome depends on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256

from simulations.experiments.design import Experiment, called
from simulations.experiments.folder import code_fingerprint
from simulations.experiments.report.page import Told
from simulations.policies.installed import policy_of
from simulations.world.reading import Setting, read_setting, scenario_file
from simulations.world.trials import Parameters, Trial


def check_trial(trial: Trial) -> None:
    """Raise SocietyError where there is no such scenario or policy, or one of the parameters is none of theirs."""
    setting_of(trial.scenario, trial.scenario_parameters)
    _check_policy(trial.policy, trial.policy_parameters)


@cache
def setting_of(scenario: str, parameters: Parameters = ()) -> Setting:
    """A scenario with some of its keys given anew, read once."""
    return read_setting(scenario, parameters)


def told_of(experiment: Experiment) -> dict[str, Told]:
    """What a report says of each scenario."""
    found = {}
    for scenario in experiment.scenarios:
        first = experiment.trial(scenario, experiment.all_cases[0], experiment.policies[0], experiment.all_seeds[0])
        setting = setting_of(scenario, first.scenario_parameters)
        said = setting.scenario
        about = " ".join(said.about.split())
        found[scenario] = Told(said.title, about, said.warm_up_days, setting.plant.currency)
    return found


def sources_of(experiment: Experiment) -> Mapping[str, str]:
    """A fingerprint of everything that outcomes depend on: each scenario with its plant, and the code."""
    found = {f"scenario {called(name)}": _fingerprint(name) for name in experiment.scenarios}
    return {**found, "code": code_fingerprint()}


def _fingerprint(scenario: str) -> str:
    digest = sha256(scenario_file(scenario).read_bytes())
    for name, text in sorted(setting_of(scenario).files.items()):
        digest.update(f"\0{name}\0{text}".encode())
    return digest.hexdigest()[:16]


@cache
def _check_policy(name: str, settings: Parameters) -> None:
    policy_of(name, dict(settings))
