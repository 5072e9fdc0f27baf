"""docs/connectors.md is true: what it shows is done here, as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.sinks.installed import kinds as sink_kinds
from agents.sinks.installed import sink_class
from agents.sinks.sink import Topic

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "connectors.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder with what a clone has, where packages are installed for this test only."""
    for name in ("agents", "knowledge", "protocols", "simulations", "run_agents.py"):
        (tmp_path / name).symlink_to(ROOT / name)
    yield tmp_path


def run(command: str, place: Path) -> None:
    """A command of the page, as it stands there but for where pip installs to, and from where."""
    words = command.split()
    if words[:4] == ["python", "-m", "pip", "install"]:
        words[4:4] = ["--quiet", "--no-index", "--no-build-isolation", "--target", "installed"]
    if words[0] == "python":
        words[0] = sys.executable
    done = subprocess.run(words, cwd=place, env=environment(place), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def environment(place: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(place / "installed"), str(place)])}


def test_the_walk_through_works_as_it_is_written(place: Path) -> None:
    make, switch_on = blocks("sh")
    [settings], [post] = blocks("toml"), blocks("python")
    for command in make.splitlines():
        run(command, place)
    *before, serve = switch_on.splitlines()
    (place / "society.toml").write_text(settings.replace("port = 8000", "port = 0"), encoding="utf-8")
    for command in before:
        run(command, place)
    words = [sys.executable, *serve.split()[1:], "--json"]
    service = subprocess.Popen(words, cwd=place, env=environment(place), stderr=subprocess.PIPE, text=True)
    assert service.stderr is not None
    try:
        port = next(found[1] for line in service.stderr if (found := re.search(r'"port": (\d+)', line)))
        reader = threading.Thread(target=service.stderr.read)
        reader.start()
        shop = post.replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        for _ in range(2):
            said = subprocess.run([sys.executable, "-c", shop], cwd=place, capture_output=True, text=True, check=False)
            assert said.stdout == "202\n", said.stderr
        end = time.monotonic() + 30
        while not (told := list((place / "erp").glob("order-hermes-1001-*.json"))):
            assert time.monotonic() < end, "nothing was told"
            time.sleep(0.1)
        spoilt = shop.replace(', "rb").read()', ', "rb").read() + b" "', 1).replace(
            'hmac.new(b"only-a-test", body,', 'hmac.new(b"x", body,'
        )
        refused = subprocess.run([sys.executable, "-c", spoilt], cwd=place, capture_output=True, text=True, check=False)
        assert "401" in refused.stderr
    finally:
        service.terminate()
        service.wait(30)
        reader.join()
        service.stderr.close()
    assert '"item":"STOOL"' in told[-1].read_text(encoding="utf-8")


def test_every_sink_and_topic_is_on_the_page() -> None:
    for kind in sink_kinds():
        assert f"`{kind}`" in PAGE
        assert sink_class(kind).topics
    for topic in Topic:
        assert f"`{topic}`" in PAGE
