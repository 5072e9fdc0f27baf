"""Where settings come from, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.service.settings import Clock, ServiceError, settings
from run_agents import UNUSABLE, app


def test_the_command_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "society.toml"
    file.write_text('knowledge = "k"\ndb = "sqlite:///file.db"\nport = 1\nintake_limit = 7\nclock = "received"\n')
    monkeypatch.setenv("SOCIETY_PORT", "2")
    monkeypatch.setenv("SOCIETY_DB", "sqlite:///environment.db")
    found = settings(file, db="sqlite:///said.db")
    assert (found.db, found.port, found.intake_limit, found.clock) == ("sqlite:///said.db", 2, 7, Clock.RECEIVED)
    assert found.host == "127.0.0.1"


def test_every_problem_is_named_with_the_ways_to_set_it() -> None:
    with pytest.raises(ServiceError) as caught:
        settings(None, port=70_000)
    assert "SOCIETY_PORT" in str(caught.value)
    assert "--knowledge" in str(caught.value)
    assert "--db" in str(caught.value)


def test_a_file_with_a_name_that_is_no_setting_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "society.toml"
    file.write_text('knowledge = "k"\ndb = "sqlite:///x.db"\nprot = 1\n')
    with pytest.raises(ServiceError, match="prot"):
        settings(file)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_an_address_that_others_reach_is_refused_with_status_2(host: str, tmp_path: Path) -> None:
    arguments = ["serve", "--knowledge", str(tmp_path), "--db", f"sqlite:///{tmp_path}/x.db", "--host", host]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == UNUSABLE
    assert "loopback" in result.stderr
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.7"])
def test_a_loopback_address_is_taken(host: str) -> None:
    assert settings(None, knowledge="k", db="sqlite:///x.db", host=host).host == host
