"""Accounts, sessions and API keys: short transactions of their own beside the ledger's, from any process.

They may be changed while a society runs on the database, so that somebody can be locked out at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, QueuePool, Row, Select, Table, delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from knowledge.access import Person, Role
from knowledge.errors import StoreError
from knowledge.instants import Instant
from knowledge.store.access_tables import AccountRow, ApiKeyRow, SessionRow
from knowledge.store.database import Store
from knowledge.store.engines import begin, engine_of, in_memory, look_for, short, told, url_of
from knowledge.store.schema import check, is_new
from knowledge.store.tables import table_of

T = TypeVar("T")

_ACCOUNT, _SESSION, _KEY = table_of(AccountRow), table_of(SessionRow), table_of(ApiKeyRow)
_CONNECTIONS = 4


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


class AccessStore:
    """A database's tables of access. Threads may share it."""

    def __init__(self, url: str, *, create: bool = False) -> None:
        """Raises StoreError where there is no database of this schema; `create` makes one that is not there yet."""
        self.url = url_of(url)
        self.name = told(self.url)
        if in_memory(self.url):
            raise StoreError("accounts are kept on a disk: write, for example, sqlite:///plant.db")
        if create:
            _make_sure(url)
        look_for(self.url)
        pool = {"poolclass": QueuePool, "pool_size": _CONNECTIONS, "max_overflow": 0, "pool_timeout": 10}
        self.engine = engine_of(self.url, reading=False, pool=pool)
        try:
            with self.reading() as connection:
                if is_new(connection):
                    raise StoreError(f"database {self.name} holds nothing yet")
                check(connection)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with. Raises StoreError."""
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A transaction; with SQLite no other writes meanwhile. Raises StoreError."""
        with self._told(), self.engine.begin() as connection:
            begin(connection)
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise StoreError(f"database {self.name}: too many ask at once") from error
        except DBAPIError as error:
            raise StoreError(f"database {self.name}: {short(error)}") from error


class Accounts:
    """Who there is, and what of theirs is valid."""

    def __init__(self, store: AccessStore) -> None:
        self.store = store

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

    def add(self, account: Account) -> bool:
        """Keep a new account; False where one of that name is there already."""
        with self.store.changing() as connection:
            taken = connection.execute(select(_ACCOUNT.c.name).where(_ACCOUNT.c.name == account.name)).first()
            if taken is None:
                connection.execute(insert(_ACCOUNT).values(**_values(account)))
            return taken is None

    def change(self, account: Account, *, sign_out: bool) -> None:
        """Keep an account as it is now; with `sign_out` none of its sessions is valid any more."""
        with self.store.changing() as connection:
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

    def add_key(self, key: ApiKey) -> None:
        """Keep a new key."""
        names = ("key", "hash", "account", "label", "created", "expires", "revoked")
        with self.store.changing() as connection:
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

    def revoke_key(self, key: str) -> bool:
        """Make a key invalid for ever; False where there is none that was valid."""
        valid = (_KEY.c.key == key, _KEY.c.revoked.is_(False))
        with self.store.changing() as connection:
            return bool(connection.execute(update(_KEY).where(*valid).values(revoked=True)).rowcount)

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


def _make_sure(url: str) -> None:
    """Make a database where there is none."""
    engine = engine_of(url_of(url), reading=False)
    try:
        with engine.connect() as connection:
            new = is_new(connection)
    except DBAPIError as error:
        raise StoreError(f"database {told(engine.url)}: {short(error)}") from error
    finally:
        engine.dispose()
    if new:
        with closing(Store(url)):
            pass
