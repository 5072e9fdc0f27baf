"""Style, script and pictures of the console, served from its own folder, and the charting bundle that is installed.

Every address holds a digest of what is there, so that a browser may keep it for ever and still never has an old one.
"""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
import threading
from functools import cache
from importlib.metadata import version
from pathlib import Path

from fastapi import APIRouter, Request, Response

from agents.api.access import anybody
from agents.api.problems import ProblemError

router = APIRouter(include_in_schema=False, dependencies=[anybody()])

STATIC = Path(__file__).parent / "static"
CHARTS = "charts.js"
"""Vega, Vega-Lite and vega-embed, as the installed `vl_convert` ships them."""

_MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@cache
def _packed() -> dict[str, tuple[str, bytes]]:
    """The digest of each file and the file, compressed."""
    files = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in _MEDIA}
    return {name: (hashlib.sha256(text).hexdigest()[:16], gzip.compress(text, mtime=0)) for name, text in files.items()}


_BUNDLE = (
    "import gzip, os, sys, vl_convert; os.nice(10); "
    "sys.stdout.buffer.write(gzip.compress(vl_convert.javascript_bundle().encode(), mtime=0))"
)
_bundling = threading.Lock()


def charts() -> bytes:
    """The charting bundle, compressed. The first call takes some seconds; who calls meanwhile waits for it."""
    with _bundling:
        return _charts()


@cache
def _charts() -> bytes:
    """Made in a process of its own: making it holds the interpreter, and everybody would stand still for it."""
    made = subprocess.run([sys.executable, "-c", _BUNDLE], capture_output=True, check=False)
    if made.returncode:
        raise ProblemError(503, f"the charts cannot be had: {made.stderr.decode(errors='replace').strip()[-200:]}")
    return made.stdout


def address(name: str) -> str:
    """Where a file is served. Raises KeyError where there is none of that name."""
    digest = version("vl-convert-python") if name == CHARTS else _packed()[name][0]
    return f"/assets/{digest}/{name}"


@router.get("/assets/{digest}/{name}")
def asset(request: Request, digest: str, name: str) -> Response:
    """A file of the console, for good."""
    if name != CHARTS and name not in _packed():
        raise ProblemError(404, f"there is no file {name}")
    packed = charts() if name == CHARTS else _packed()[name][1]
    kept = _FOR_EVER if address(name) == f"/assets/{digest}/{name}" else "no-cache"
    headers, media = {"cache-control": kept, "vary": "accept-encoding"}, _MEDIA[Path(name).suffix]
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(packed, media_type=media, headers={**headers, "content-encoding": "gzip"})
    return Response(gzip.decompress(packed), media_type=media, headers=headers)
