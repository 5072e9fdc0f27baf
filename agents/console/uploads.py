"""Knowledge folders that were uploaded and looked at, until they are loaded or forgotten."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

MOST = 8
"""Uploads that are remembered at one time; the oldest makes room for another."""


@dataclass(frozen=True, slots=True)
class Upload:
    """The files of a folder that somebody uploaded."""

    person: str
    name: str
    files: Mapping[str, str]


class Uploads:
    """Remembers uploads, in memory alone: whoever waits until the service is started again uploads again."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Upload] = OrderedDict()
        self._guard = threading.Lock()

    def keep(self, token: str, upload: Upload) -> None:
        """Remember an upload under a name that nobody can guess."""
        with self._guard:
            self._known[token] = upload
            while len(self._known) > MOST:
                self._known.popitem(last=False)

    def take(self, token: str, person: str) -> Upload | None:
        """An upload of a person's own, which is forgotten by that; None where there is none any more."""
        with self._guard:
            found = self._known.get(token)
            return self._known.pop(token) if found is not None and found.person == person else None
