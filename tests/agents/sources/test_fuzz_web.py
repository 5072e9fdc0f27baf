"""Whatever stands in a field of a shop's or CRM's order: it is taken, or refused; the reader never fails."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.sources.hubspot import HubSpot, HubSpotConfig
from agents.sources.salesforce import Salesforce, SalesforceConfig
from agents.sources.shopify import Shopify, ShopifyConfig
from agents.sources.source import Rejected, Source, transactions
from agents.sources.woocommerce import WooCommerce, WooCommerceConfig
from tests.agents.sources.builders import (
    as_json,
    hubspot_deal,
    hubspot_line,
    salesforce_item,
    salesforce_order,
    shopify_line,
    shopify_order,
    woocommerce_line,
    woocommerce_order,
)
from tests.effort import times

OPTION = {"name": "Colour", "value": "red"}
META = {"key": "Colour", "value": "red"}
SHOPIFY = shopify_order(
    shopify_line(properties=[OPTION], discount_allocations=[{"amount": "1.00"}], current_quantity=2),
    note_attributes=[{"name": "when", "value": "2026-02-03"}],
    total_line_items_price="19.00",
    shipping_address={"zip": "KA7", "city": "Ayr"},
    fulfillment_status=None,
    financial_status="paid",
)
WOOCOMMERCE = woocommerce_order(
    woocommerce_line(meta_data=[META], bundled_by="7"), meta_data=[META], total="19.00", total_tax="0.00", refunds=[]
)
CASES: dict[str, tuple[Source[Any], Mapping[str, str], dict[str, Any]]] = {
    "shopify": (Shopify(ShopifyConfig(requested_field="when")), {}, SHOPIFY),
    "shopify news": (Shopify(), {"x-shopify-topic": "orders/updated"}, SHOPIFY),
    "woocommerce": (WooCommerce(WooCommerceConfig(requested_field="Colour")), {}, WOOCOMMERCE),
    "woocommerce news": (WooCommerce(), {"x-wc-webhook-topic": "order.updated"}, WOOCOMMERCE),
    "hubspot": (
        HubSpot(HubSpotConfig(option_properties=("engraving",), requested_property="when")),
        {},
        hubspot_deal(hubspot_line(engraving="Ann", when="2026-02-03", hs_position_on_quote="1"), hubspot_line("502")),
    ),
    "salesforce": (
        Salesforce(SalesforceConfig(option_fields=("Engraving__c",), requested_field="ServiceDate")),
        {},
        salesforce_order(salesforce_item(Engraving__c="Ann", ServiceDate="2026-02-03"), ShippingStreet="1 Road"),
    ),
}
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["", "0", "-1", "1e9", "9" * 99, "2026-02-03", "\ud800", "\x00"]),
    st.sampled_from([[], {}, [[]], [{}], [None], {"": {}}, [{"name": "a"}], [{"id": 1}, {"id": 1}]]),
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all that stands in a JSON value."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


@pytest.mark.parametrize("name", CASES)
@given(data=st.data())
@settings(max_examples=times(50, 3_000))
def test_no_value_of_a_field_makes_the_reader_fail(name: str, data: st.DataObject) -> None:
    source, headers, sound = CASES[name]
    spoiled = copy.deepcopy(sound)
    for path in data.draw(st.lists(st.sampled_from(sorted(places(sound), key=str)), min_size=1, max_size=2)):
        inside: Any = spoiled
        try:
            for key in path[:-1]:
                inside = inside[key]
            inside[path[-1]] = data.draw(ANYTHING)
        except (TypeError, KeyError, IndexError):
            continue  # the other spoiled value stands there
    for each in transactions(source, headers, as_json(spoiled)):
        if isinstance(each.outcome, Rejected):
            assert each.outcome.reason
            assert "the reader failed" not in each.outcome.reason
