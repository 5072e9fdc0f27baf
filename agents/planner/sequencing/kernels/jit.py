"""Compilation of kernels, which release the interpreter lock and are kept compiled beside their source.

What is kept counts for this very source only: a kernel is compiled with those that it calls in other files and with
constants of theirs, whose changes numba would not notice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])

_OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False}
"""Kernels allocate nothing: counting references to the arrays of their arguments made them fifteen times slower."""


_config: Any = numba.config


def _folder() -> str:
    """Where compiled kernels of this source are kept."""
    here = Path(__file__).parent
    source = b"".join(path.read_bytes() for path in [*sorted(here.glob("*.py")), here.parent / "arrays.py"])
    return str(here / "__pycache__" / hashlib.sha256(source).hexdigest()[:16])


_FOLDER = _folder()


def compiled(function: Kernel) -> Kernel:
    """A function compiled at its first call; it must not make an array."""
    elsewhere = _config.CACHE_DIR
    _config.CACHE_DIR = elsewhere or _FOLDER
    try:
        found: Kernel = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # no folder can be written
        found = numba.njit(**_OPTIONS)(function)
    finally:
        _config.CACHE_DIR = elsewhere
    return found
