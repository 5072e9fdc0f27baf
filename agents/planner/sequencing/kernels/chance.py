"""Random numbers for kernels: an explicit state, so that the same seed gives the same search."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.planner.sequencing.kernels.jit import compiled


def seeded(seed: int) -> NDArray[np.uint64]:
    """The state for a seed (splitmix64)."""
    mixed = (seed + 1) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
    return np.array([mixed | 1], dtype=np.uint64)


@compiled
def below(chance: NDArray[np.uint64], limit: int) -> int:
    """A number from 0 to below `limit` (xorshift64*)."""
    x = chance[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    chance[0] = x
    return int(((x * np.uint64(2685821657736338717)) >> np.uint64(33)) % np.uint64(limit))


@compiled
def share(chance: NDArray[np.uint64]) -> float:
    """A number above 0, at most 1."""
    return (below(chance, 1 << 30) + 1) / (1 << 30)
