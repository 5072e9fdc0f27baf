"""An experiment that was stopped, by whatever, goes on where it was, and ends with the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.errors import SocietyError
from simulations.experiments.design import Experiment
from simulations.experiments.folder import Folder, fingerprint
from simulations.experiments.local import Local
from simulations.experiments.running import carry_out
from tests.simulations.experiments import toy_world

ROOT = Path(__file__).parents[3]
TABLE = {
    "scenarios": ["toy"],
    "policies": ["steady", "better"],
    "days": 10,
    "replications": 6,
    "grid": {"seconds_a_day": [0.005]},
}
EXPERIMENT = Experiment.model_validate(TABLE)
SOURCES = {"toy": "abc"}

SCRIPT = """
import sys, json
from pathlib import Path
from simulations.experiments.design import Experiment
from simulations.experiments.folder import Folder
from simulations.experiments.local import Local
from simulations.experiments.running import carry_out
from tests.simulations.experiments import toy_world

experiment = Experiment.model_validate(json.loads(sys.argv[1]))
carry_out(experiment, Local(2, toy_world.PLACE), Folder(Path(sys.argv[2]), experiment, {"toy": "abc"}))
"""


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*.json")}


def _carry_out(folder: Path, experiment: Experiment = EXPERIMENT, sources: dict[str, str] = SOURCES) -> None:
    carry_out(experiment, Local(2, toy_world.PLACE), Folder(folder, experiment, sources))


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_what_was_stopped_goes_on_where_it_was(stop: signal.Signals, tmp_path: Path) -> None:
    folder, whole = tmp_path / "stopped", tmp_path / "whole"
    command = [sys.executable, "-c", SCRIPT, json.dumps(TABLE), str(folder)]
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_for(lambda: len(list(folder.glob("trials/toy*.json"))) >= 3)
    if stop == signal.SIGKILL:
        process.kill()
    else:
        os.killpg(process.pid, stop)  # as a terminal does: the workers get it, too
    process.wait()
    before = _bytes(folder)
    assert 3 <= len(before) - 1 < 12
    kept = {file: file.stat().st_mtime_ns for file in (folder / "trials").glob("*.json")}
    _carry_out(folder)
    _carry_out(whole)
    assert _bytes(folder) == _bytes(whole)
    assert len(_bytes(folder)) == 13
    assert {file: file.stat().st_mtime_ns for file in kept} == kept, "what is done is not run again"


def _wait_for(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not there():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_what_is_done_is_not_run_again(tmp_path: Path) -> None:
    table = {**TABLE, "grid": {}, "policies": ["steady", "raises"]}
    experiment = Experiment.model_validate(table)
    results = carry_out(experiment, Local(2, toy_world.PLACE), Folder(tmp_path, experiment, SOURCES))
    assert (len(results.runs), len(results.failures)) == (6, 6)
    again = carry_out(experiment, Local(2, f"{toy_world.__name__}:nothing"), Folder(tmp_path, experiment, SOURCES))
    assert again.runs == results.runs
    assert len(again.failures) == 6, "what failed is tried again"


def test_another_experiment_in_the_folder_is_refused_with_what_differs(tmp_path: Path) -> None:
    Folder(tmp_path, EXPERIMENT, SOURCES)
    before = _bytes(tmp_path)
    other = Experiment.model_validate({**TABLE, "days": 11, "policies": ["better", "steady"]})
    with pytest.raises(SocietyError) as caught:
        Folder(tmp_path, other, {"toy": "xyz"})
    assert str(caught.value).splitlines() == [
        f"--out {tmp_path}: is the folder of another experiment; name a new one. It differs in",
        '  toy: there "abc", now "xyz"',
        '  policies: there ["steady", "better"], now ["better", "steady"]',
        "  days: there 10, now 11",
    ]
    assert _bytes(tmp_path) == before


def test_an_experiment_that_has_grown_goes_on_and_ends_as_if_it_had_always_been_so(tmp_path: Path) -> None:
    small = Experiment.model_validate({**TABLE, "grid": {}, "days": 2, "policies": ["steady"], "replications": 2})
    grown = Experiment.model_validate({**small.model_dump(), "policies": ["better", "steady"], "replications": 3})
    _carry_out(tmp_path / "grown", small)
    first = _bytes(tmp_path / "grown")
    _carry_out(tmp_path / "grown", grown)
    _carry_out(tmp_path / "whole", grown)
    assert _bytes(tmp_path / "grown") == _bytes(tmp_path / "whole")
    assert len(first.keys() & _bytes(tmp_path / "grown").keys()) == 3
    with pytest.raises(SocietyError, match=r'policies: there \["better", "steady"\], now \["steady"\]'):
        _carry_out(tmp_path / "grown", small)


def test_what_it_is_called_and_compared_with_may_be_changed(tmp_path: Path) -> None:
    Folder(tmp_path, EXPERIMENT, SOURCES)
    named = EXPERIMENT.model_copy(update={"title": "Better?", "baseline": "better", "confidence": 0.9})
    Folder(tmp_path, named, SOURCES)
    assert json.loads((tmp_path / "experiment.json").read_text(encoding="utf-8"))["experiment"]["title"] == "Better?"


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(SocietyError, match=r"holds other files; name a new folder"):
        Folder(tmp_path, EXPERIMENT, SOURCES)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_place_that_cannot_be_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(SocietyError, match=r"--out .*file"):
        Folder(tmp_path / "file", EXPERIMENT, SOURCES)


@pytest.mark.parametrize("text", ["", "{", "{}", '{"trial": {}}'])
def test_a_trial_that_was_damaged_is_named(text: str, tmp_path: Path) -> None:
    experiment = Experiment.model_validate({**TABLE, "grid": {}, "days": 1, "replications": 1})
    _carry_out(tmp_path, experiment)
    one, other = sorted((tmp_path / "trials").iterdir())
    one.write_text(text, encoding="utf-8")
    with pytest.raises(SocietyError, match=rf"{one.name}: is no trial .*; delete it, and it will be run again"):
        _carry_out(tmp_path, experiment)
    one.write_bytes(other.read_bytes())
    with pytest.raises(SocietyError, match=rf"{one.name}: is another trial's; delete it"):
        _carry_out(tmp_path, experiment)


def test_a_fingerprint_changes_with_names_and_contents_alone(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_text("1", encoding="utf-8")
    first = fingerprint(tmp_path)
    (tmp_path / "a" / "one").touch()
    assert fingerprint(tmp_path) == first
    (tmp_path / "a" / "one").rename(tmp_path / "a" / "two")
    second = fingerprint(tmp_path)
    (tmp_path / "a" / "two").write_text("2", encoding="utf-8")
    assert len({first, second, fingerprint(tmp_path)}) == 3
