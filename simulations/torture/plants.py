"""Plants by chance: three or four levels, the last one bought, in the contract's own files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from random import Random

from simulations.torture.documents import START

CUSTOMERS = ("ANY", "WHOLE", "FEW")

_SETTINGS = 'name = "random"\ntimezone = "{zone}"\ncurrency = "EUR"\nrelease_horizon_days = {horizon}\n'
_RULE = """
[[approvals]]
decision = "{decision}"
when = {when}
action = "ask"
role = "manager"
deadline_hours = {hours}
on_silence = "{silence}"
"""
_ASKED = (("promise", '{ customer = "ANY" }'), ("promise", "{ late_over_days = 2 }"))
_CUSTOMER_ROWS = (
    "customer,priority,partial_shipments,most_releases,minimum_release_percent,transit_days\n"
    "ANY,5,yes,,,0\nWHOLE,2,no,,,0\nFEW,1,yes,2,25,1\n"
)
_ITEM = "item kind supply lead_time_days lead_time_calendar safety_stock lot_minimum lot_maximum lot_multiple"
_OFFER = "supplier item price_from unit_price minimum multiple lead_time_days lead_time_calendar capacity_per_week"
_ROUTES: tuple[tuple[tuple[int, str], ...], ...] = (
    (),
    ((10, "W0"),),
    ((10, "W1"),),
    ((10, "W0"), (20, "W1")),
    ((10, "W0"), (10, "W1")),
)
"""No route, one step, two steps, one step that two work centres can do."""


def table(columns: str, rows: Iterable[Iterable[object]]) -> str:
    """A CSV file."""
    lines = [columns.replace(" ", ",")]
    lines.extend(",".join("" if cell is None else str(cell) for cell in row) for row in rows)
    return "\n".join(lines) + "\n"


def plant(dice: Random) -> dict[str, str]:
    """The files of a plant."""
    sizes = [dice.randint(1, 2) for _ in range(dice.choice((3, 3, 4)))]
    levels = [[f"L{level}-{n}" for n in range(size)] for level, size in enumerate(sizes)]
    made, bought = [item for level in levels[:-1] for item in level], levels[-1]
    return {
        "plant.toml": _settings(dice),
        "customers.csv": _CUSTOMER_ROWS,
        "calendars.csv": _calendars(dice),
        **_about(dice, levels),
        **_stock(dice, [*made, *bought]),
    }


def version(dice: Random, files: dict[str, str]) -> dict[str, str]:
    """Another version of a plant: some of its files are drawn anew for the same items and work centres."""
    levels: list[list[str]] = []
    for item in items_of(files):
        level = int(item[1:].partition("-")[0])
        levels.extend([] for _ in range(level + 1 - len(levels)))
        levels[level].append(item)
    new = {**_about(dice, levels), "calendars.csv": _calendars(dice)}
    changed = [name for name in sorted(new) if dice.random() < 0.3] or ["offers.csv"]
    return {**files, **{name: new[name] for name in changed}}


def items_of(files: dict[str, str]) -> list[str]:
    """The items of a plant's files."""
    return [line.partition(",")[0] for line in files["items.csv"].splitlines()[1:]]


def _settings(dice: Random) -> str:
    zone = dice.choice(("UTC", "UTC", "Europe/Berlin", "America/New_York"))
    text = _SETTINGS.format(zone=zone, horizon=dice.choice((0, 2)))
    text += f"frozen_horizon_days = {dice.choice((0, 0, 3))}\n" + dice.choice(("", 'sourcing = "preference"\n'))
    if dice.random() < 0.1:
        decision, when = dice.choice(_ASKED)
        silence = dice.choice(("approve", "reject", "wait"))
        text += _RULE.format(decision=decision, when=when, hours=dice.choice((4, 30)), silence=silence)
    return text


def _calendars(dice: Random) -> str:
    shifts = dice.choice((("08:00,12:00", "13:00,17:00"), ("06:00,22:00",), ("06:00,22:00",), ("09:30,11:00",)))
    rows = [f"day,{day},{shift}\n" for day in range(1, 6) for shift in shifts]
    return "calendar,weekday,start,end\n" + "".join(rows)


