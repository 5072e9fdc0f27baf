"""Who may do what: roles, the permissions that each gives, and how far a person may answer approvals.

A person's roles say which requests are taken from them. Which approvals they may answer is said by the rule's `role`
in plant.toml: it has to be one of their roles or `titles`, and what is approved must not be worth more than `limit`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from knowledge.documents import (
    ApprovalAnswer,
    ApprovalDelegation,
    CustomerOrder,
    Document,
    EngineeringRelease,
    GoodsReceipt,
    MachineDowntime,
    OperationReport,
    OrderCancel,
    OrderChange,
    ShipmentReport,
    StockCount,
    SupplierConfirmation,
)
from knowledge.errors import SocietyError


class AccessError(SocietyError):
    """An account, password, role or key that cannot be as it was asked for."""


class Role(StrEnum):
    """What somebody does at the plant."""

    VIEWER = "viewer"
    SALES = "sales"
    ENGINEER = "engineer"
    BUYER = "buyer"
    FLOOR = "floor"
    WAREHOUSE = "warehouse"
    MANAGER = "manager"
    OPERATOR = "operator"
    INTEGRATOR = "integrator"


class Permission(StrEnum):
    """What a request needs."""

    READ = "read"
    QUOTE = "quote"
    ENTER_ORDERS = "enter_orders"
    RELEASE_ENGINEERING = "release_engineering"
    CONFIRM_PURCHASES = "confirm_purchases"
    RECEIVE = "receive"  # goods receipts and stock counts
    REPORT_OPERATIONS = "report_operations"  # work orders and machines that are down
    SHIP = "ship"
    ANSWER_APPROVALS = "answer_approvals"  # those that policy puts before one of the person's roles or titles
    CHANGE_KNOWLEDGE = "change_knowledge"
    READ_AUDIT_LOG = "read_audit_log"
    OPERATE = "operate"  # dead letters, quarantine, accounts
    SUBMIT_ANY = "submit_any"  # every document but answers to approvals, and who may give them


_P = Permission

PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.VIEWER: frozenset({_P.READ}),
    Role.SALES: frozenset({_P.READ, _P.QUOTE, _P.ENTER_ORDERS, _P.ANSWER_APPROVALS}),
    Role.ENGINEER: frozenset({_P.READ, _P.QUOTE, _P.RELEASE_ENGINEERING, _P.ANSWER_APPROVALS}),
    Role.BUYER: frozenset({_P.READ, _P.QUOTE, _P.CONFIRM_PURCHASES, _P.ANSWER_APPROVALS}),
    Role.FLOOR: frozenset({_P.READ, _P.REPORT_OPERATIONS, _P.ANSWER_APPROVALS}),
    Role.WAREHOUSE: frozenset({_P.READ, _P.RECEIVE, _P.SHIP, _P.ANSWER_APPROVALS}),
    Role.MANAGER: frozenset(
        {_P.READ, _P.QUOTE, _P.ENTER_ORDERS, _P.ANSWER_APPROVALS, _P.CHANGE_KNOWLEDGE, _P.READ_AUDIT_LOG}
    ),
    Role.OPERATOR: frozenset({_P.READ, _P.CHANGE_KNOWLEDGE, _P.READ_AUDIT_LOG, _P.OPERATE}),
    Role.INTEGRATOR: frozenset({_P.READ, _P.QUOTE, _P.SUBMIT_ANY}),
}

_NEEDED: Final[dict[type[Document], Permission]] = {
    CustomerOrder: _P.ENTER_ORDERS,
    OrderChange: _P.ENTER_ORDERS,
    OrderCancel: _P.ENTER_ORDERS,
    EngineeringRelease: _P.RELEASE_ENGINEERING,
    SupplierConfirmation: _P.CONFIRM_PURCHASES,
    GoodsReceipt: _P.RECEIVE,
    StockCount: _P.RECEIVE,
    OperationReport: _P.REPORT_OPERATIONS,
    MachineDowntime: _P.REPORT_OPERATIONS,
    ShipmentReport: _P.SHIP,
    ApprovalAnswer: _P.ANSWER_APPROVALS,
    ApprovalDelegation: _P.ANSWER_APPROVALS,
}

SUBMITTING: Final = frozenset({*_NEEDED.values(), _P.SUBMIT_ANY})
"""Permissions of which one is needed to bring any document at all."""


def needed(kind: type[Document]) -> Permission:
    """What bringing a kind of document needs."""
    return _NEEDED[kind]


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever asks. `limit` is what they may approve at most, in the plant's currency; None is any value.

    `unbound` is the one on a machine whose society has no accounts: every role, every title, no limit.
    """

    name: str
    roles: frozenset[Role] = frozenset()
    titles: frozenset[str] = frozenset()
    limit: Decimal | None = None
    unbound: bool = False

    @property
    def permissions(self) -> frozenset[Permission]:
        """What any of the roles gives; a title alone gives the answering of what is put before it."""
        given = frozenset[Permission]().union(*(PERMISSIONS[role] for role in self.roles))
        return given | {Permission.ANSWER_APPROVALS} if self.titles else given

    def may(self, permission: Permission) -> bool:
        """Whether a request that needs this is taken."""
        return permission in self.permissions

    def may_bring(self, document: Document) -> bool:
        """Whether a document is taken from this person, as far as its kind goes."""
        permission = needed(type(document))
        any_kind = permission is not Permission.ANSWER_APPROVALS and self.may(Permission.SUBMIT_ANY)
        return any_kind or self.may(permission)

    def why_not_answer(
        self, role: str, value: Decimal | None, *, approves: bool, stand_ins: Collection[str] = ()
    ) -> str:
        """Why this person may not answer an approval that is put before a role; empty where they may.

        `stand_ins` are the names of those to whom the role is handed over just now. A value that nobody knows counts
        as over any limit. Whoever may answer may reject, whatever the value.
        """
        if self.unbound:
            return ""
        if role not in self.titles and role not in self.roles and self.name not in stand_ins:
            return f"this approval is put before {role}, and {self.name} is none"
        if approves and self.limit is not None and (value is None or value > self.limit):
            worth = "of a value that is not known" if value is None else f"over {value:f}"
            return f"{self.name} may approve up to {self.limit:f}; this is {worth}"
        return ""

    def why_not_hand_over(self, role: str) -> str:
        """Why this person may not let another stand in for a role; empty where they may."""
        if self.unbound or role in self.titles or role in self.roles:
            return ""
        return f"only a {role} hands that role over, and {self.name} is none"


