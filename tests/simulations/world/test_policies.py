"""Policies: what each makes of the knowledge folder can be read, and does what its name says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from knowledge.plant import Plant
from knowledge.reading import read_plant
from simulations.policies.installed import PolicyError, policy_names, policy_of
from simulations.policies.policy import Known
from simulations.policies.requirements import needed_per_day
from simulations.policies.rewriting import rows_of, with_rows, with_setting
from simulations.world.forecast import expected_demand
from simulations.world.reading import Setting, read_setting


def _plant(setting: Setting, policy: str, **settings: float) -> Plant:
    """The plant that the society knows under a policy."""
    known = Known(setting.plant, setting.scenario, expected_demand(setting))
    return read_plant(policy_of(policy, settings).knowledge(dict(setting.files), known))


@pytest.mark.parametrize("scenario", ["tutorial", "pc-assembler", "demo-year"])
@pytest.mark.parametrize("policy", list(policy_names()))
def test_every_policy_gives_a_folder_that_can_be_read(scenario: str, policy: str) -> None:
    setting = read_setting(scenario)
    assert _plant(setting, policy).items.keys() == setting.plant.items.keys()


def test_mrp_plans_by_fixed_lead_times_and_knows_of_no_machines() -> None:
    setting = read_setting("tutorial")
    plant = _plant(setting, "mrp", queue_days=2)
    assert not plant.routes
    assert all(plant.items[item].lead_time.days >= 3 for item in setting.plant.routes)


def test_early_releases_so_many_days_before_and_changes_nothing_else() -> None:
    setting = read_setting("tutorial")
    plant = _plant(setting, "planner-early", release_days=12)
    assert plant.release_horizon_days == Decimal(12) != setting.plant.release_horizon_days
    assert replace(plant, release_horizon_days=setting.plant.release_horizon_days) == setting.plant


def test_cheapest_and_nearest_leave_one_supplier_each() -> None:
    setting = read_setting("tutorial")
    assert {o.supplier for o in _plant(setting, "cheapest").offers["OAK"]} == {"FERN"}
    assert {o.supplier for o in _plant(setting, "nearest").offers["OAK"]} == {"WALD"}


@pytest.mark.parametrize(("notice", "days"), [(20, 0.0), (2, 4 * 7 / 5 - 2)])
def test_order_up_to_keeps_what_is_needed_without_notice_and_more(notice: int, days: float) -> None:
    keys = (f"customers.{name}.lead_days" for name in read_setting("tutorial").scenario.customers)
    setting = read_setting("tutorial", [(key, notice) for key in keys])
    needed = needed_per_day(Known(setting.plant, setting.scenario, expected_demand(setting)))
    low, high = (_plant(setting, "s-S", service=service) for service in (0.501, 0.99))
    expected = needed["OAK"] * days
    hour = Decimal(1) / 24
    assert 0 < low.release_horizon_days < hour < setting.plant.release_horizon_days
    assert expected < low.items["OAK"].safety_stock / 100 < expected * 1.02 + 1 < high.items["OAK"].safety_stock / 100


def test_where_nothing_is_bought_nothing_is_stocked() -> None:
    setting = read_setting("machine-shop")
    assert _plant(setting, "s-S") == setting.plant


def test_components_are_needed_as_often_as_what_they_are_in() -> None:
    setting = read_setting("tutorial")
    needed = needed_per_day(Known(setting.plant, setting.scenario, {"BENCH": 2.0, "STOOL": 1.0}))
    assert needed["SEAT"] == 9
    assert needed["BEECH"] == pytest.approx(9 * 0.35 * 1.05)


def test_what_is_unknown_is_told_with_what_there_is() -> None:
    with pytest.raises(PolicyError, match=r"policy magic is not installed; there are planner, .*nearest"):
        policy_of("magic", {})
    with pytest.raises(PolicyError, match=r"policy\.queue: .*its settings are .*policy\.queue_days"):
        policy_of("mrp", {"queue": 1})


def test_a_setting_of_the_plant_is_replaced_or_added_before_its_tables() -> None:
    files = {"plant.toml": 'release_horizon_days = 1\nname = "x"\n\n[[approvals]]\ndecision = "promise"\n'}
    changed = with_setting(files, "release_horizon_days", "365")["plant.toml"]
    assert changed.index("release_horizon_days = 365") < changed.index("[[approvals]]")
    assert "release_horizon_days = 1\n" not in changed
    assert with_setting({}, "sourcing", '"cost"')["plant.toml"].startswith('sourcing = "cost"')


def test_a_table_is_written_as_it_was_read() -> None:
    files = dict(read_setting("tutorial").files)
    again = with_rows(files, "items.csv", rows_of(files, "items.csv"))
    assert read_plant(again) == read_plant(files)