def _about(dice: Random, levels: list[list[str]]) -> dict[str, str]:
    """Items, how they are made, and where they are bought."""
    made = [item for level in levels[:-1] for item in level]
    return {
        "items.csv": _items(dice, made, levels[-1]),
        "bom.csv": table("parent component quantity scrap_percent", _bom(dice, levels)),
        "work_centres.csv": _work_centres(dice),
        "routes.csv": table("item step work_centre setup_minutes run_minutes", _routes(dice, made)),
        **_purchasing(dice, levels[-1]),
    }


def _items(dice: Random, made: list[str], bought: list[str]) -> str:
    rows: list[tuple[object, ...]] = []
    for item in made:
        lots = dice.choice([(None, None, None)] * 3 + [(6, None, None), (None, 12, None), (None, None, 4), (6, 12, 4)])
        days, calendar = dice.choice((0, 1, 3)), dice.choice((None, "day"))
        rows.append((item, "intermediate", "make", days, calendar, dice.choice((0, 0, 0, 5)), *lots))
    rows.extend((item, "raw", "buy", 0, None, dice.choice((0, 0, 5)), None, None, None) for item in bought)
    return table(_ITEM, rows)


def _bom(dice: Random, levels: list[list[str]]) -> list[tuple[object, ...]]:
    """Each made item takes one or two items of the levels below; at least one of the next."""
    rows: list[tuple[object, ...]] = []
    for level, items in enumerate(levels[:-1]):
        below = [item for deeper in levels[level + 1 :] for item in deeper]
        for item in items:
            parts = {dice.choice(levels[level + 1]), *dice.sample(below, dice.choice((0, 1)))}
            rows.extend((item, part, dice.randint(1, 3), dice.choice((0, 10))) for part in sorted(parts))
    return rows


def _work_centres(dice: Random) -> str:
    rows = [(c, dice.randint(1, 2), dice.choice((None, "day")), dice.choice((100, 80))) for c in ("W0", "W1")]
    return table("work_centre machines calendar efficiency_percent", rows)


def _routes(dice: Random, made: list[str]) -> list[tuple[object, ...]]:
    return [
        (item, step, centre, dice.choice((0, 30)), dice.choice((0, 2, "5.5", 20)))
        for item in made
        for step, centre in dice.choice(_ROUTES)
    ]


def _purchasing(dice: Random, bought: list[str]) -> dict[str, str]:
    offers: list[tuple[object, ...]] = []
    for item in bought:
        for supplier in dice.choice((("S0",), ("S0", "S1"), ("S0", "S1"), ("S1",))):
            lots = dice.choice(((0, 1), (10, 1), (0, 5), (7, 3)))
            lead = dice.choice(((0, None), (2, None), (5, "day"), (10, None)))
            capacity, preference, price = dice.choice((None, None, 30)), dice.randint(1, 2), dice.randint(1, 5)
            for start, cheaper in dice.choice((((0, 0),), ((0, 0), (20, 1)))):
                offers.append((supplier, item, start, price - cheaper * 0.5, *lots, *lead, capacity, preference))
    costs = [(code, 25 if dice.random() < 0.08 else 0) for code in ("S0", "S1")]
    return {
        "offers.csv": table(f"{_OFFER} preference", offers),
        "suppliers.csv": table("supplier order_cost", costs),
    }


def _stock(dice: Random, items: list[str]) -> dict[str, str]:
    reserving = dice.random() < 0.2
    stock: list[tuple[object, ...]] = [(item, dice.randint(0, 15), None) for item in items]
    stock += [(item, dice.randint(1, 12), dice.choice(CUSTOMERS)) for item in items if reserving]
    opening: list[tuple[object, ...]] = []
    due = dice.choice((None, 3, 12))
    if due is not None:
        day = (START + dt.timedelta(days=due)).date()
        opening.append(("purchase_order", "OLD-1", items[-1], dice.randint(1, 20), day, "S0", "released"))
    return {
        "stock.csv": table("item quantity customer", stock),
        "open_orders.csv": table("kind number item quantity due supplier status", opening),
    }
