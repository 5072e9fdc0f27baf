"""The gatekeeper: who asks. Signs people in and out, and knows the sessions and keys that are valid."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Final

import structlog

from agents.service.passwords import digest, hashed, is_outdated, is_right, new_token
from agents.service.settings import ServiceError
from agents.service.throttle import Throttle
from knowledge.access import LOCAL, AccessError, Person, check_password
from knowledge.audit_log import Entry
from knowledge.errors import StoreError
from knowledge.instants import MINUTE, Instant
from knowledge.store.accounts import Account, Accounts, Session
from knowledge.store.failed_sign_ins import FailedSignIns

TRUSTED_SECONDS: Final = 2
"""How long a session or key that was looked up is believed; so long a change from another process takes to be seen."""

_NOTED_SECONDS: Final = MINUTE
_AT_ONCE: Final = 2
_WAITING: Final = 8
_BELIEVED: Final = 1_000


log = structlog.get_logger("access")


class How(StrEnum):
    """By what somebody is known."""

    OPEN = "open"  # there are no accounts
    SESSION = "session"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks, and how that is known. `csrf` is what changes made with a session have to come with."""

    person: Person
    how: How
    csrf: str = ""
    token: str = ""

    def has_csrf(self, given: str) -> bool:
        """Whether what came with a change is right."""
        return hmac.compare_digest(given.encode(), self.csrf.encode())


ANYBODY: Final = Identity(LOCAL, How.OPEN)


