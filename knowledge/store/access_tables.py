"""The tables of access: accounts, sessions, API keys, failed sign-ins and the audit log.

No agent writes them: the modules of `knowledge.store` that are named for them do, beside the ledger.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, Text
from sqlmodel import Field, SQLModel


def _number() -> Column[int]:
    return Column(BigInteger, nullable=False)


def _text() -> Column[str]:
    return Column(Text, nullable=False)


class AccountRow(SQLModel, table=True):
    """Somebody who may use the service. Never removed, since the audit log names them: disabled."""

    __tablename__ = "account"
    name: str = Field(primary_key=True)
    roles: str = Field(sa_column=_text())  # sorted, a space between
    titles: str = Field(sa_column=_text())
    approval_limit: str | None = Field(default=None, sa_column=Column(Text, nullable=True))  # decimal
    password: str = Field(sa_column=_text())  # an argon2 hash; empty: no password is right
    issuer: str = Field(sa_column=_text())  # of whoever signs them in instead (OpenID Connect)
    subject: str = Field(sa_column=_text())  # and what they are called there
    disabled: bool
    created: int = Field(sa_column=_number())
    changed: int = Field(sa_column=_number())


class SessionRow(SQLModel, table=True):
    """A browser that has signed in, by the SHA-256 of its token."""

    __tablename__ = "session"
    token: str = Field(primary_key=True)
    account: str = Field(index=True)
    created: int = Field(sa_column=_number())
    used: int = Field(sa_column=_number())
    address: str = Field(sa_column=_text())


class ApiKeyRow(SQLModel, table=True):
    """A key of a program, by the SHA-256 of it. `key` is its public beginning."""

    __tablename__ = "api_key"
    key: str = Field(primary_key=True)
    hash: str = Field(index=True, unique=True)
    account: str = Field(index=True)
    label: str = Field(sa_column=_text())
    created: int = Field(sa_column=_number())
    expires: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    revoked: bool


class FailedSignInRow(SQLModel, table=True):
    """What failed sign-ins have in common, an account or an address, as a SHA-256; and how many there were of late."""

    __tablename__ = "failed_sign_in"
    key: str = Field(primary_key=True)
    failures: int = Field(sa_column=_number())
    until: int = Field(sa_column=_number())  # the next try has to wait for it
    last: int = Field(sa_column=Column(BigInteger, nullable=False, index=True))


class AuditRecordRow(SQLModel, table=True):
    """A record of the audit log (`knowledge.audit_log`)."""

    __tablename__ = "audit_record"
    sequence: int = Field(
        sa_column=Column(
            BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False, nullable=False
        )
    )
    time: int = Field(sa_column=_number())
    person: str = Field(sa_column=_text())
    action: str = Field(sa_column=_text())
    subject: str = Field(sa_column=Column(Text, nullable=False, index=True))
    detail: str = Field(sa_column=_text())
    previous: str = Field(sa_column=_text())
    hash: str = Field(sa_column=_text())
