from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from agents.sources.answers import LineAnswer, Verdict, answers, overall
from tests.agents.sources.builders import order_news, part


def only(*parts: Any, **line: Any) -> LineAnswer:
    [found] = answers(order_news([{"line": "1", "item": "PUMP", "quantity": "10", **line}], parts))
    return found


WANTED, LATER = "2026-02-03T00:00:00+01:00", "2026-02-05T14:00:00+01:00"


@pytest.mark.parametrize(
    ("parts", "verdict", "promised"),
    [
        ([part("10", WANTED, WANTED)], Verdict.ACCEPTED, 10),
        ([part("10", WANTED, WANTED, status="at_risk")], Verdict.ACCEPTED, 10),
        ([part("10", None, LATER)], Verdict.ACCEPTED, 10),
        ([part("10", WANTED, LATER)], Verdict.CHANGED, 10),
        ([part("4", WANTED, WANTED), part("6", WANTED, LATER)], Verdict.CHANGED, 10),
        ([part("4", WANTED, WANTED), part("6", WANTED, None, status="infeasible")], Verdict.CHANGED, 4),
        ([part("10", WANTED, None, status="infeasible")], Verdict.REJECTED, 0),
        ([part("10", WANTED, None, status="question")], Verdict.HELD, 0),
        ([part("4", WANTED, WANTED), part("6", WANTED, None, status="awaiting_approval")], Verdict.HELD, 4),
        ([part("10", WANTED, None, status="cancelled")], Verdict.CANCELLED, 0),
        ([], Verdict.HELD, 0),
    ],
)
def test_the_parts_of_a_line_say_what_becomes_of_it(parts: list[Any], verdict: Verdict, promised: int) -> None:
    found = only(*parts)
    assert (found.verdict, found.promised) == (verdict, Decimal(promised))


def test_midnight_is_the_end_of_the_day_before() -> None:
    days = [promise.day for promise in only(part("4", WANTED, WANTED), part("6", WANTED, LATER)).promises]
    assert days == [dt.date(2026, 2, 2), dt.date(2026, 2, 5)]


def test_deliveries_that_were_asked_for_are_no_change() -> None:
    schedule = [{"quantity": "4", "requested": "2026-02-02"}, {"quantity": "6", "requested": "2026-02-05"}]
    found = only(part("4", WANTED, WANTED), part("6", LATER, LATER), quantity=None, schedule=schedule)
    assert (found.verdict, found.quantity) == (Verdict.ACCEPTED, Decimal(10))


def test_quantities_are_told_in_the_unit_of_the_order() -> None:
    dozens = only(part("12", WANTED, WANTED), part("24", WANTED, LATER), quantity="3")
    assert [promise.quantity for promise in dozens.promises] == [1, 2]
    thirds = only(part("1", WANTED, WANTED), part("2", WANTED, WANTED), quantity="1")
    assert [promise.quantity for promise in thirds.promises] == [Decimal("0.333333"), Decimal("0.666667")]


def test_an_item_is_called_by_our_number_and_reasons_stand_once() -> None:
    found = only(part("4", WANTED, LATER, reason="saw"), part("6", WANTED, LATER, reason="saw"), item="THEIRS")
    assert (found.item, found.reason) == ("PUMP", "saw")


def test_what_becomes_of_an_order_is_what_becomes_of_its_lines() -> None:
    accepted, rejected = only(part("10", WANTED, WANTED)), only(part("10", WANTED, None, status="infeasible"))
    held, cancelled = only(), only(part("10", WANTED, None, status="cancelled"))
    assert overall([accepted, accepted]) is Verdict.ACCEPTED
    assert overall([accepted, rejected]) is Verdict.CHANGED
    assert overall([accepted, cancelled]) is Verdict.ACCEPTED
    assert overall([rejected]) is Verdict.REJECTED
    assert overall([cancelled]) is Verdict.CANCELLED
    assert overall([accepted, held]) is overall([]) is Verdict.HELD
