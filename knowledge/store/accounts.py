"""Accounts, sessions and API keys.

They may be changed while a society runs on the database, so that somebody can be locked out at once. What a person
changes is in the audit log in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, delete, insert, select, update

from knowledge.access import Person, Role
from knowledge.audit_log import Entry, Record
from knowledge.instants import Instant
from knowledge.store.access_store import AccessStore
from knowledge.store.access_tables import AccountRow, ApiKeyRow, SessionRow
from knowledge.store.audit_records import appended
from knowledge.store.tables import table_of

T = TypeVar("T")

_ACCOUNT, _SESSION, _KEY = table_of(AccountRow), table_of(SessionRow), table_of(ApiKeyRow)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may use the service. `password` is a hash, empty where none is right."""

    person: Person
    password: str = ""
    issuer: str = ""
    subject: str = ""
    disabled: bool = False
    created: Instant = 0
    changed: Instant = 0

    @property
    def name(self) -> str:
        """The person's."""
        return self.person.name


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that has signed in. `token` is the hash of what its cookie holds."""

    token: str
    account: str
    created: Instant
    used: Instant
    address: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key. `key` is its public beginning, `hash` that of the whole."""

    key: str
    hash: str
    account: str
    label: str
    created: Instant
    expires: Instant | None = None
    revoked: bool = False


Told = Callable[[Record], None]


class Accounts:
    """Who there is, and what of theirs is valid. `told` hears of each record of the audit log once it is durable."""

    def __init__(self, store: AccessStore, told: Told = lambda record: None) -> None:
        self.store, self.told = store, told

    def any(self) -> bool:
        """Whether there is any account, disabled ones included."""
        return bool(self._rows(select(_ACCOUNT.c.name).limit(1)))

    def all(self) -> list[Account]:
        """Every account by name."""
        return [_account(row) for row in self._rows(select(_ACCOUNT).order_by(_ACCOUNT.c.name))]

    def find(self, name: str) -> Account | None:
        """The account of a name."""
        return next(map(_account, self._rows(select(_ACCOUNT).where(_ACCOUNT.c.name == name))), None)

    def signed_in_by(self, issuer: str, subject: str) -> Account | None:
        """The account of somebody whom an OpenID provider knows."""
        same = (_ACCOUNT.c.issuer == issuer, _ACCOUNT.c.subject == subject)
        return next(map(_account, self._rows(select(_ACCOUNT).where(*same))), None)

    def add(self, account: Account, entry: Entry) -> bool:
        """Keep a new account; False where one of that name is there already."""
        with self.store.changing() as connection:
            taken = connection.execute(select(_ACCOUNT.c.name).where(_ACCOUNT.c.name == account.name)).first()
            if taken is not None:
                return False
            connection.execute(insert(_ACCOUNT).values(**_values(account)))
            record = appended(connection, entry)
        self.told(record)
        return True

    def change(self, account: Account, entry: Entry | None, *, sign_out: bool) -> None:
        """Keep an account as it is now; with `sign_out` none of its sessions is valid any more."""
        with self._changing(entry) as connection:
            connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.name == account.name).values(**_values(account)))
            if sign_out:
                connection.execute(delete(_SESSION).where(_SESSION.c.account == account.name))

    def begin_session(self, session: Session, expired: Instant) -> None:
        """Keep a new session, and forget those that began before `expired`."""
        names = ("token", "account", "created", "used", "address")
        with self.store.changing() as connection:
            connection.execute(delete(_SESSION).where(_SESSION.c.created < expired))
            connection.execute(insert(_SESSION).values(**{name: getattr(session, name) for name in names}))

    def session(self, token: str) -> tuple[Session, Account] | None:
        """The session of a hash, and whose it is; whether it is still valid is for others to say."""
        row = self._owned(_SESSION, _SESSION.c.token == token)
        return None if row is None else (_made(Session, _SESSION, row), _account(row))

    def sessions(self, account: str) -> list[Session]:
        """The sessions of an account, the oldest first."""
        rows = self._rows(select(_SESSION).where(_SESSION.c.account == account).order_by(_SESSION.c.created))
        return [_made(Session, _SESSION, row) for row in rows]

    def use_session(self, token: str, now: Instant) -> None:
        """Note that a session is in use."""
        with self.store.changing() as connection:
            connection.execute(update(_SESSION).where(_SESSION.c.token == token).values(used=now))

    def end_session(self, token: str) -> None:
        """Sign a browser out."""
        with self.store.changing() as connection:
            connection.execute(delete(_SESSION).where(_SESSION.c.token == token))

    def add_key(self, key: ApiKey, entry: Entry) -> None:
        """Keep a new key."""
        names = ("key", "hash", "account", "label", "created", "expires", "revoked")
        with self._changing(entry) as connection:
            connection.execute(insert(_KEY).values(**{name: getattr(key, name) for name in names}))

    def key(self, digest: str) -> tuple[ApiKey, Account] | None:
        """The key of a hash, and whose it is; whether it is still valid is for others to say."""
        row = self._owned(_KEY, _KEY.c.hash == digest)
        return None if row is None else (_made(ApiKey, _KEY, row), _account(row))

    def keys(self, account: str | None = None) -> list[ApiKey]:
        """Keys, of one account or of all, the oldest first."""
        chosen = [] if account is None else [_KEY.c.account == account]
        rows = self._rows(select(_KEY).where(*chosen).order_by(_KEY.c.created, _KEY.c.key))
        return [_made(ApiKey, _KEY, row) for row in rows]

    def revoke_key(self, key: str, entry: Entry) -> bool:
        """Make a key invalid for ever; False where there is none that was valid."""
        valid = (_KEY.c.key == key, _KEY.c.revoked.is_(False))
        with self.store.changing() as connection:
            if not connection.execute(update(_KEY).where(*valid).values(revoked=True)).rowcount:
                return False
            record = appended(connection, entry)
        self.told(record)
        return True

    @contextmanager
    def _changing(self, entry: Entry | None) -> Iterator[Connection]:
        with self.store.changing() as connection:
            yield connection
            record = None if entry is None else appended(connection, entry)
        if record is not None:
            self.told(record)

    def _rows(self, statement: Select[Any]) -> list[Row[Any]]:
        with self.store.reading() as connection:
            return list(connection.execute(statement))

    def _owned(self, table: Table, condition: ColumnElement[bool]) -> Row[Any] | None:
        joined = select(table, _ACCOUNT).join(_ACCOUNT, _ACCOUNT.c.name == table.c.account).where(condition)
        return next(iter(self._rows(joined)), None)


def _made(kind: type[T], table: Table, row: Row[Any]) -> T:
    return kind(**{column.name: row._mapping[column] for column in table.columns})


def _account(row: Row[Any]) -> Account:
    found = {column.name: row._mapping[column] for column in _ACCOUNT.columns}
    limit = found["approval_limit"]
    person = Person(
        name=found["name"],
        roles=frozenset(map(Role, found["roles"].split())),
        titles=frozenset(found["titles"].split()),
        limit=None if limit is None else Decimal(limit),
    )
    return Account(
        person,
        found["password"],
        found["issuer"],
        found["subject"],
        found["disabled"],
        found["created"],
        found["changed"],
    )


def _values(account: Account) -> dict[str, Any]:
    person = account.person
    return {
        "name": person.name,
        "roles": " ".join(sorted(person.roles)),
        "titles": " ".join(sorted(person.titles)),
        "approval_limit": None if person.limit is None else f"{person.limit:f}",
        "password": account.password,
        "issuer": account.issuer,
        "subject": account.subject,
        "disabled": account.disabled,
        "created": account.created,
        "changed": account.changed,
    }
