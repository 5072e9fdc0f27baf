from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.sources.errors import UnreadableError
from agents.sources.x12_lines import date, read_line, requested_date, ship_to
from agents.sources.x12_tokens import Segment


def segments(*texts: str) -> list[Segment]:
    return [Segment(text.split("*")[0], tuple(text.split("*")[1:]), text) for text in texts]


def line(*texts: str) -> dict[str, Any]:
    [draft] = read_line(segments(*texts), 1).drafts
    return draft


def complaint(*texts: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        read_line(segments(*texts), 1)
    return str(caught.value)


def test_a_plain_line_is_read_with_its_words() -> None:
    draft = line(
        "PO1*10*3*EA*149.50*PE*VP*CAB", "PID*F****Cabinet", "PID*F****white", "MSG*to plan", "DTM*002*20260202"
    )
    assert draft == {
        "line": "10",
        "items": ["CAB"],
        "description": "Cabinet white",
        "quantity": Decimal(3),
        "uom": "EA",
        "requested": "2026-02-02",
        "schedule": None,
        "price": Decimal("149.50"),
        "configuration": None,
        "text": "to plan",
        "ship_to": None,
    }


def test_a_line_without_number_is_counted() -> None:
    assert read_line(segments("PO1**3*EA*1**VP*A"), 7).drafts[0]["line"] == "7"


@pytest.mark.parametrize(
    ("ids", "item", "others"),
    [
        ("BP*B1*VP*V1", "V1", {"BP": "B1"}),
        ("VN*V1*BP*B1*UP*0123", "V1", {"BP": "B1", "UP": "0123"}),
        ("UP*0123*BP*B1", "B1", {"UP": "0123"}),
        ("**BP*B1", "B1", None),
        ("ZZ*Z1", None, {"ZZ": "Z1"}),
        ("VP**BP*B1", "B1", None),
    ],
)
def test_our_own_number_names_the_item_before_the_buyer_s(ids: str, item: str, others: dict[str, str]) -> None:
    draft = line(f"PO1*1*3*EA*1**{ids}")
    assert (next(iter(draft["items"]), None), draft["configuration"]) == (item, others)


def test_sublines_are_kept_in_the_configuration() -> None:
    assert line("PO1*1*1*EA*1**VP*KIT", "SLN*1**I*2*EA")["configuration"] == {"SLN": ["1 I 2 EA"]}


def test_ids_that_cannot_be_told_apart_are_refused() -> None:
    assert "no qualifier" in complaint("PO1*1*3*EA*1***A")
    assert "'VP' stands twice" in complaint("PO1*1*3*EA*1**VP*A*VP*B")


@pytest.mark.parametrize(
    ("unit", "price", "basis", "of_one"),
    [
        ("EA", "1.50", "", "1.50"),
        ("EA", "1.50", "PE", "1.50"),
        ("YD", "2.53", "WE", "2.53"),
        ("EA", "1.50", "UM", "1.50"),
        ("EA", "1.50", "CP", "1.50"),
        ("EA", "150", "HP", "1.5"),
        ("EA", "150.00", "TP", "0.15000"),
        ("HU", "150", "HP", "150"),
        ("TH", "15", "HP", "150"),
        ("EA", "12", "PD", "1"),
        ("LB", "3.10", "PP", "3.10"),
        ("FT", "250", "HF", "2.5"),
        ("EA", "0", "", "0"),
    ],
)
def test_a_price_is_of_one_of_the_unit(unit: str, price: str, basis: str, of_one: str) -> None:
    assert line(f"PO1*1*3*{unit}*{price}*{basis}*VP*A")["price"] == Decimal(of_one)


@pytest.mark.parametrize(
    ("unit", "price", "basis"),
    [("EA", "1", "PD"), ("EA", "1", "PP"), ("DZ", "1", "PE"), ("EA", "1", "TB"), ("EA", "1", "??")],
)
def test_a_price_that_is_none_of_one_is_refused(unit: str, price: str, basis: str) -> None:
    assert "line '1'" in complaint(f"PO1*1*3*{unit}*{price}*{basis}*VP*A")


def test_a_missing_price_is_none_and_never_zero() -> None:
    read = read_line(segments("PO1*1*3*EA***VP*A"), 1)
    assert read.drafts[0]["price"] is None
    assert read.amount is None


def test_the_amount_is_quantity_times_price() -> None:
    assert read_line(segments("PO1*1*3*EA*149.50**VP*A"), 1).amount == Decimal("448.50")


def test_a_schedule_is_read_with_its_dates() -> None:
    draft = line("PO1*1*5*EA*1**VP*A", "SCH*3*EA***002*20260202", "SCH*2*EA***010*20260301*0930*002*20260302")
    assert draft["schedule"] == [
        {"quantity": Decimal(3), "requested": "2026-02-02"},
        {"quantity": Decimal(2), "requested": "2026-03-02"},
    ]
    assert draft["requested"] is None


def test_a_quantity_left_to_the_schedule_is_its_sum() -> None:
    assert line("PO1*1**EA*1**VP*A", "SCH*3*EA***002*20260202")["quantity"] == 3


def test_a_schedule_that_cannot_be_placed_is_refused() -> None:
    assert "SCH is in CA" in complaint("PO1*1*5*EA*1**VP*A", "SCH*5*CA***002*20260202")
    assert "no requested date" in complaint("PO1*1*5*EA*1**VP*A", "SCH*5*EA***999*20260202")
    assert "no quantity" in complaint("PO1*1**EA*1**VP*A")


def test_a_quantity_spread_over_destinations_becomes_a_line_for_each() -> None:
    read = read_line(segments("PO1*1*5*EA*2**VP*A", "SDQ*EA*92*S1*3*S2*2*S3*0"), 1)
    assert [(d["line"], d["quantity"], d["ship_to"]) for d in read.drafts] == [("1-S1", 3, "S1"), ("1-S2", 2, "S2")]
    assert (read.quantity, read.amount) == (Decimal(5), Decimal(10))


def test_one_destination_is_the_line_s_own() -> None:
    draft = line("PO1*1*5*EA*2**VP*A", "SDQ*EA*92*S1*3", "SDQ*EA*92*S1*2")
    assert (draft["line"], draft["ship_to"]) == ("1", "S1")


def test_destinations_that_do_not_add_up_are_refused() -> None:
    assert "SDQ spreads 4, but PO102 orders 5" in complaint("PO1*1*5*EA*2**VP*A", "SDQ*EA*92*S1*4")
    assert "both SCH and SDQ" in complaint("PO1*1*5*EA*2**VP*A", "SDQ*EA*92*S1*5", "SCH*5*EA***002*20260202")
    assert "SDQ is in CA" in complaint("PO1*1*5*EA*2**VP*A", "SDQ*CA*92*S1*5")


@pytest.mark.parametrize("quantity", ["x", "1e3", "", "1,5", "NaN"])
def test_a_quantity_that_is_no_number_is_refused(quantity: str) -> None:
    assert "line '1'" in complaint(f"PO1*1*{quantity}*EA*1**VP*A")


@pytest.mark.parametrize(
    ("day", "clock", "zone", "iso"),
    [
        ("20260202", "", "", "2026-02-02"),
        ("260202", "", "", "2026-02-02"),
        ("20260202", "0930", "", "2026-02-02T09:30:00"),
        ("20260202", "0930", "UT", "2026-02-02T09:30:00Z"),
        ("20260202", "0930", "ET", "2026-02-02"),
        ("20260202", "0000", "", "2026-02-02"),
    ],
)
def test_a_date_keeps_a_time_only_where_its_zone_is_sure(day: str, clock: str, zone: str, iso: str) -> None:
    assert date(day, clock, zone, "it") == iso


@pytest.mark.parametrize(("day", "clock"), [("20261332", ""), ("2026", ""), ("abcdefgh", ""), ("20260202", "2561")])
def test_a_date_that_no_calendar_has_is_refused(day: str, clock: str) -> None:
    with pytest.raises(UnreadableError):
        date(day, clock, "", "it")


def test_the_most_telling_date_wins() -> None:
    assert requested_date(segments("DTM*010*20260101", "DTM*002*20260202", "DTM*999*20250101"), "it") == "2026-02-02"
    assert requested_date(segments("DTM*018*20260101"), "it") is None


def test_a_period_is_wanted_by_its_end() -> None:
    assert requested_date(segments("DTM*002****RD8*20260201-20260228"), "it") == "2026-02-28"
    assert requested_date(segments("DTM*002****D8*20260202"), "it") == "2026-02-02"


def test_two_dates_of_one_kind_are_refused() -> None:
    with pytest.raises(UnreadableError, match="several dates"):
        requested_date(segments("DTM*002*20260101", "DTM*002*20260202"), "it")


def test_the_ship_to_party_is_its_name_number_and_address() -> None:
    party = segments(
        "N1*BY*Buyer", "N3*Elsewhere", "N1*ST*North*92*W1", "N2*Gate 2", "N3*1 Road", "N4*Town*NY*10001*US"
    )
    assert ship_to(party, "the order") == "North (W1), Gate 2, 1 Road, Town, NY 10001, US"
    assert ship_to(segments("N1*BY*Buyer"), "the order") is None


def test_two_ship_to_parties_are_refused() -> None:
    with pytest.raises(UnreadableError, match="several ship-to"):
        ship_to(segments("N1*ST*A", "N1*ST*B"), "the order")
