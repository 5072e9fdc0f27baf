"""The lines of an EDIFACT ORDERS or ORDCHG: a LIN and the segments that belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agents.sources.edifact_codes import (
    DISCRETE,
    FIRM,
    FREE_GOODS,
    GROSS_PRICES,
    ITEM_NUMBERS,
    LINE_AMOUNT,
    LINE_SHARES,
    NET_PRICES,
    ORDERED,
    OWN_NUMBERS,
    SHARES,
)
from agents.sources.edifact_tokens import Segment
from agents.sources.edifact_values import (
    Owned,
    amount,
    most_telling,
    notes,
    owned,
    requested_date,
    ship_to,
    text_of,
)
from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, plain, product, total, unit_price
from agents.sources.texts import quoted

_TITLE = "AFM"
"""4451, free text that is the title of an article."""

_DESCRIPTIONS = {"", "8", "13", "ANM", "DSC"}
"""7081, characteristics of IMD that describe the article as a whole."""

_EXTRAS = {"ALC", "TAX", "PCD"}
"""Segments of allowances, charges and taxes, which come between a line's amount and quantity × price."""

Share = tuple[Decimal, str | None]
"""How much is wanted, and when."""


@dataclass(frozen=True, slots=True)
class Line:
    """A LIN as read: the order lines that it makes, and what the message's totals count it with."""

    drafts: tuple[dict[str, Any], ...]
    quantity: Decimal
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Context:
    """What lines are read with: the decimal mark of their interchange, and the currency of their order."""

    decimal: str = "."
    currency: str | None = None


def read_line(group: Sequence[Segment], context: Context) -> Line:
    """A LIN group as order lines: one, or one a place where LOC spreads the quantity over several."""
    name = line_name(group[0])
    what = f"line {quoted(name)}"
    parts = owned(group[1:])
    draft = line_fields(group, context)
    places = _places(parts, context, what)
    quantity = draft["quantity"]
    if quantity is None:
        spread = [each["quantity"] for each in draft["schedule"] or ()] or [s for p in places.values() for s, _ in p]
        if not spread:
            raise UnreadableError(f"{what} has no ordered quantity (QTY+21)")
        quantity = total(spread)
    draft["quantity"] = quantity
    goods = None if draft["price"] is None else product(quantity, unit_price(draft["price"], draft["price_base"], what))
    _check_amount(parts, goods, context, what)
    return Line(tuple(_by_place(draft, places, what)), quantity, goods)


def line_name(lin: Segment) -> str:
    """The number of a line. Raises UnreadableError where there is none."""
    if not lin.get(1):
        raise UnreadableError("a LIN has no line number")
    return lin.get(1)


def line_fields(group: Sequence[Segment], context: Context) -> dict[str, Any]:
    """What a LIN and the segments that belong to it say, as fields of a draft's line; None is not given."""
    name = line_name(group[0])
    what = f"line {quoted(name)}"
    if repeated := next((segment.tag for segment in group if segment.is_repeated), None):
        raise UnreadableError(f"{what}: {repeated} repeats an element, which is not read: send a segment for each")
    parts = owned(group[1:])
    quantity, uom = _quantity(parts, context, what)
    price, base = _price(parts, uom, context, what)
    schedule = _schedule(parts, uom, context, what)
    options = _Options()
    items = _items(group, options, what)
    description = _description(parts, options)
    _measures(parts, options)
    return {
        "line": name,
        "quantity": quantity,
        "uom": uom or None,
        "requested": None if schedule else requested_date(parts, what),
        "schedule": [{"quantity": share, "requested": when} for share, when in schedule] or None,
        "price": price,
        "price_base": base,
        "items": items,
        "description": description,
        "configuration": options.given or None,
        "text": notes(parts, but=_TITLE),
        "ship_to": ship_to(parts, what),
    }


class _Options:
    """What is said of an article beside its number: a value a name, several in a list."""

    def __init__(self) -> None:
        self.given: dict[str, Any] = {}

    def add(self, name: str, value: str) -> None:
        if not value:
            return
        known = self.given.setdefault(name, value)
        if isinstance(known, list):
            known.extend([value] if value not in known else [])
        elif known != value:
            self.given[name] = [known, value]


def _own(parts: Iterable[Owned]) -> Iterable[Segment]:
    """The segments of the line itself. Some partners send them behind a price, a reference or a party."""
    for part in parts:
        if part.tag in ("", "PRI", "RFF", "NAD"):
            yield from part.members