LOCAL: Final = Person("local", frozenset(Role), unbound=True)
"""Who asks while there is no account: whoever can reach the loopback of the machine."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_TITLE = re.compile(r"[^\s,;\x00-\x1f]{1,64}")
_RESERVED = frozenset({LOCAL.name, "auto", "policy", "silence"})
SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 1000


def account_name(text: str) -> str:
    """An account's name in its one spelling: names differ in more than the case of letters. Raises AccessError."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise AccessError(
            f"account name {text!r}: write 1 to 64 letters a-z, digits and . _ @ + -, beginning with a letter or digit"
        )
    if name in _RESERVED:
        raise AccessError(f"account name {name}: that is what the society itself signs with; take another")
    return name


def roles_of(texts: Iterable[str]) -> frozenset[Role]:
    """Roles by name. Raises AccessError."""
    try:
        return frozenset(Role(text.strip().lower()) for text in texts)
    except ValueError as error:
        raise AccessError(f"{error}; roles are {', '.join(Role)}") from error


def titles_of(texts: Iterable[str]) -> frozenset[str]:
    """Titles as the rules of plant.toml name them. Raises AccessError."""
    titles = frozenset(text.strip() for text in texts)
    for title in titles:
        if not _TITLE.fullmatch(title):
            raise AccessError(f"title {title!r}: write it as `role` or `escalate_to` of a rule in plant.toml does")
    return titles


def check_password(password: str, name: str) -> None:
    """Refuse a password that is short, or hardly more than the account's name. Raises AccessError."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise AccessError(f"the password has to have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if len(set(password)) < 5 or len(password.lower().replace(name, "")) < SHORTEST_PASSWORD // 2:
        raise AccessError("the password is too easy to guess: do not repeat few characters or the account's name")
