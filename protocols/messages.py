"""Every message type by its name, so that a stored message can be read again."""

from __future__ import annotations

from types import ModuleType

from protocols import inventory, orders, supplying
from protocols.envelope import Content


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


CONTENTS: dict[str, type[Content]] = _contents(orders, inventory, supplying)