def _quantity(parts: Sequence[Owned], context: Context, what: str) -> tuple[Decimal | None, str]:
    """The ordered quantity and its unit."""
    found: dict[str, set[tuple[Decimal, str]]] = {}
    for qty in (segment for segment in _own(parts) if segment.tag == "QTY"):
        if qty.get(1) in FREE_GOODS:
            raise UnreadableError(
                f"{what}: free goods (QTY+{qty.get(1)}) are not read: send them as a line of their own"
            )
        if qty.get(1) in (ORDERED, DISCRETE):
            value = amount(qty.get(1, 2), context.decimal, f"{what}: quantity")
            found.setdefault(qty.get(1), set()).add((value, qty.get(1, 3)))
    stated = found.get(ORDERED) or found.get(DISCRETE) or set()
    if len(stated) > 1:
        shown = ", ".join(sorted(f"{plain(value)} {unit}".strip() for value, unit in stated))
        raise UnreadableError(f"{what} orders several quantities: {shown}")
    return next(iter(stated), (None, ""))


def _price(parts: Sequence[Owned], uom: str, context: Context, what: str) -> tuple[Decimal | None, Decimal]:
    """The price and the quantity of the line's unit that it is for. One that is only for information is none."""
    has_allowances = any(part.tag == "ALC" for part in parts)
    kinds = NET_PRICES if has_allowances else (*NET_PRICES, *GROSS_PRICES)
    prices: dict[str, set[tuple[Decimal, Decimal]]] = {}
    for part in parts:
        for cux in (part.opener,) if part.opener and part.tag == "CUX" else ():
            if context.currency and cux.get(1, 2) and cux.get(1, 2).upper() != context.currency:
                raise UnreadableError(f"{what} is priced in {cux.get(1, 2)}, the order in {context.currency}")
        pri = part.opener
        if pri is None or part.tag != "PRI" or pri.get(1) not in kinds or not pri.get(1, 2):
            continue
        base, unit = pri.get(1, 5), pri.get(1, 6)
        if unit and uom and unit != uom:
            raise UnreadableError(f"{what}: the price is for {unit}, the quantity in {uom}")
        value = amount(pri.get(1, 2), context.decimal, f"{what}: price")
        lot = amount(base, context.decimal, f"{what}: price base") if base else Decimal(1)
        if lot <= 0:
            raise UnreadableError(f"{what}: a price cannot be for a quantity of {plain(lot)}")
        prices.setdefault(pri.get(1), set()).add((value, lot))
    for kind in kinds:
        if kind in prices:
            if len(prices[kind]) > 1:
                shown = ", ".join(sorted(f"{plain(value)} for {plain(lot)}" for value, lot in prices[kind]))
                raise UnreadableError(f"{what}: PRI+{kind} gives several prices: {shown}")
            return next(iter(prices[kind]))
    return None, Decimal(1)


def _schedule(parts: Sequence[Owned], uom: str, context: Context, what: str) -> list[tuple[Decimal, str]]:
    """Deliveries that SCC groups name, or quantities with dates of the line itself."""
    found: list[Share] = list(_shares(_unowned(parts), LINE_SHARES, uom, context, what))
    for part in parts:
        if part.opener is None or part.tag != "SCC":
            continue
        shares = list(_shares(part.members, SHARES, uom, context, what))
        if shares and part.opener.get(1) not in FIRM:
            said = f"schedule (SCC) of commitment {quoted(part.opener.get(1))}"
            raise UnreadableError(f"{what} has a {said}, which is no firm order: send what is ordered")
        found.extend(shares)
    dated = [(share, when) for share, when in found if when]
    if len(dated) < len(found):
        raise UnreadableError(f"{what}: a quantity of its schedule has no requested date")
    return dated


def _unowned(parts: Sequence[Owned]) -> Sequence[Segment]:
    return parts[0].members


def _shares(segments: Sequence[Segment], kinds: set[str], uom: str, context: Context, what: str) -> Iterable[Share]:
    """Quantities of a kind among segments, each with the dates that follow it."""
    starts = [at for at, s in enumerate(segments) if s.tag == "QTY" and s.get(1) in kinds]
    for start, stop in zip(starts, (*starts[1:], len(segments)), strict=False):
        qty, following = segments[start], segments[start + 1 : stop]
        if qty.get(1, 3) and uom and qty.get(1, 3) != uom:
            raise UnreadableError(f"{what}: a delivery is in {qty.get(1, 3)}, the line in {uom}")
        dtms = [segment for segment in following if segment.tag == "DTM"]
        yield amount(qty.get(1, 2), context.decimal, f"{what}: quantity of a delivery"), most_telling(dtms, what)


def _places(parts: Sequence[Owned], context: Context, what: str) -> dict[str, list[Share]]:
    """How much goes where, and when: LOC groups with quantities."""
    found: dict[str, list[Share]] = {}
    for part in parts:
        if part.opener is None or part.tag != "LOC":
            continue
        if shares := list(_shares(part.members, SHARES, "", context, what)):
            place = part.opener.get(2) or part.opener.get(2, 4)
            if not place:
                raise UnreadableError(f"{what}: a LOC with a quantity names no place")
            found.setdefault(place, []).extend(shares)
    return found


def spread_over_places(group: Sequence[Segment]) -> bool:
    """Whether a line says how much of it goes where."""
    parts = owned(group[1:])
    return any(part.tag == "LOC" and any(segment.tag == "QTY" for segment in part.members) for part in parts)


