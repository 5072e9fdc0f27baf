"""Roles, permissions, and how far a person may answer approvals."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.access import (
    LOCAL,
    PERMISSIONS,
    AccessError,
    Permission,
    Person,
    Role,
    account_name,
    check_password,
    needed,
    roles_of,
    titles_of,
)
from knowledge.documents import ApprovalAnswer, Document, EngineeringRelease, GoodsReceipt


def someone(*roles: Role, **fields: object) -> Person:
    return Person("anna", frozenset(roles), **fields)  # type: ignore[arg-type]


def test_every_role_has_permissions_and_every_permission_is_somebodys() -> None:
    assert set(PERMISSIONS) == set(Role)
    given_to_any = frozenset[Permission]().union(*PERMISSIONS.values())
    assert given_to_any == set(Permission)
    assert all(Permission.READ in permissions for permissions in PERMISSIONS.values())


def test_every_kind_of_document_needs_a_permission_that_some_person_has() -> None:
    for kind in get_args(Document):
        assert any(needed(kind) in PERMISSIONS[role] for role in Role if role is not Role.INTEGRATOR), kind


def test_roles_add_up() -> None:
    both = someone(Role.FLOOR, Role.BUYER)
    assert both.permissions == PERMISSIONS[Role.FLOOR] | PERMISSIONS[Role.BUYER]
    assert someone().permissions == frozenset()


def test_an_integrator_brings_every_document_but_answers_to_approvals() -> None:
    integrator = someone(Role.INTEGRATOR)
    assert integrator.may_bring(GoodsReceipt(purchase_order="PO-1", quantity=Decimal(1)))
    assert integrator.may_bring(EngineeringRelease(item="X"))
    answer = ApprovalAnswer(approval="AP-000001", decision="approve")
    assert not integrator.may_bring(answer)
    assert someone(Role.MANAGER).may_bring(answer)
    assert not someone(Role.SALES).may_bring(EngineeringRelease(item="X"))


@pytest.mark.parametrize(
    ("person", "role", "value", "approves", "allowed"),
    [
        (someone(Role.MANAGER), "manager", None, True, True),
        (someone(Role.MANAGER), "director", None, True, False),
        (someone(Role.MANAGER, titles=frozenset({"director"})), "director", None, True, True),
        (someone(titles=frozenset({"director"})), "director", None, True, True),
        (someone(Role.BUYER), "manager", None, False, False),
        (someone(Role.MANAGER, limit=Decimal(5000)), "manager", Decimal(5000), True, True),
        (someone(Role.MANAGER, limit=Decimal(5000)), "manager", Decimal("5000.01"), True, False),
        (someone(Role.MANAGER, limit=Decimal(5000)), "manager", None, True, False),
        (someone(Role.MANAGER, limit=Decimal(5000)), "manager", Decimal(10**9), False, True),
        (LOCAL, "anybody", None, True, True),
    ],
)
def test_an_approval_is_answered_by_its_role_up_to_the_persons_limit(
    person: Person, role: str, value: Decimal | None, approves: bool, allowed: bool
) -> None:
    assert (person.why_not_answer(role, value, approves=approves) == "") is allowed


@given(st.decimals(0, 10**12, places=2), st.decimals(0, 10**12, places=2))
def test_who_may_approve_a_value_may_approve_every_lower_one(value: Decimal, lower: Decimal) -> None:
    person = someone(Role.MANAGER, limit=Decimal(5000))
    if lower <= value and not person.why_not_answer("manager", value, approves=True):
        assert not person.why_not_answer("manager", lower, approves=True)


def test_names_have_one_spelling() -> None:
    assert account_name("  Anna.Weber@Example.org ") == "anna.weber@example.org"


@pytest.mark.parametrize(
    "name", ["", " ", "../etc/passwd", "a b", "ä", "a" * 65, "<b>", "local", "policy", "-x", "a\0"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(AccessError):
        account_name(name)


def test_roles_and_titles_are_read_and_others_are_named() -> None:
    assert roles_of(["manager", " Sales"]) == {Role.MANAGER, Role.SALES}
    with pytest.raises(AccessError, match="roles are viewer, sales"):
        roles_of(["boss"])
    assert titles_of(["sales-manager"]) == {"sales-manager"}
    with pytest.raises(AccessError):
        titles_of(["sales manager"])


@pytest.mark.parametrize(
    "password", ["", "short", "aaaaaaaaaaaaaaaa", "annaannaannaanna", "x" * 1001, "abababababababab"]
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(AccessError):
        check_password(password, "anna")


def test_a_long_password_is_taken() -> None:
    check_password("correct horse battery", "anna")
