"""A package of somebody else's, installed beside the society: the source that `sources new` writes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.sources import installed
from simulations.source_skeleton import written

KIND = "hermes"


def install(folder: Path) -> Path:
    """Write the source and install it; the folder that it is installed in, to be put on the path."""
    package, target = folder / "package", folder / "installed"
    for path, text in written(KIND).items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-build-isolation", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(package)], check=True, cwd=folder)
    return target


@contextmanager
def on_path(target: Path) -> Iterator[None]:
    """The package is found, as if the society had been started with it."""
    sys.path.append(str(target))
    _forget()
    try:
        yield
    finally:
        sys.path.remove(str(target))
        _forget()


def _forget() -> None:
    installed.PLUGINS.__dict__.pop("points", None)
    for known in (installed.source_class, installed.formats):
        known.cache_clear()