def _by_place(draft: dict[str, Any], places: dict[str, list[Share]], what: str) -> Iterable[dict[str, Any]]:
    """The draft, or one a place."""
    if not places:
        return [draft]
    if draft["schedule"]:
        raise UnreadableError(f"{what} has both a schedule and places: which quantity goes where and when is not said")
    spread = total(share for shares in places.values() for share, _ in shares)
    if spread != draft["quantity"]:
        raise UnreadableError(f"{what}: its places come to {plain(spread)}, but {plain(draft['quantity'])} is ordered")
    return [
        {**draft, "ship_to": place, **_wanted(shares, draft["requested"], what)}
        | ({"line": f"{draft['line']}-{place}"} if len(places) > 1 else {})
        for place, shares in places.items()
    ]


def _wanted(shares: list[Share], otherwise: str | None, what: str) -> dict[str, Any]:
    quantity = total(share for share, _ in shares)
    if len(shares) == 1:
        return {"quantity": quantity, "requested": shares[0][1] or otherwise}
    if not all(when for _, when in shares):
        raise UnreadableError(f"{what}: a place has several quantities, and one of them no requested date")
    return {
        "quantity": quantity,
        "requested": None,
        "schedule": [{"quantity": share, "requested": when} for share, when in shares],
    }


def _items(group: Sequence[Segment], options: _Options, what: str) -> list[str]:
    """The numbers of the article, best first; every other number goes among the options."""
    numbers: dict[str, str] = {}
    for segment in group:
        if segment.tag == "LIN":
            given = [(segment.get(3), segment.get(3, 2))]
        elif segment.tag == "PIA" and segment.get(1) in OWN_NUMBERS:
            given = [(element[0], element[1] if len(element) > 1 else "") for element in segment.elements[1:]]
        elif segment.tag == "PIA":
            for element in segment.elements[1:]:
                options.add(f"PIA {segment.get(1)}", ":".join(part for part in element[:2] if part))
            continue
        else:
            continue
        for value, kind in given:
            if kind not in ITEM_NUMBERS:
                options.add(kind, value)
            elif value and numbers.setdefault(kind, value) != value:
                raise UnreadableError(
                    f"{what} has several item numbers of type {quoted(kind)}: {numbers[kind]}, {value}"
                )
    known = [kind for kind in ITEM_NUMBERS if kind in numbers]
    for kind in known[1:]:
        options.add(kind or "item", numbers[kind])
    return [numbers[kind] for kind in known]


def _description(parts: Sequence[Owned], options: _Options) -> str | None:
    """The words of IMD; one of a characteristic is an option. Without words, the title among the free texts."""
    words: list[str] = []
    for imd in (segment for part in parts for segment in part.members if segment.tag == "IMD"):
        described = imd.elements[2] if len(imd.elements) > 2 else ()
        text = text_of(described[3:5])
        if imd.get(2) in _DESCRIPTIONS:
            words.append(text)
        else:
            options.add(f"IMD {imd.get(2)}", text or imd.get(3))
    titles = (s for part in parts for s in part.members if s.tag == "FTX" and s.get(1) == _TITLE)
    found = list(dict.fromkeys(filter(None, words))) or [text_of(s.elements[3]) for s in titles if len(s.elements) > 3]
    return " ".join(found) or None


def _measures(parts: Sequence[Owned], options: _Options) -> None:
    """Measures (MEA) and characteristics (CCI, CAV) of a configured article."""
    for part in parts:
        characteristic = ""
        if part.opener and part.tag == "CCI":
            characteristic = part.opener.get(3, 4) or part.opener.get(3) or part.opener.get(1)
        for segment in part.members:
            if segment.tag == "MEA" and part.tag in ("", "CCI"):
                name = " ".join(filter(None, ("MEA", segment.get(1), segment.get(2))))
                options.add(name, " ".join(filter(None, (segment.get(3, 2), segment.get(3)))))
            elif segment.tag == "CAV" and characteristic:
                options.add(characteristic, segment.get(1, 4) or segment.get(1))


def _check_amount(parts: Sequence[Owned], goods: Decimal | None, context: Context, what: str) -> None:
    """A stated line amount is quantity × price, unless allowances, charges or taxes come in between."""
    members = [segment for part in parts for segment in part.members]
    if goods is None or any(part.tag in _EXTRAS for part in parts) or any(s.tag in _EXTRAS for s in members):
        return
    for moa in (segment for segment in _own(parts) if segment.tag == "MOA" and segment.get(1) == LINE_AMOUNT):
        stated = amount(moa.get(1, 2), context.decimal, f"{what}: MOA+{LINE_AMOUNT}")
        if not adds_up(stated, (goods,), context.currency):
            raise UnreadableError(
                f"{what}: MOA+{LINE_AMOUNT} is {plain(stated)}, but quantity × price is {plain(goods)}"
            )
