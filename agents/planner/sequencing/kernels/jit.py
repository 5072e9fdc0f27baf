"""Compilation: kernels release the interpreter lock and are kept compiled beside their source where that can be written.

A kept kernel notices changes of its own file only: kernels that call those of another file are to be compiled anew
(delete `__pycache__`) when that one changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def compiled(function: Kernel) -> Kernel:
    """A function compiled at its first call."""
    try:
        found: Kernel = njit(cache=True, nogil=True, _nrt=False)(function)
    except RuntimeError:  # no folder can be written
        found = njit(nogil=True, _nrt=False)(function)
    return found
