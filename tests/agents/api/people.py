"""A service with accounts: one person a role, a director, and somebody with a limit; and clients that act as them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from agents.service.passwords import hashed
from agents.service.people import People as Accounting
from agents.service.running import Service
from knowledge.access import Person, Role
from knowledge.audit_log import Entry
from knowledge.store.access_store import AccessStore
from knowledge.store.accounts import Account, Accounts
from tests.serving import API, PLANT, served

PASSWORD = "correct horse battery"
HASH = hashed(PASSWORD)
PEOPLE = (
    *(Person(role.value, frozenset({role})) for role in Role),
    Person("dora", frozenset({Role.VIEWER}), frozenset({"director"})),
    Person("small", frozenset({Role.MANAGER}), limit=Decimal(500)),
    Person("nobody"),
    Person("all", frozenset(Role), frozenset({"director"})),
)


def add_people(url: str) -> dict[str, str]:
    """Make the accounts, all with one password; an API key of each."""
    keys = {}
    with closing(AccessStore(url, create=True)) as store:
        accounts = Accounts(store)
        for person in PEOPLE:
            account = Account(person, HASH)
            accounts.add(account, Entry.of(0, "tests", "user added", person.name))
            keys[person.name] = Accounting(accounts, "tests", 0).add_key(person.name, "tests")[0]
    return keys


class People:
    """Clients of one service, each as somebody."""

    def __init__(self, service: Service, anonymous: httpx.Client, keys: dict[str, str]) -> None:
        self.service, self.anonymous, self.keys = service, anonymous, keys

    @property
    def url(self) -> httpx.URL:
        """Where the service is."""
        return self.anonymous.base_url

    @contextmanager
    def client(self, **said: Any) -> Iterator[httpx.Client]:
        """A client without any session."""
        with httpx.Client(base_url=self.url, timeout=60, **said) as client:
            yield client

    def by_key(self, name: str) -> dict[str, str]:
        """Headers of a program with somebody's key."""
        return {"Authorization": f"Bearer {self.keys[name]}"}

    def call(self, name: str, method: str, path: str, **said: Any) -> httpx.Response:
        """A request with somebody's key."""
        return self.anonymous.request(method, path, headers=self.by_key(name) | said.pop("headers", {}), **said)

    @contextmanager
    def browser(self, name: str) -> Iterator[httpx.Client]:
        """A client that has signed in, whose changes carry the CSRF token."""
        with self.client() as client:
            response = sign_in(client, name)
            assert response.status_code == 303, response.text
            client.headers["X-CSRF-Token"] = client.get(f"{API}/me").json()["csrf"]
            yield client


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    """What the login page's form does."""
    return client.post("/login", data={"name": name, "password": password, **more})


def csrf_in(page: str) -> str:
    """The CSRF token in a page's forms."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found is not None
    return found[1]


@contextmanager
def peopled(folder: Path, knowledge: Path = PLANT, **said: Any) -> Iterator[People]:
    """A service whose database has accounts."""
    url = said.pop("db", f"sqlite:///{folder / 'plant.db'}")
    keys = add_people(url)
    with served(folder, knowledge, db=url, **said) as (service, client):
        yield People(service, client, keys)
