"""Notices by e-mail or chat, through apprise (the extra `notify`): one sink for each listener that is set.

What is to be told waits in the ledger like anything said to the world: it is tried again until the mail server or the
chat has taken it, and what was taken is not told again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from agents.runtime.outbox import Sink
from agents.service.settings import Notify, ServiceError
from knowledge.errors import SocietyError
from protocols.envelope import Envelope
from protocols.notices import Listener, Listeners, Notice, NoticeKind

PREFIX: Final = "notify:"
"""Names of these sinks begin so."""

_BETWEEN_S: Final = 1.0
"""At least so long after one notice the next is told to the same listener: chats take about one a second."""

_LEVELS: Final = {
    NoticeKind.REMINDER: "warning",
    NoticeKind.ESCALATED: "warning",
    NoticeKind.OVERDUE: "warning",
    NoticeKind.QUARANTINED: "warning",
    NoticeKind.DEAD_LETTER: "failure",
    NoticeKind.DECIDED: "success",
}


class NotDeliveredError(SocietyError):
    """A notice that was not taken."""


@dataclass(slots=True)
class Notifier:
    """Tells one listener. `service` is apprise's; `name` is what the log may say of it, for URLs hold secrets."""

    name: str
    service: Any

    def deliver(self, envelope: Envelope[Any], key: str) -> None:
        """Hand a notice over. Raises NotDeliveredError."""
        notice = envelope.content
        if not isinstance(notice, Notice):
            raise NotDeliveredError(f"{self.name} is told notices only, not {type(notice).__name__}")
        title = " ".join(notice.title.split())[:200]
        body = "\n\n".join((notice.text, f"Reference: {key}"))
        level = _LEVELS.get(notice.kind, "info")
        if not self.service.notify(title=title, body=body, notify_type=level, body_format="text"):
            raise NotDeliveredError(f"{self.name} did not take it")


def notifiers(wanted: Sequence[Notify]) -> tuple[Mapping[str, Sink], Listeners]:
    """The sinks of those who want to be told, and what each wants to hear.

    Raises ServiceError, with every problem, where the extra is not installed or a URL says nothing.
    """
    if not wanted:
        return {}, ()
    try:
        apprise = import_module("apprise")
    except ImportError as error:
        raise ServiceError(
            "setting notify: notices need the extra `notify`: python -m pip install 'apprise>=2,<3'"
        ) from error
    sinks: dict[str, Sink] = {}
    listeners: list[Listener] = []
    problems: list[str] = []
    for number, each in enumerate(wanted, 1):
        name = each.name or str(number)
        service = apprise.Apprise.instantiate(each.url.get_secret_value(), suppress_exceptions=True)
        if service is None:
            problems.append(
                f"setting notify[{number}].url: nothing that apprise can send to; write, for example,"
                " mailtos://user:password@mail.example?to=manager@example.com"
            )
        elif PREFIX + name in sinks:
            problems.append(f"setting notify[{number}].name: {name} is another's name already")
        else:
            service.request_rate_per_sec = _BETWEEN_S
            sinks[PREFIX + name] = Notifier(name, service)
            listeners.append(Listener(PREFIX + name, frozenset(each.kinds), frozenset(each.roles)))
    if problems:
        raise ServiceError("\n".join(problems))
    return sinks, tuple(listeners)
