"""What would have to be true for a late order to be there on its date: overtime, or material that comes sooner.

The order is planned for its date in a plant that is given, one after the other, what the plan says it lacks: work
centres that never close, and material at once. What of it is used in the end is what the date would take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agents.planner.alternatives import bought
from agents.planner.book import Book, Commitment, Shop
from agents.planner.candidates import open_releases, take_out, too_many, trial, wanted_of
from agents.planner.covering import Violation
from agents.planner.promise import Promiser, Want, release_commitment
from agents.planner.regenerate import regenerate
from agents.planner.state import State
from knowledge.calendars import OPEN_ALWAYS
from knowledge.instants import iso
from knowledge.plant import Offer, Plant, Replenishment
from knowledge.quantities import show_units
from knowledge.supply import Release
from protocols.orders import OrderFacts

_MOST_GIVEN = 6
"""Items that are given what they lack before it is said that nothing helps."""

_AT_ONCE = "\0at once"
"""A supplier that there is not, who brings anything at once, dearer than all others, and is preferred to none."""

_LAST = 1_000_000


def needed_for_the_date(state: State, facts: OrderFacts) -> tuple[str, ...]:
    """The ways in which it could be, in words; none where the order is on time, or where no such thing helps."""
    releases = open_releases(state, facts.order)
    if not any(_is_late(release) for release in releases) or too_many(state, releases):
        return ()
    with trial(state):
        take_out(state, releases)
        wants = [each.want for each in wanted_of(state, releases)]
        together = releases[0].together
        centres = _closing(state.plant, [want.item for want in wants])
        ways = (_needed(state, wants, together, opened) for opened in (centres, {}))
        return tuple(dict.fromkeys(" and ".join(way) for way in ways if way))


def _is_late(release: Release) -> bool:
    return release.requested is not None and release.delivery > release.requested


def _closing(plant: Plant, items: Sequence[str]) -> dict[str, None]:
    """The work centres that are not always open of all the work for some items."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    left = list(items)
    while left:
        item = left.pop()
        if item in seen:
            continue
        seen.add(item)
        route, bom = plant.routes.get(item), plant.boms.get(item)
        for way in (way for step in (route.steps if route else ()) for way in step.alternatives):
            if not plant.work_centres[way.work_centre].calendar.always_open:
                found[way.work_centre] = None
        left.extend(part.item for part in (bom.components if bom else ()))
    return found


def _needed(state: State, wants: Sequence[Want], together: bool, opened: dict[str, None]) -> tuple[str, ...]:
    """What it takes with some work centres open from the start; of these, those that have to be are named."""
    hurried: dict[str, None] = {}
    for _ in range(_MOST_GIVEN):
        book, violation = _tried(state, wants, together, opened, hurried)
        if violation is None:
            break
        if not _give(state.plant, violation, opened, hurried):
            return ()
    else:
        return ()
    for centre in list(opened):  # a work centre that another can stand in for need not be open
        fewer = {code: None for code in opened if code != centre}
        without, violation = _tried(state, wants, together, fewer, hurried)
        if violation is None:
            book, opened = without, fewer
    return (*(f"overtime at {centre}" for centre in opened), *_materials(book, wants))


def _tried(
    state: State, wants: Sequence[Want], together: bool, opened: dict[str, None], hurried: dict[str, None]
) -> tuple[Book, Violation | None]:
    """The book of a plant that is given so much, with the wants in it, or what keeps them from their dates."""
    shop = Shop(_given(state.plant, opened, hurried), state.book.shop.origin, state.downtimes, state.seed)
    book = state.book.moved_to(shop)
    return book, _first_violation(book, wants, together)


def _first_violation(book: Book, wants: Sequence[Want], together: bool) -> Violation | None:
    """What keeps the wants from being promised for their dates; None where nothing does, and they are in the book."""
    promiser = Promiser(book, {})
    if together:
        needs = tuple((want.item, want.quantity, want.document) for want in wants)
        commitments = [Commitment(wants[0].document, max(want.ship for want in wants), needs, wants[0].sequence)]
    else:
        commitments = [release_commitment(want, 1, want.quantity, want.ship) for want in wants]
    for commitment in commitments:
        if not promiser.feasible(commitment):
            return promiser.violation
        book.add(commitment)
    return None


def _give(plant: Plant, violation: Violation, opened: dict[str, None], hurried: dict[str, None]) -> bool:
    """Give an item what it lacks; False where it has that already, or there is nothing to give."""
    item = plant.items[violation.item]
    if item.supply is Replenishment.BUY:
        new = item.code not in hurried and bool(plant.offers.get(item.code))
        hurried[item.code] = None
        return new
    closing = [centre for centre in _closing(replace(plant, boms={}), [item.code]) if centre not in opened]
    opened.update(dict.fromkeys(closing))
    return bool(closing)


def _given(plant: Plant, opened: dict[str, None], hurried: dict[str, None]) -> Plant:
    """The plant with work centres that never close, and suppliers of items who bring them at once."""
    centres = dict(plant.work_centres)
    for code in opened:
        centres[code] = replace(centres[code], calendar=OPEN_ALWAYS)
    offers = dict(plant.offers)
    for code in hurried:
        price = 1000 * max(price for offer in offers[code] for _, price in offer.breaks) + 1
        offers[code] = (*offers[code], Offer(_AT_ONCE, code, ((0, Decimal(price)),), preference=_LAST))
    return replace(plant, work_centres=centres, offers=offers)


def _materials(book: Book, wants: Sequence[Want]) -> list[str]:
    """What would have to come sooner than anybody brings it, and from when on."""
    plant = book.shop.plant
    groups = {book.shop.group_of[want.item] for want in wants}
    rows = [row for row in bought({g: regenerate(book, g) for g in sorted(groups)}) if row.supplier == _AT_ONCE]
    needed = {row.item: (min(r.due for r in rows if r.item == row.item), row.item) for row in rows}
    found = []
    for due, item in sorted(needed.values()):
        known, units = plant.items[item], sum(row.quantity for row in rows if row.item == item)
        found.append(f"{show_units(units, known.decimals)} {known.uom} of {item} from {iso(due, plant.zone)} on")
    return found
