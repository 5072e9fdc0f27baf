"""Why a purchase row is bought where it is: the policy that chose between the offers, and what the next best costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from agents.planner.book import Book
from agents.planner.purchases import Buying, priced
from agents.planner.sourcing import Choice, Option, Sourced, cheapest, covers, outlay, quantities
from knowledge.awards import Award, Policy
from knowledge.supply import PurchaseRow


def award(book: Book, row: Buying) -> Award | None:
    """The award of a row that was bought for one or more needs; None where it is not known how it was bought."""
    if len(row.how) != 1:
        return _award(book, row) if row.how else None
    key, known = (id(row.how[0]), row.supplier), book.shop.awards
    found: tuple[Sourced, Award] | None = known.get(key)
    if found is None or found[0] is not row.how[0]:
        found = known[key] = row.how[0], _award(book, row)
    return found[1]


def _award(book: Book, row: Buying) -> Award:
    plant = book.shop.plant
    preferred = plant.sourcing == "preference"
    policies = {_policy(book, row, sourced, preferred) for sourced in row.how}
    nexts = [_next(sourced, row.supplier, book.shop.seed, cheaper=preferred) for sourced in row.how]
    spent = sum((_cost(sourced, sourced.choice) for sourced in row.how), Decimal(0))
    known = [(sourced, choice) for sourced, choice in zip(row.how, nexts, strict=True) if choice is not None]
    complete = len(known) == len(row.how)  # it is compared for all the needs, or not at all
    return Award(
        min(policies, key=_WEIGHT.index),
        spent,
        plant.currency,
        tuple(dict.fromkeys(name for entry in known for name in _suppliers(*entry))) if complete else (),
        sum((_cost(*entry) for entry in known), Decimal(0)) if complete else None,
        tuple(sorted(_late(book, row))),
    )


def row_award(book: Book, bought: Mapping[str, Buying], row: PurchaseRow) -> Award | None:
    """The award of a planned row by what it was made of; None for a row that is as it was."""
    made = bought.get(row.document)
    if made is None or (made.item, made.supplier, made.quantity, made.due) != (
        row.item,
        row.supplier,
        row.quantity,
        row.due,
    ):
        return None
    return award(book, made)


_WEIGHT = (
    Policy.PREFERENCE,
    Policy.SPLIT_EARLIER,
    Policy.SPLIT_CHEAPER,
    Policy.CHEAPEST,
    Policy.ONLY_IN_TIME,
    Policy.ONLY_OFFER,
)
"""Which policy a row is said to be bought by that was bought by several, for different needs: the first of these."""


def _policy(book: Book, row: Buying, sourced: Sourced, preferred: bool) -> Policy:
    in_time = {option.supplier for option in sourced.options}
    if len(in_time) == 1:
        return Policy.ONLY_OFFER if len(priced(book, row.item)) == 1 else Policy.ONLY_IN_TIME
    if preferred:
        return Policy.PREFERENCE
    if len(set(_suppliers(sourced, sourced.choice))) == 1:
        return Policy.CHEAPEST
    alone = any(covers(_of(sourced.options, supplier), sourced.need) for supplier in in_time)
    return Policy.SPLIT_CHEAPER if alone else Policy.SPLIT_EARLIER


def _next(sourced: Sourced, supplier: str, seed: int, *, cheaper: bool) -> Choice | None:
    """The best that does without a supplier; by preference, the cheapest of all; None where there is no other."""
    if cheaper:
        found = cheapest(sourced.options, sourced.need, seed)
        return None if found == sourced.choice else found
    others = tuple(option for option in sourced.options if option.supplier != supplier)
    return cheapest(others, sourced.need, seed) if others else None


def _late(book: Book, row: Buying) -> set[str]:
    """Suppliers that could not have brought some need of a row in time."""
    offered = {entry.offer.supplier for entry in priced(book, row.item)}
    return {name for sourced in row.how for name in offered - {option.supplier for option in sourced.options}}


def _of(options: Iterable[Option], supplier: str) -> list[Option]:
    return [option for option in options if option.supplier == supplier]


def _suppliers(sourced: Sourced, choice: Choice) -> list[str]:
    names = {option.offer: option.supplier for option in sourced.options}
    return [names[number] for number, _ in choice]


def _cost(sourced: Sourced, choice: Choice) -> Decimal:
    amounts = zip(sourced.options, quantities(sourced.options, choice), strict=True)
    return Decimal(outlay((option, units) for option, units in amounts if units)) / sourced.scale
