"""Who guesses passwords has to wait longer and longer; who knows theirs does not wait for what others did once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from agents.service.throttle import LONGEST, Throttle
from knowledge.store.access_store import AccessStore
from knowledge.store.failed_sign_ins import FailedSignIns


@pytest.fixture
def known(database: str) -> Iterator[FailedSignIns]:
    with closing(AccessStore(database, create=True)) as store:
        yield FailedSignIns(store)


@pytest.fixture
def throttle(known: FailedSignIns) -> Throttle:
    return Throttle(known)


def test_after_some_failures_each_further_try_waits_twice_as_long(throttle: Throttle) -> None:
    now, waits = 0, []
    for _ in range(16):
        now += throttle.wait("anna", "here", now)
        throttle.failed("anna", "here", now)
        waits.append(throttle.wait("anna", "here", now))
    assert waits[:7] == [0, 0, 0, 2, 4, 8, 16]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST


def test_success_forgets_the_accounts_failures_but_not_those_of_the_address(known: FailedSignIns) -> None:
    throttle = Throttle(known, {"account at address": 1, "account": 1, "address": 1})
    for _ in range(3):
        throttle.failed("anna", "here", 0)
    throttle.succeeded("anna", "here")
    assert throttle.wait("anna", "elsewhere", 0) == 0
    assert throttle.wait("berta", "here", 0) > 0


def test_many_names_from_one_address_wait_and_so_do_many_addresses_with_one_name(throttle: Throttle) -> None:
    for n in range(30):
        throttle.failed(f"name{n}", "here", 0)
        throttle.failed("anna", f"address{n}", 0)
    assert throttle.wait("another", "here", 0) > 0
    assert throttle.wait("anna", "another", 0) > 0
    assert throttle.wait("another", "another", 0) == 0


def test_a_stranger_who_fails_some_times_with_a_name_does_not_keep_its_owner_out(throttle: Throttle) -> None:
    for _ in range(6):
        throttle.failed("anna", "stranger", 0)
    assert throttle.wait("anna", "stranger", 0) > 0
    assert throttle.wait("anna", "office", 0) == 0


def test_failures_are_forgotten_after_a_quiet_while_and_never_fill_the_database(known: FailedSignIns) -> None:
    throttle = Throttle(known, remembered=9)
    for _ in range(9):
        throttle.failed("anna", "here", 0)
    later = 5 * LONGEST
    throttle.failed("anna", "here", later)
    assert throttle.wait("anna", "here", later) == 0
    for n in range(5):
        throttle.failed(f"n{n}", f"a{n}", later + n)
    with known.store.reading() as connection:
        kept = connection.exec_driver_sql("SELECT last FROM failed_sign_in ORDER BY last").scalars().all()
    assert kept == [later + n for n in (2, 3, 4) for _ in range(3)]


def test_a_restart_lets_nobody_try_again(database: str) -> None:
    for tries in (4, 1):
        with closing(AccessStore(database, create=True)) as store:
            throttle = Throttle(FailedSignIns(store))
            assert (throttle.wait("anna", "here", 0) > 0) == (tries == 1)
            for _ in range(tries):
                throttle.failed("anna", "here", 0)
