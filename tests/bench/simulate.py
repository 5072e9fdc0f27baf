"""Benchmark `simulate`: simulated days a processor second, by scenario, by products, and by orders a day."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from simulations.world.running import Trial, run_trial
from simulations.world.trials import Parameters
from tests.bench.plant import write_plant
from tests.bench.results import Result

_COMMAND = "make bench simulate"
_PRODUCTS = (1, 3, 6)
"""So many products of each segment at most: fewer share the same demand."""
_RATES = (10, 100, 1000)
_PER_FAMILY = 20
"""Orders a day of each family of products: more orders come to a larger plant, which is as busy as a small one."""
_SEGMENTS = {"low": (1, 2, 9, 10, 11), "mid": (3, 4, 5, 12, 13, 14), "high": (6, 7, 8, 15, 16)}


def run() -> list[Result]:
    """The figures of the benchmark, one seed each."""
    found = [
        _rate("tutorial", "the tutorial", 90),
        _rate("pc-assembler", "the PC assembler", 30),
        _rate("demo-year", "the demo plant", 30),
    ]
    found += [
        _rate("pc-assembler", f"the PC assembler with {_count(most)} products", 30, _only(most)) for most in _PRODUCTS
    ]
    for rate in _RATES:
        with tempfile.TemporaryDirectory() as place:
            _write(Path(place), rate)
            found.append(_rate(place, f"{rate} orders a day", max(2, 1000 // rate // 4)))
    return found


def _rate(scenario: str, named: str, days: int, parameters: Parameters = ()) -> Result:
    begin = time.process_time()
    run = run_trial(Trial(scenario, "planner", 1, days, (("warm_up_days", 0), *parameters)))
    spent = time.process_time() - begin
    orders = run.measures["orders"] or 0
    named = f"{named}: {orders:.0f} orders in {days} days, {1000 * spent / max(1, orders):.1f} CPU ms an order"
    return Result(f"simulate, {named}", days / spent, "days/CPU s", _COMMAND)


def _only(count: int) -> Parameters:
    """The first so many products of each segment of the PC assembler."""
    return tuple(
        (f"customers.{segment}.items.PC-{number}", 0)
        for segment, numbers in _SEGMENTS.items()
        for number in numbers[count:]
    )


def _count(most: int) -> int:
    return sum(len(numbers[:most]) for numbers in _SEGMENTS.values())


def _write(place: Path, rate: int) -> None:
    """A scenario whose plant grows with its orders."""
    families, days = max(1, rate // _PER_FAMILY), 90
    write_plant(place, orders=rate * days, families=families, load=0.6, days=days)
    items = ", ".join(f'"P{family}-{number}" = 1' for family in range(families) for number in range(20))
    (place / "scenario.toml").write_text(
        f"""title = "{rate} orders a day"
plant = "knowledge"
start = 2026-01-05
days = {days}
warm_up_days = 0

[customers.all]
customers = ["CUST1", "CUST2", "CUST3"]
rate = {rate}
weekdays = [1, 1, 1, 1, 1, 1, 1]
hours = [0, 24]
items = {{ {items} }}
quantity = {{ kind = "uniform", low = 0.5, high = 19.5 }}
lead_days = {{ kind = "uniform", low = 15, high = 40 }}

[floor]
time_factor = {{ kind = "lognormal", mean = 1, cv = 0.2 }}
report_steps = false
""",
        encoding="utf-8",
    )
