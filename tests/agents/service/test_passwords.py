"""Passwords are kept so that guessing them is dear, at today's strength whatever it was once."""

from __future__ import annotations

import pytest

from agents.service import passwords
from agents.service.passwords import STRONG, hashed, is_outdated, is_right


@pytest.fixture
def strong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes as a service makes them; other tests make cheaper ones."""
    monkeypatch.setattr(passwords, "_hasher", STRONG)


@pytest.mark.usefixtures("strong")
def test_a_password_takes_64_mib_and_three_passes_to_try() -> None:
    kept = hashed("correct horse battery")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_right("correct horse battery", kept)
    assert not is_right("wrong horse battery", kept)
    assert not is_outdated(kept)


def test_a_hash_that_was_made_cheaper_is_outdated(request: pytest.FixtureRequest) -> None:
    kept = hashed("correct horse battery")
    request.getfixturevalue("strong")
    assert is_right("correct horse battery", kept)
    assert is_outdated(kept)
