"""What operators do to accounts, whoever shows it: add, give roles, disable, set a password, make and revoke keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from agents.service.passwords import digest, hashed, new_token
from knowledge.access import AccessError, Permission, Person, account_name, check_password
from knowledge.audit_log import Entry
from knowledge.instants import DAY, Instant
from knowledge.store.accounts import Account, Accounts, ApiKey

KEY_PREFIX: Final = "sk"


@dataclass(frozen=True, slots=True)
class People:
    """Accounts as `by` changes them at `now`, each change in the audit log. Nobody takes their own way back in.

    Raises AccessError for what cannot be; then nothing has changed.
    """

    accounts: Accounts
    by: str
    now: Instant
    token: Callable[[], str] = new_token

    def found(self, name: str) -> Account:
        """The account of a name."""
        account = self.accounts.find(account_name(name))
        if account is None:
            raise AccessError(f"there is no account {name}")
        return account

    def add(self, person: Person, password: str | None) -> Account:
        """A new account; without a password only its keys, or a provider, let it in."""
        name = account_name(person.name)
        if password is not None:
            check_password(password, name)
        kept = hashed(password) if password is not None else ""
        account = Account(replace(person, name=name), kept, created=self.now, changed=self.now)
        if not self.accounts.add(account, self._entry("user added", name, **said_of(person))):
            raise AccessError(f"there is an account {name} already")
        return account

    def give(self, person: Person) -> Account:
        """Roles, titles and limit of an account, in place of those that it had; its sessions go on with them."""
        account = self.found(person.name)
        if account.name == self.by and not person.may(Permission.OPERATE):
            raise AccessError("that would take your own right to do this; let another operator do it")
        changed = replace(account, person=replace(person, name=account.name))
        self.accounts.change(changed, self._entry("roles changed", account.name, **said_of(person)), sign_out=False)
        return changed

    def disable(self, name: str, disabled: bool) -> Account:
        """Let an account in no more, and sign it out; or let it in again."""
        account = self.found(name)
        if disabled and account.name == self.by:
            raise AccessError("that would lock you out; let another operator do it")
        changed = replace(account, disabled=disabled)
        entry = self._entry("user disabled" if disabled else "user enabled", account.name)
        self.accounts.change(changed, entry, sign_out=disabled)
        return changed

    def set_password(self, name: str, password: str) -> Account:
        """Another password; the account is signed out everywhere."""
        account = self.found(name)
        check_password(password, account.name)
        changed = replace(account, password=hashed(password), changed=self.now)
        self.accounts.change(changed, self._entry("password set", account.name), sign_out=True)
        return changed

    def add_key(self, name: str, label: str = "", days: int | None = None) -> tuple[str, ApiKey]:
        """A new key: the key itself, which is shown this once, and what is kept of it."""
        account, secret = self.found(name), self.token()
        public = digest(f"name {secret}")[:10]
        text = f"{KEY_PREFIX}_{public}_{secret}"
        expires = None if days is None else self.now + days * DAY
        key = ApiKey(public, digest(text), account.name, label, self.now, expires)
        self.accounts.add_key(key, self._entry("key added", account.name, key=public, label=label))
        return text, key

    def revoke_key(self, key: str) -> None:
        """A key is invalid for good."""
        if not self.accounts.revoke_key(key, self._entry("key revoked", key)):
            raise AccessError(f"there is no valid key {key}")

    def _entry(self, action: str, subject: str, **detail: Any) -> Entry:
        return Entry.of(self.now, self.by, action, subject, **detail)


def said_of(person: Person) -> dict[str, Any]:
    """What somebody may do, in plain values."""
    limit = None if person.limit is None else f"{person.limit:f}"
    return {"roles": sorted(person.roles), "approves": sorted(person.titles), "limit": limit}
