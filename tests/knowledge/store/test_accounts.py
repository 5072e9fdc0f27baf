"""Accounts, sessions, keys and the audit log in either database, beside a society that runs on it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from threading import Thread

import pytest
from sqlalchemy import text

from knowledge.access import Person, Role
from knowledge.audit_log import Entry, checked
from knowledge.errors import StoreError
from knowledge.store import audit_records
from knowledge.store.access_store import AccessStore
from knowledge.store.accounts import Account, Accounts, ApiKey, Session
from knowledge.store.database import Store

ANNA = Account(
    Person("anna", frozenset({Role.MANAGER, Role.SALES}), frozenset({"director"}), Decimal("5000.50")),
    password="hash",
    created=5,
    changed=6,
)

NOTE = Entry.of(1, "tests", "did something", "here", why="to see", nothing=None)


def test_what_is_changed_is_noted_with_it_and_what_is_not_is_not(database: str) -> None:
    told: list[int] = []
    with closing(AccessStore(database, create=True)) as store:
        accounts = Accounts(store, lambda record: told.append(record.sequence))
        assert accounts.add(ANNA, NOTE)
        assert not accounts.add(ANNA, NOTE)
        assert not accounts.revoke_key("none", NOTE)
        accounts.change(ANNA, None, sign_out=False)
        accounts.change(ANNA, NOTE, sign_out=True)
        with pytest.raises(StoreError):
            accounts.change(replace(ANNA, password=None), NOTE, sign_out=True)  # type: ignore[arg-type]
        (record, _), total = audit_records.page(store)
        assert (total, told) == (2, [1, 2])
        assert (record.entry.person, record.entry.detail) == ("tests", '{"why": "to see"}')
        assert checked(audit_records.records(store)).faults == ()


def test_an_account_comes_back_as_it_was_and_a_name_is_given_once(database: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        accounts = Accounts(store)
        assert not accounts.any()
        assert accounts.add(ANNA, NOTE)
        assert not accounts.add(replace(ANNA, password="other"), NOTE)
        assert accounts.find("anna") == ANNA
        assert accounts.find("berta") is None
        assert accounts.any()
        berta = replace(ANNA, person=Person("berta"), issuer="https://id", subject="7", disabled=True)
        accounts.add(berta, NOTE)
        assert accounts.signed_in_by("https://id", "7") == berta
        assert [account.name for account in accounts.all()] == ["anna", "berta"]


def test_a_change_that_signs_out_ends_the_sessions_of_that_account_alone(database: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        accounts = Accounts(store)
        for name in ("anna", "berta"):
            accounts.add(replace(ANNA, person=Person(name)), NOTE)
            accounts.begin_session(Session(f"t-{name}", name, 10, 10, "::1"), expired=0)
        found = accounts.session("t-anna")
        assert found is not None and (found[0].used, found[1].name) == (10, "anna")
        accounts.use_session("t-anna", 99)
        assert [session.used for session in accounts.sessions("anna")] == [99]
        accounts.change(replace(ANNA, disabled=True), NOTE, sign_out=True)
        assert accounts.session("t-anna") is None
        assert accounts.session("t-berta") is not None
        accounts.begin_session(Session("new", "anna", 50, 50, ""), expired=40)
        assert accounts.session("t-berta") is None, "it began before those that have expired"


def test_a_key_is_found_by_its_hash_and_revoked_once(database: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        accounts = Accounts(store)
        accounts.add(ANNA, NOTE)
        key = ApiKey("k1", "h1", "anna", "shop", 5, expires=90)
        accounts.add_key(key, NOTE)
        assert accounts.key("h1") == (key, ANNA)
        assert accounts.key("k1") is None
        assert accounts.revoke_key("k1", NOTE)
        assert not accounts.revoke_key("k1", NOTE)
        assert accounts.keys("anna") == accounts.keys() == [replace(key, revoked=True)]
        assert accounts.keys("berta") == []


def test_accounts_are_changed_while_another_process_writes_the_database(database: str) -> None:
    with closing(Store(database)) as owner, closing(AccessStore(database)) as store:
        Accounts(store).add(ANNA, NOTE)
        assert owner.empty
        assert Accounts(store).find("anna") == ANNA


def test_there_are_no_accounts_where_there_is_no_database(tmp_path: object) -> None:
    for url in (f"sqlite:///{tmp_path}/none.db", "sqlite://"):
        with pytest.raises(StoreError):
            AccessStore(url)


def test_records_added_by_many_at_once_are_one_chain(database: str) -> None:
    with closing(AccessStore(database, create=True)) as one, closing(AccessStore(database)) as other:

        def add(store: AccessStore, name: str) -> None:
            for n in range(12):
                audit_records.append(store, Entry(n, name, "answer", f"AP-{n}", "{}"))

        threads = [Thread(target=add, args=(store, name)) for store in (one, other) for name in ("anna", "berta")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = checked(audit_records.records(one))
        assert (found.records, found.faults) == (48, ())
        assert audit_records.head(other) == (48, found.head)
        rows, total = audit_records.page(one, person="anna", limit=3)
        assert total == 24
        assert [row.entry.person for row in rows] == ["anna"] * 3
        assert audit_records.page(one, search="%")[1] == 0


@pytest.mark.parametrize("strange", ["a\0b", "\ud800", "'; DROP TABLE account; --", "<script>", "€\u202e"])
def test_any_text_is_kept_so_that_its_hash_stays_right(database: str, strange: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        audit_records.append(store, Entry(1, strange, strange, strange, "{}"))
        assert checked(audit_records.records(store)).faults == ()


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit_record SET person = 'eve' WHERE sequence = 2",
        "UPDATE audit_record SET detail = '{}' WHERE sequence = 1",
        "DELETE FROM audit_record WHERE sequence = 2",
        "DELETE FROM audit_record WHERE sequence = 1",
        "UPDATE audit_record SET sequence = 9 - sequence",
        "DELETE FROM audit_record WHERE sequence >= 3",
        "DELETE FROM audit_record",
    ],
)
def test_whatever_is_done_to_the_table_shows(database: str, forgery: str) -> None:
    with closing(AccessStore(database, create=True)) as store:
        for n in range(4):
            audit_records.append(store, Entry(n, "anna", "answer", f"AP-{n}", '{"a": 1}'))
        _, head = audit_records.head(store)
        with store.changing() as connection:
            connection.execute(text(forgery))
        assert checked(audit_records.records(store), head).faults
