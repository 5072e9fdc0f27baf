"""The audit log from the command line: what the operator at this machine decided, under the name of their login."""

from __future__ import annotations

import getpass
import os
import time
from contextlib import closing
from typing import Any

from knowledge.audit_log import Entry
from knowledge.instants import Instant
from knowledge.store import audit_records
from knowledge.store.access_store import AccessStore
from knowledge.store.engines import in_memory, url_of


def note(db: str, action: str, subject: str, **detail: Any) -> None:
    """Write into a database's audit log what is about to be done; what does not outlive the process is not."""
    if in_memory(url_of(db)):
        return
    with closing(AccessStore(db)) as store:
        note_in(store, action, subject, **detail)


def note_in(store: AccessStore, action: str, subject: str, **detail: Any) -> None:
    """The same, where the log is open already."""
    audit_records.append(store, Entry.of(wall_clock(), operator(), action, subject, **detail))


def wall_clock() -> Instant:
    """The machine's time, by which people's decisions are dated."""
    return int(time.time())


def operator() -> str:
    """Who is at this machine."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = str(os.getuid())
    return f"{name} (command line)"
