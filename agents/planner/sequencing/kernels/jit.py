"""Compilation of kernels, which release the interpreter lock and are kept compiled beside their source.

A kept kernel notices changes of its own file only: after a change of what it calls in another, delete `__pycache__`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., object])

_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False}
"""Kernels allocate nothing: counting references to the arrays of their arguments made them fifteen times slower."""


def compiled(function: Kernel) -> Kernel:
    """A function compiled at its first call; it must not make an array."""
    try:
        found: Kernel = njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # no folder can be written
        found = njit(**_OPTIONS)(function)
    return found
