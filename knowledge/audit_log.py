"""The audit log: what people decided, each record bound to the one before it by a hash, so that tampering shows.

The hash of a record is SHA-256 over the hash before it and the record in canonical JSON (keys sorted, no blanks,
ASCII). Whoever changes, removes, inserts or reorders records has to make every later hash anew, and then the last one
(the head) is another than was told before: it is in the service's log, and printed by every check.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from knowledge.instants import Instant

GENESIS: Final = "0" * 64
"""The hash before the first record."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that a person did. `subject` names what it was done to, `detail` is JSON."""

    time: Instant
    person: str
    action: str
    subject: str
    detail: str

    @classmethod
    def of(cls, time: Instant, person: str, action: str, subject: str, **detail: Any) -> Entry:
        """An entry with details in plain values; those that say nothing are left out."""
        said = {name: value for name, value in detail.items() if value not in (None, "", [])}
        return cls(time, person, action, subject, json.dumps(said, sort_keys=True))


@dataclass(frozen=True, slots=True)
class Record:
    """An entry in its place: numbered from 1, with the hash before it and its own."""

    sequence: int
    entry: Entry
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: how many records there are, the head, and every fault."""

    records: int
    head: str
    faults: tuple[str, ...]


def chained(entry: Entry, sequence: int, previous: str) -> Record:
    """An entry put after the record with the hash `previous`."""
    return Record(sequence, entry, previous, hash_of(entry, sequence, previous))


def hash_of(entry: Entry, sequence: int, previous: str) -> str:
    """The hash that a record has to have."""
    fields = [sequence, entry.time, entry.person, entry.action, entry.subject, entry.detail]
    names = ("sequence", "time", "person", "action", "subject", "detail")
    body = json.dumps(dict(zip(names, fields, strict=True)), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{body}".encode("ascii")).hexdigest()


def checked(records: Iterable[Record], known_head: str | None = None) -> Checked:
    """Check a whole log in its order. `known_head` is a head that was told before: it has to be in there still.

    Without that, records missing at the end cannot be seen.
    """
    faults: list[str] = []
    last, head, known = 0, GENESIS, known_head in (None, GENESIS)
    for record in records:
        if record.sequence != last + 1:
            missing = f"record {last + 1} is missing" if record.sequence > last + 1 else "records are out of order"
            faults.append(f"record {record.sequence}: {missing}")
        if record.previous != head:
            faults.append(f"record {record.sequence}: does not follow the record before it")
        if record.hash != hash_of(record.entry, record.sequence, record.previous):
            faults.append(f"record {record.sequence}: was changed after it was written")
        last, head = record.sequence, record.hash
        known = known or head == known_head
    if not known:
        faults.append(f"no record has the hash {known_head}: records were removed at the end, or all made anew")
    return Checked(last, head, tuple(faults))
