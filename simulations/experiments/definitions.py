"""What each measure of a run is called and means, and whether more of it is better: for tables and pictures.

A measure that is not in `measures.toml`, of a world of somebody else's, is shown by its own name.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

FILE = Path(__file__).parent / "measures.toml"


@dataclass(frozen=True, slots=True)
class Definition:
    """A measure. Values are shown in `unit`, multiplied by `scale`; main measures are drawn, others in tables only."""

    name: str
    title: str
    unit: str = ""
    better: Literal["more", "less", ""] = ""
    scale: int = 1
    main: bool = False
    meaning: str = ""

    @property
    def called(self) -> str:
        """The title with its unit, as an axis has it."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @property
    def difference(self) -> Definition:
        """The same for differences: those of shares are percentage points."""
        return replace(self, unit="percentage points") if self.unit == "%" else self


@cache
def definitions() -> dict[str, Definition]:
    """The measures that are defined, by name, in the order of tables."""
    table = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: Definition(name, **said) for name, said in table.items()}


def defined(name: str) -> Definition:
    """The definition of a measure, or what its name says."""
    return definitions().get(name) or Definition(name, name.replace("_", " "), main=True)


def in_order(names: set[str]) -> list[str]:
    """Measures in the order of tables: those defined here first."""
    return [*(name for name in definitions() if name in names), *sorted(names - set(definitions()))]
