"""What is answered about a record of a shop or CRM, before its own interface is spoken: what is promised, or has left.

It is plain JSON, so that it can go into a folder as well; a source that hands it to its system writes it there by
`hand_over`.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from agents.sources.answers import SHIPPED, LineAnswer, Verdict, answers, overall
from agents.sources.exact import plain
from protocols.publishing import News, OrderNews, Parcel, ShippingOrderNews

_WORDS = {
    Verdict.HELD: "is being looked at",
    Verdict.REJECTED: "cannot be delivered",
    Verdict.CANCELLED: "is cancelled",
}


class LeftLine(BaseModel):
    """How much of a line has left, in the unit that was ordered in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: str
    quantity: Decimal


class RecordAnswer(BaseModel):
    """The answer about a record. `reference` is its id in its system, empty where that was not said.

    `text` says all of it for people. Of an order `verdict` says what becomes of it and `promised` by which day all that
    is promised is there; of goods that have left `shipping_order` is our number of them, and `left` what they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: str
    reference: str
    text: str
    verdict: Verdict | None = None
    promised: dt.date | None = None
    shipping_order: str = ""
    left: tuple[LeftLine, ...] = ()


def record_answers(news: News) -> Iterator[Parcel]:
    """The answer to news of an order, or of a shipping order that has left."""
    if isinstance(news, OrderNews):
        yield _parcel(f"answer-{news.number}", _promised(news))
    elif isinstance(news, ShippingOrderNews) and news.status == SHIPPED:
        yield _parcel(f"shipped-{news.shipping_order}", _left(news))


def fields(answer: RecordAnswer, names: Mapping[str, str], before: str) -> dict[str, str | None]:
    """The values of an answer by the names of fields that are to hold `promised`, `answer` and `shipped`.

    A date that is promised no more is emptied. What has left is a line for each shipping order: `before` is what the
    field holds, and is added to once.
    """
    if answer.shipping_order:
        lines = before.splitlines()
        told = lines if answer.text in lines else [*lines, answer.text]
        wanted: dict[str, str | None] = {"shipped": "\n".join(told)}
    else:
        wanted = {"promised": str(answer.promised) if answer.promised else None, "answer": answer.text}
    return {names[what]: value for what, value in wanted.items() if names[what]}


def read_answer(parcel: Parcel) -> RecordAnswer:
    """The answer of a parcel."""
    return RecordAnswer.model_validate_json(parcel.body)


def _promised(news: OrderNews) -> RecordAnswer:
    lines = answers(news)
    days = [promise.day for line in lines for promise in line.promises]
    return RecordAnswer(
        number=news.number,
        reference=news.reference,
        text="\n".join(map(_in_words, lines)),
        verdict=overall(lines),
        promised=max(days, default=None),
    )


def _left(shipped: ShippingOrderNews) -> RecordAnswer:
    left = tuple(LeftLine(line=line.line, quantity=Decimal(line.ordered or line.quantity)) for line in shipped.lines)
    told = "; ".join(f"line {line.line}: {plain(line.quantity)}" for line in left)
    text = f"{shipped.shipping_order} has left on {shipped.ship[:10]}: {told}"
    return RecordAnswer(
        number=shipped.number,
        reference=shipped.reference,
        text=text,
        shipping_order=shipped.shipping_order,
        left=left,
    )


def _in_words(line: LineAnswer) -> str:
    """What becomes of a line, for people."""
    said = ", ".join(f"{plain(promise.quantity)} by {promise.day}" for promise in line.promises)
    missing = line.quantity - line.promised
    if missing > 0 or not said:
        why = _WORDS.get(line.verdict, _WORDS[Verdict.REJECTED])
        said = "; ".join(filter(None, (said, f"{plain(missing)} {why}")))
    return f"line {line.name}: {said}{f' ({line.reason})' if line.reason else ''}"


def _parcel(name: str, answer: RecordAnswer) -> Parcel:
    body = json.dumps(answer.model_dump(mode="json"), ensure_ascii=False, indent=1).encode()
    return Parcel(f"{name}.json", body, "application/json")
