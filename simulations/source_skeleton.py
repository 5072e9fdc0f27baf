"""What `sources new` writes: a source that works, its test, and what makes a package of them."""

from __future__ import annotations

from collections.abc import Mapping

_PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "society-source-{kind}"
version = "0.1.0"
requires-python = ">=3.11"

[project.entry-points."society.sources"]
{kind} = "society_source_{kind}:{name}"

[tool.setuptools]
py-modules = ["society_source_{kind}"]
"""

_SOURCE = '''"""The source of {kind} orders: a JSON object an order, sent by a webhook whose body is signed."""

import json
from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from agents.sources.source import DraftLine, Hmac, OrderDraft, Source, SourceConfig, UnreadableError


class {name}Config(SourceConfig):
    """What has to be told; a setting without a default is needed."""

    secret: SecretStr


class {name}(Source[{name}Config]):
    """Reads an object with a number, a customer and positions: samples/order.json is one."""

    kind = "{kind}"
    title = "{kind}"
    Config = {name}Config
    signature = Hmac(header="X-Signature", secret="secret", encoding="hex")

    def parse(self, headers: Mapping[str, str], body: bytes) -> Iterator[OrderDraft]:
        """One order a body."""
        try:
            order = json.loads(body.decode("utf-8"))
            positions = order["positions"]
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableError(f"this is no order of {kind}: {{error!r}}") from error
        lines = tuple(
            DraftLine(
                line=str(number),
                items=(each.get("article"),),
                quantity=each.get("amount"),
                requested=each.get("wanted"),
                price=each.get("price"),
                configuration=each.get("options"),
            )
            for number, each in enumerate(positions, 1)
        )
        yield OrderDraft(
            number=order.get("number"), customer=order.get("customer"), currency=order.get("currency"), lines=lines
        )
'''

_TEST = '''"""The conformance kit on this source; what it needs is in `samples/`: a body, and the drafts it makes."""

from pathlib import Path

from agents.sources.kit import SourceKit
from society_source_{kind} import {name}


class Test{name}(SourceKit):
    source = {name}
    settings = {{"secret": "only-a-test"}}
    samples = Path(__file__).parent / "samples"
'''

_SAMPLE = """{
  "number": "1001",
  "customer": "NEAR",
  "currency": "EUR",
  "positions": [
    {"article": "STOOL", "amount": 2, "wanted": "2026-04-20", "price": "75.00", "options": {"colour": "red"}}
  ]
}
"""

_EXPECTED = """[
  {
    "number": "1001",
    "customer": "NEAR",
    "currency": "EUR",
    "lines": [
      {
        "line": "1",
        "items": ["STOOL"],
        "quantity": "2",
        "requested": "2026-04-20",
        "price": "75.00",
        "configuration": {"colour": "red"}
      }
    ]
  }
]
"""

_README = """# A source of {kind} orders

    python -m pip install -e .
    python -m pytest -p agents.sources.kit test_society_source_{kind}.py    # in the society's environment and folder

Switch it on in the service's settings:

    [sources.my-{kind}]
    kind = "{kind}"
    secret = "…"

Its webhook is then `POST /api/v1/sources/my-{kind}`.
"""


def written(kind: str) -> Mapping[str, str]:
    """The files of a new source by their paths."""
    name = kind.capitalize()
    return {
        "pyproject.toml": _PROJECT.format(kind=kind, name=name),
        "README.md": _README.format(kind=kind),
        f"society_source_{kind}.py": _SOURCE.format(kind=kind, name=name),
        f"test_society_source_{kind}.py": _TEST.format(kind=kind, name=name),
        "samples/order.json": _SAMPLE,
        "samples/order.json.expected.json": _EXPECTED,
    }
