"""What the tables of a plant mean together, and which combinations are mistakes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from knowledge.errors import KnowledgeError
from knowledge.plant import LotRule, Plant
from knowledge.reading import read_plant

ITEMS = "item,decimals,supply\nPUMP,0,make\nBODY,0,make\nSHAFT,0,make\nBOLT,0,buy\nOIL,2,buy\n"


def plant(**files: str) -> Plant:
    return read_plant({"items.csv": ITEMS, **{f"{name}.csv": text for name, text in files.items()}})


def problems(**files: str) -> list[str]:
    with pytest.raises(KnowledgeError) as error:
        plant(**files)
    return str(error.value).split("\n")


# Items


def test_a_lot_minimum_need_not_be_a_multiple() -> None:
    assert plant(items="item,lot_minimum,lot_multiple\nA,7,5\n").items["A"].lot == LotRule(7, None, 5)


@pytest.mark.parametrize(
    ("lot", "text"),
    [
        ("8,7,1", "7 is below the lot minimum 8"),
        ("0,5,10", "5 is below the lot multiple 10"),
        ("5,7,4", "no multiple of 4 lies between the lot minimum 5 and 7"),
    ],
)
def test_a_lot_that_cannot_exist_is_a_problem(lot: str, text: str) -> None:
    found = problems(items=f"item,lot_minimum,lot_maximum,lot_multiple\nA,{lot}\n")
    assert found == [f"items.csv:2:lot_maximum: {text}"]


# BOMs and routes


def test_the_revision_of_the_last_row_is_in_force_and_others_are_kept_out() -> None:
    bom = plant(bom="parent,component,quantity,revision\nPUMP,BODY,1,A\nPUMP,BODY,2,B\nPUMP,BOLT,1,A\nPUMP,BOLT,4,B\n")
    assert [(line.item, str(line.quantity)) for line in bom.boms["PUMP"].components] == [("BODY", "2"), ("BOLT", "4")]


def test_no_revision_is_a_revision_too() -> None:
    read = plant(bom="parent,component,quantity,revision\nPUMP,BODY,1,A\nPUMP,BODY,2,\n").boms["PUMP"]
    assert (read.revision, str(read.components[0].quantity)) == ("", "2")


def test_a_revision_out_of_force_may_contain_itself() -> None:
    read = plant(bom="parent,component,quantity,revision\nPUMP,BODY,1,\nBODY,PUMP,1,A\nBODY,BOLT,1,B\n")
    assert read.boms["BODY"].revision == "B"


def test_each_cycle_is_told_once_at_its_first_row() -> None:
    bom = "parent,component,quantity\nBODY,SHAFT,1\nPUMP,BODY,1\nSHAFT,PUMP,1\nSHAFT,BODY,1\nOIL,OIL,1\n"
    assert [problem.partition(" is a cycle")[0] for problem in problems(bom=bom)] == [
        "bom.csv:2:component: BODY → SHAFT → BODY",
        "bom.csv:3:component: PUMP → BODY → SHAFT → PUMP",
        "bom.csv:6:component: OIL → OIL",
    ]


def test_a_very_long_cycle_is_shown_short() -> None:
    names = [f"I{n}" for n in range(100)]
    bom = "".join(f"{one},{other},1\n" for one, other in zip(names, names[1:] + names[:1], strict=True))
    (problem,) = problems(items="\n".join(["item", *names]), bom="parent,component,quantity\n" + bom)
    assert "I0 → I1 → " in problem
    assert " → 81 more → " in problem
    assert problem.count("→") == 20


def test_a_made_item_needs_neither_bom_nor_route_and_a_bought_one_no_offer() -> None:
    read = plant()
    assert (read.boms, read.routes, read.offers) == ({}, {}, {})


def test_a_route_names_work_centres_that_are_described() -> None:
    assert problems(routes="item,step,work_centre\nPUMP,10,ASM\n") == [
        "routes.csv:2:work_centre: unknown work centre 'ASM'; it has no row in work_centres.csv"
    ]


def test_steps_are_in_file_order_where_one_is_no_number() -> None:
    routes = "item,step,work_centre\nPUMP,30,W\nPUMP,10a,W\nPUMP,20,W\nBODY,030,W\nBODY,4,W\n"
    read = plant(routes=routes, work_centres="work_centre\nW\n").routes
    assert [step.step for step in read["PUMP"].steps] == ["30", "10a", "20"]
    assert [step.step for step in read["BODY"].steps] == ["4", "030"]


# Working time


def test_shifts_may_touch_and_a_day_may_end_at_24() -> None:
    read = plant(calendars="calendar,weekday,start,end\nw,1,00:00,08:00\nw,1,08:00,24:00\nv,1,07:00,09:00\n")
    assert [(shift.start, shift.end) for shift in read.calendars["w"].shifts] == [(0, 480), (480, 1440)]


def test_a_shift_over_midnight_is_told_how_to_be_split() -> None:
    assert problems(calendars="calendar,weekday,start,end\nw,1,22:00,00:00\n") == [
        "calendars.csv:2:end: 00:00 is not after 22:00; split a shift over midnight at 24:00"
    ]


def test_a_calendar_of_holidays_only_would_never_be_open() -> None:
    assert problems(holidays="calendar,date\nw,2026-12-25\n") == [
        "holidays.csv:2:calendar: calendar 'w' has no shift in calendars.csv, so it would never be open"
    ]


# Purchasing


def test_a_lowest_price_above_nothing_is_a_minimum() -> None:
    (offer,) = plant(offers="supplier,item,price_from,unit_price,minimum\nS,OIL,2.50,1,1\nS,OIL,9,0.5,\n").offers["OIL"]
    assert (offer.lot.minimum, offer.breaks[0][0]) == (250, 250)


def test_prices_may_rise_and_be_nothing() -> None:
    (offer,) = plant(offers="supplier,item,price_from,unit_price\nS,BOLT,10,2\nS,BOLT,0,0\n").offers["BOLT"]
    assert offer.breaks == ((0, Decimal(0)), (10, Decimal(2)))


def test_terms_are_given_in_any_row_of_an_offer_and_an_empty_cell_contradicts_none() -> None:
    head = "supplier,item,price_from,unit_price,lead_time_days,preference\n"
    (offer,) = plant(offers=head + "S,BOLT,0,2,,3\nS,BOLT,10,1,7,\n").offers["BOLT"]
    assert (offer.lead_time.days, offer.preference) == (7, 3)
    assert problems(offers=head + "S,BOLT,0,2,7,3\nT,BOLT,0,2,9,1\nS,BOLT,10,1,8,3\n") == [
        "offers.csv:4:lead_time_days: '8' is not what row 2 says; rows of one supplier and item differ in prices only"
    ]


def test_the_same_term_may_be_written_in_two_ways() -> None:
    assert plant(offers="supplier,item,price_from,unit_price,minimum\nS,OIL,0,2,5\nS,OIL,9,1,5.00\n").offers["OIL"]


def test_without_suppliers_csv_any_supplier_may_be_named() -> None:
    orders = "kind,number,item,quantity,due,supplier\npurchase_order,P1,BOLT,5,2026-02-02,S\n"
    offers = "supplier,item,unit_price\nS,BOLT,1\n"
    assert plant(offers=offers, open_orders=orders).open_orders[0].supplier == "S"
    found = problems(offers=offers, open_orders=orders, suppliers="supplier\nT\n")
    assert [problem.partition(":")[0] for problem in found] == ["offers.csv", "open_orders.csv"]


def test_the_plants_own_currency_needs_no_rate_and_has_no_other_than_1() -> None:
    assert plant(suppliers="supplier,currency\nS,EUR\n").suppliers["S"].currency == "EUR"
    assert plant(rates="currency,rate\nEUR,1.00\n").rate("EUR") == 1
    assert problems(rates="currency,rate\nEUR,1.1\n") == [
        "rates.csv:2:rate: 1.1 is not 1, but EUR is the plant's own currency"
    ]


def test_a_wrong_rate_convicts_no_supplier() -> None:
    assert len(problems(rates="currency,rate\nUSD,much\n", suppliers="supplier,currency\nS,USD\n")) == 1


# Opening balances


ORDERS = "kind,number,item,quantity,due,supplier\n"


def test_a_purchase_order_may_have_a_row_for_each_delivery_of_one_supplier() -> None:
    deliveries = ("BOLT,5,2026-02-02", "BOLT,5,2026-02-09", "OIL,5,2026-02-02")
    rows = "".join(f"purchase_order,P,{delivery},S\n" for delivery in deliveries)
    assert len(plant(open_orders=ORDERS + rows).open_orders) == 3
    again = "purchase_order,P,BOLT,7,2026-02-02T00:00Z,S\npurchase_order,P,BOLT,5,2026-02-16,\n"
    assert problems(open_orders=ORDERS + rows + again) == [
        "open_orders.csv:5:item: this delivery of purchase order 'P' is given in row 2 already",
        "open_orders.csv:6:supplier: purchase order 'P' has another supplier in row 2",
    ]


def test_a_work_order_has_one_row_and_shares_its_number_with_none() -> None:
    rows = "work_order,W,BODY,5,2026-02-02,\nwork_order,W,PUMP,5,2026-02-02,\npurchase_order,W,BOLT,5,2026-02-02,\n"
    assert problems(open_orders=ORDERS + rows) == [
        "open_orders.csv:3:number: order 'W' is given in row 2 already",
        "open_orders.csv:4:number: order 'W' is given in row 2 already",
    ]


def test_an_order_may_start_when_it_is_due_but_not_after() -> None:
    head = "kind,number,item,quantity,start,due\n"
    assert plant(open_orders=head + "work_order,W,BODY,5,2026-02-02,2026-02-02\n").open_orders
    assert problems(open_orders=head + "work_order,W,BODY,5,2026-02-02T00:01,2026-02-02\n") == [
        "open_orders.csv:2:start: 2026-02-02T00:01 is after the due time 2026-02-02"
    ]


# Names


def test_the_same_foreign_number_may_mean_different_items_to_different_sources() -> None:
    read = plant(aliases="source,foreign_item,item\nshop,1,PUMP\nedi,1,BODY\n")
    assert (read.aliases["shop", "1"].item, read.aliases["edi", "1"].item) == ("PUMP", "BODY")


def test_an_items_own_unit_is_one_of_itself() -> None:
    assert plant(uom_conversions="item,uom,factor\nBOLT,EA,1\n").uom_conversions
    assert problems(uom_conversions="item,uom,factor\nBOLT,EA,10\n") == [
        "uom_conversions.csv:2:factor: 10 is not 1, but 'EA' is the item's own unit"
    ]


# Folders as others write them


def test_a_folder_with_every_optional_cell_empty_has_the_defaults() -> None:
    read = read_plant(
        {
            "plant.toml": 'name = "t"\ntimezone = "UTC"\ncurrency = "EUR"\n',
            "items.csv": "item,description,uom,decimals,kind,supply,lead_time_days,lead_time_calendar,safety_stock,"
            "lot_minimum,lot_maximum,lot_multiple,unit_cost\nFP,,EA,0,finished,make,2,work,,,,,1\nPP,,EA,0,raw,buy,,,,,,,1\n",
            "bom.csv": "parent,component,quantity,scrap_percent,revision\nFP,PP,2,,\n",
            "calendars.csv": "calendar,weekday,start,end\nwork,1,00:00,24:00\n",
            "customers.csv": "customer,name,priority,partial_shipments,transit_days\nA,A,5,yes,0\nP1,,1,yes,0\n",
            "suppliers.csv": "supplier,name,currency,order_cost\nS,,EUR,0\n",
            "offers.csv": "supplier,item,price_from,unit_price,minimum,multiple,lead_time_days,lead_time_calendar,"
            "capacity_per_week,preference\nS,PP,0,1,0,1,0,,,1\n",
            "open_orders.csv": "kind,number,item,quantity,start,due,supplier,status\n"
            "purchase_order,PO1,PP,5,,2024-06-13,S,released\nwork_order,WO1,FP,12,2024-06-25,2024-06-26,,firm\n",
        }
    )
    assert read.offers["PP"][0].lot == LotRule()
    assert read.items["PP"].lead_time.calendar is None
    assert len(read.open_orders) == 2
