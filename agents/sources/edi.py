"""What sources of EDI, X12 and EDIFACT, can be told."""

from __future__ import annotations

from pydantic import Field

from agents.sources.source import SourceConfig


class EdiConfig(SourceConfig):
    """The settings of an EDI source."""

    test_orders: bool = Field(True, description="Take orders of interchanges that are marked as a test, too.")


def refused_test(place: str) -> str:
    """Why an order of a test is not taken."""
    return f"{place} marks the interchange as a test, and tests are not taken (test_orders)"
