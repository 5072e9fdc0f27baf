"""Who is let in, until when, and how failing is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from agents.service.gatekeeper import Gatekeeper, How, SignInError, limit_of
from agents.service.passwords import digest, hashed, is_right
from agents.service.people import People
from knowledge.access import AccessError, Person, Role
from knowledge.audit_log import Entry
from knowledge.errors import StoreError
from knowledge.instants import DAY, HOUR, MINUTE
from knowledge.store.access_store import AccessStore
from knowledge.store.accounts import Account, Accounts

PASSWORD = "correct horse battery"
HASH = hashed(PASSWORD)
NOTE = Entry.of(0, "tests", "did something", "here")


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[Accounts]:
    with closing(AccessStore(f"sqlite:///{tmp_path}/plant.db", create=True)) as store:
        yield Accounts(store)


@pytest.fixture
def gate(accounts: Accounts, clock: Clock) -> Gatekeeper:
    numbers = count()
    return Gatekeeper(
        accounts, clock, opens=True, idle=HOUR, absolute=12 * HOUR, token=lambda: f"token-{next(numbers)}"
    )


@pytest.fixture
def anna(accounts: Accounts) -> Account:
    account = Account(Person("anna", frozenset({Role.MANAGER})), HASH)
    accounts.add(account, NOTE)
    return account


def test_without_accounts_it_is_open_where_that_is_allowed_and_never_again_after_the_first(
    accounts: Accounts, clock: Clock, gate: Gatekeeper
) -> None:
    assert gate.open
    shut = Gatekeeper(accounts, clock, opens=False, idle=HOUR, absolute=HOUR)
    assert not shut.open
    accounts.add(Account(Person("anna"), HASH, disabled=True), NOTE)
    clock.now += 2
    assert not gate.open


def test_while_the_database_is_away_what_was_known_of_accounts_holds(
    accounts: Accounts, clock: Clock, gate: Gatekeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> bool:
        raise StoreError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(accounts, "any", away)
        clock.now += 2
        assert gate.open
    accounts.add(Account(Person("anna"), HASH), NOTE)
    clock.now += 2
    assert not gate.open


def test_looking_for_accounts_keeps_nobody_waiting(accounts: Accounts, clock: Clock) -> None:
    looks: list[Callable[[], None]] = []
    gate = Gatekeeper(accounts, clock, opens=True, idle=HOUR, absolute=HOUR, beside=looks.append)
    accounts.add(Account(Person("anna"), HASH), NOTE)
    clock.now += 2
    assert gate.open and gate.open, "it is still being looked for"
    (look,) = looks
    look()
    assert not gate.open


def test_the_right_password_begins_a_session_that_says_who_it_is(gate: Gatekeeper, anna: Account) -> None:
    token = gate.sign_in(" Anna ", PASSWORD, "::1")
    found = gate.by_session(token)
    assert found is not None
    assert (found.person, found.how) == (anna.person, How.SESSION)
    assert found.has_csrf(found.csrf)
    assert not any(found.has_csrf(guess) for guess in ("", token, "é", found.csrf[:-1]))
    assert gate.by_session("token-1") is None
    assert gate.by_session(digest(token)) is None, "what is kept of a token is no token"


@pytest.mark.parametrize(("name", "password"), [("anna", "wrong"), ("berta", PASSWORD), ("", ""), ("anna", "")])
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    gate: Gatekeeper, anna: Account, name: str, password: str
) -> None:
    with pytest.raises(SignInError, match="name or password is wrong"):
        gate.sign_in(name, password, "::1")


def test_an_account_that_has_no_password_or_is_disabled_is_not_let_in(gate: Gatekeeper, accounts: Accounts) -> None:
    accounts.add(Account(Person("keys"), ""), NOTE)
    accounts.add(Account(Person("gone"), HASH, disabled=True), NOTE)
    for name, password in (("keys", ""), ("gone", PASSWORD)):
        with pytest.raises(SignInError):
            gate.sign_in(name, password, "::1")


def test_failing_again_and_again_makes_even_the_right_password_wait(
    gate: Gatekeeper, anna: Account, clock: Clock
) -> None:
    for _ in range(4):
        with pytest.raises(SignInError):
            gate.sign_in("anna", "wrong", "::1")
    with pytest.raises(SignInError) as caught:
        gate.sign_in("anna", PASSWORD, "::1")
    assert caught.value.retry_after > 0
    clock.now += caught.value.retry_after
    assert gate.sign_in("anna", PASSWORD, "::1")


def test_many_tries_at_once_do_not_get_around_the_wait(gate: Gatekeeper, anna: Account) -> None:
    refused: list[int] = []

    def guess() -> None:
        with pytest.raises(SignInError) as caught:
            gate.sign_in("anna", "wrong", "::1")
        refused.append(caught.value.retry_after)

    threads = [Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in refused) <= 5, "no more passwords were tried than one by one"


def test_a_session_ends_when_it_is_idle_and_in_any_case_after_its_longest(
    gate: Gatekeeper, anna: Account, clock: Clock
) -> None:
    token = gate.sign_in("anna", PASSWORD, "::1")
    for _ in range(23):
        clock.now += 30 * MINUTE
        assert gate.by_session(token) is not None
    clock.now += 30 * MINUTE
    assert gate.by_session(token) is None, "twelve hours after it began"
    other = gate.sign_in("anna", PASSWORD, "::1")
    clock.now += HOUR
    assert gate.by_session(other) is None


def test_signing_out_ends_that_session_alone_and_a_new_password_all_of_them(gate: Gatekeeper, anna: Account) -> None:
    one, other = (gate.sign_in("anna", PASSWORD, "::1") for _ in range(2))
    gate.sign_out(one)
    assert gate.by_session(one) is None
    assert gate.by_session(other) is not None
    with pytest.raises(SignInError, match="old password"):
        gate.change_password("anna", "wrong", "another long password", "::1")
    with pytest.raises(AccessError):
        gate.change_password("anna", PASSWORD, "short", "::1")
    gate.change_password("anna", PASSWORD, "another long password", "::1")
    assert gate.by_session(other) is None
    assert gate.sign_in("anna", "another long password", "::1")


def test_a_key_is_valid_until_it_is_revoked_or_has_expired_or_its_account_is_disabled(
    gate: Gatekeeper, accounts: Accounts, anna: Account, clock: Clock
) -> None:
    text, key = People(accounts, "tests", clock.now).add_key("anna", "shop", days=1)
    found = gate.by_key(text)
    assert found is not None and (found.person.name, found.how, found.csrf) == ("anna", How.KEY, "")
    assert not any(gate.by_key(guess) for guess in ("", key.key, key.hash, text[:-1], text + "A"))
    lasting, other = People(accounts, "tests", clock.now).add_key("anna")
    clock.now += DAY
    assert gate.by_key(text) is None
    assert gate.by_key(lasting) is not None
    accounts.revoke_key(other.key, NOTE)
    clock.now += 2
    assert gate.by_key(lasting) is None


def test_what_another_process_changes_is_seen_within_two_seconds(
    gate: Gatekeeper, accounts: Accounts, anna: Account, clock: Clock
) -> None:
    token = gate.sign_in("anna", PASSWORD, "::1")
    assert gate.by_session(token) is not None
    accounts.change(replace(anna, person=Person("anna", frozenset({Role.VIEWER}))), NOTE, sign_out=False)
    clock.now += 2
    found = gate.by_session(token)
    assert found is not None and found.person.roles == {Role.VIEWER}
    accounts.change(replace(anna, disabled=True), NOTE, sign_out=False)
    clock.now += 2
    assert gate.by_session(token) is None


def test_nothing_that_is_kept_is_a_secret(gate: Gatekeeper, accounts: Accounts, anna: Account, clock: Clock) -> None:
    token = gate.sign_in("anna", PASSWORD, "::1")
    text, _ = People(accounts, "tests", clock.now).add_key("anna")
    kept = f"{accounts.sessions('anna')}{accounts.keys()}{accounts.find('anna')}"
    assert not any(secret in kept for secret in (token, text, text.split("_", 2)[2], PASSWORD))
    assert "$argon2id$" in kept


def test_a_new_account_has_a_good_name_and_password_and_is_there_once(accounts: Accounts) -> None:
    people = People(accounts, "tests", 7)
    made = people.add(Person("Berta", frozenset({Role.SALES})), PASSWORD)
    assert (made.name, made.created, is_right(PASSWORD, made.password)) == ("berta", 7, True)
    with pytest.raises(AccessError, match="already"):
        people.add(Person("berta"), PASSWORD)
    with pytest.raises(AccessError, match="12"):
        people.add(Person("carla"), "short")


@pytest.mark.parametrize("text", ["", "much", "-1", "NaN", "inf"])
def test_a_limit_is_an_amount(text: str) -> None:
    with pytest.raises(AccessError):
        limit_of(text)