class SignInError(ServiceError):
    """A sign-in that is refused. `retry_after` seconds have to go by before the next try, where that is above 0."""

    def __init__(self, reason: str, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Gatekeeper:
    """Decides on the identity behind each request. `opens` says that without accounts everything is allowed.

    Sessions end after `idle` seconds without a request, and `absolute` seconds after they began. `beside` runs what
    may take long while others go on.
    """

    def __init__(
        self,
        accounts: Accounts,
        now: Callable[[], Instant],
        *,
        opens: bool,
        idle: Instant,
        absolute: Instant,
        token: Callable[[], str] = new_token,
        beside: Callable[[Callable[[], None]], None] = lambda look: look(),
    ) -> None:
        self.accounts, self.now, self.opens, self.token = accounts, now, opens, token
        self.beside = beside
        self.idle, self.absolute = idle, absolute
        self.throttle = Throttle(FailedSignIns(accounts.store))
        self._hashing = threading.BoundedSemaphore(_AT_ONCE)  # each takes 64 MiB
        self._places = threading.BoundedSemaphore(_WAITING)
        self._guard = threading.Lock()
        self._believed: dict[str, tuple[Instant, Identity]] = {}
        self._has_accounts = accounts.any()
        self._looked = now()
        self._looking = threading.Lock()

    @property
    def open(self) -> bool:
        """Whether there are no accounts, on an address where that is allowed."""
        return self.opens and not self.has_accounts()

    def has_accounts(self) -> bool:
        """Whether there are accounts; once there are some, there always are. It never waits for the database."""
        is_old = self.now() >= self._looked + TRUSTED_SECONDS
        if not self._has_accounts and is_old and self._looking.acquire(blocking=False):
            self.beside(self._look_for_accounts)
        return self._has_accounts

    def _look_for_accounts(self) -> None:
        try:
            self._has_accounts = self.accounts.any()
        except StoreError as error:  # the database is away: what was known holds, and it is asked again
            log.warning("accounts cannot be read", reason=str(error))
        finally:
            self._looked = self.now()
            self._looking.release()

    def sign_in(self, name: str, password: str, address: str) -> str:
        """The token of a new session. Raises SignInError, which does not tell whether there is such an account."""
        name = name.strip().lower()
        account = self.accounts.find(name)
        self._check(name, password, account, address, "name or password is wrong")
        assert account is not None
        if is_outdated(account.password):
            self.accounts.change(replace(account, password=hashed(password)), None, sign_out=False)
        return self.begin(account, address)

    def _check(self, name: str, password: str, account: Account | None, address: str, wrong: str) -> None:
        """Raise SignInError unless it is the password of an account that is not disabled."""
        if not self._places.acquire(blocking=False):
            raise SignInError("too many sign in at once; try again in a moment", 2)
        try:
            with self._hashing:  # the wait is looked at in here, so that many tries at once do not get around it
                if (wait := self.throttle.wait(name, address, self.now())) > 0:
                    raise SignInError(f"too many tries have failed; try again in {wait} seconds", wait)
                right = is_right(password, account.password if account is not None else "")
                if not right or account is None or account.disabled:
                    self.throttle.failed(name, address, self.now())
                    log.warning("sign-in refused", name=name[:64], address=address)
                    raise SignInError(wrong)
                self.throttle.succeeded(name, address)
        finally:
            self._places.release()

    def begin(self, account: Account, address: str) -> str:
        """The token of a new session of somebody who has shown who they are."""
        now, token = self.now(), self.token()
        log.info("signed in", name=account.name, address=address)
        self.accounts.begin_session(Session(digest(token), account.name, now, now, address), now - self.absolute)
        return token

    def by_session(self, token: str, *, uses: bool = True) -> Identity | None:
        """Who has this session, while it is valid; `uses` says that a person does something, so it is not idle."""
        return self._known(f"session {uses} {token}", partial(self._session, uses), token)

    def by_key(self, key: str) -> Identity | None:
        """Whose key it is, while it is valid."""
        return self._known(f"key {key}", self._key, key)

    def sign_out(self, token: str) -> None:
        """End a session."""
        self.accounts.end_session(digest(token))
        self.forget()

    def sign_out_everywhere(self, name: str) -> None:
        """End every session of an account."""
        entry = Entry.of(self.now(), name, "signed out everywhere", name)
        self.accounts.change(self._account(name), entry, sign_out=True)
        self.forget()

    def change_password(self, name: str, old: str, new: str, address: str) -> None:
        """A person's own change of their password; it ends all of their sessions. Raises SignInError, AccessError."""
        account = self._account(name)
        check_password(new, name)
        self._check(name, old, account, address, "the old password is wrong")
        changed, entry = replace(account, password=hashed(new)), Entry.of(self.now(), name, "password changed", name)
        self.accounts.change(replace(changed, changed=entry.time), entry, sign_out=True)
        self.forget()

    def changed(self) -> None:
        """Accounts were changed in this process: that is seen at once."""
        self._has_accounts = self._has_accounts or self.accounts.any()
        self.forget()

    def forget(self) -> None:
        """Look everybody up anew."""
        with self._guard:
            self._believed.clear()

    def _account(self, name: str) -> Account:
        account = self.accounts.find(name)
        if account is None:
            raise AccessError(f"there is no account {name}")
        return account

    def _known(self, name: str, look_up: Callable[[str], Identity | None], secret: str) -> Identity | None:
        place, now = digest(name), self.now()
        with self._guard:
            until, identity = self._believed.get(place, (0, None))
        if identity is not None and now < until:
            return identity
        identity = look_up(secret)
        with self._guard:
            self._believed.pop(place, None)
            if identity is not None:
                while len(self._believed) >= _BELIEVED:
                    del self._believed[next(iter(self._believed))]
                self._believed[place] = now + TRUSTED_SECONDS, identity
        return identity

    def _session(self, uses: bool, token: str) -> Identity | None:
        found, now = self.accounts.session(digest(token)), self.now()
        if found is None:
            return None
        session, account = found
        if account.disabled or now >= min(session.used + self.idle, session.created + self.absolute):
            return None
        if uses and now - session.used >= _NOTED_SECONDS:
            self.accounts.use_session(session.token, now)
        return Identity(account.person, How.SESSION, csrf=digest(f"csrf {token}"), token=token)

    def _key(self, key: str) -> Identity | None:
        found = self.accounts.key(digest(key))
        if found is None:
            return None
        known, account = found
        if account.disabled or known.revoked or (known.expires is not None and self.now() >= known.expires):
            return None
        return Identity(account.person, How.KEY)


def limit_of(text: str | None) -> Decimal | None:
    """What somebody may approve at most. Raises AccessError."""
    if text is None:
        return None
    try:
        limit = Decimal(text)
    except ArithmeticError as error:
        raise AccessError(f"limit {text!r} is no amount of money; write, for example, 5000") from error
    if not limit.is_finite() or limit < 0:
        raise AccessError(f"limit {text!r} is no amount of money; write, for example, 5000")
    return limit
