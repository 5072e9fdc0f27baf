"""Every message type by its name, so that a stored message can be read again."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from protocols import inventory, notices, orders, publishing, quoting, supplying
from protocols.envelope import Content, Envelope, Performative, ProtocolName


class NotUnderstood(Content):
    """The answer to a message that came out of sequence, or that nobody here can read."""

    reason: str


class Failed(Content):
    """The action was tried and could not be done."""

    reason: str


def _contents(*modules: ModuleType) -> dict[str, type[Content]]:
    found: dict[str, type[Content]] = {"NotUnderstood": NotUnderstood, "Failed": Failed}
    for module in modules:
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Content) and value.__module__ == module.__name__:
                if name in found:
                    raise TypeError(f"two messages are called {name}")
                found[name] = value
    return found


CONTENTS: dict[str, type[Content]] = _contents(orders, inventory, supplying, quoting, notices, publishing)


def envelope_body(envelope: Envelope[Any]) -> dict[str, Any]:
    """An envelope as plain values, for the records of an agent that has still to answer it."""
    body = envelope.model_dump(mode="json")
    body["kind"] = type(envelope.content).__name__
    return body


def envelope_from(body: dict[str, Any]) -> Envelope[Any]:
    """The envelope that was kept as plain values."""
    values = dict(body)
    content = CONTENTS[values.pop("kind")].model_validate(values.pop("content"))
    protocol, performative = ProtocolName(values.pop("protocol")), Performative(values.pop("performative"))
    return Envelope.model_construct(content=content, protocol=protocol, performative=performative, **values)
