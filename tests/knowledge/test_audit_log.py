"""A log chained by hashes: whatever is done to it shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.audit_log import GENESIS, Entry, Record, chained, checked

ENTRIES = st.builds(Entry, st.integers(0, 2**40), st.text(), st.text(), st.text(), st.text())
LOGS = st.lists(ENTRIES, min_size=1, max_size=8)


def log_of(entries: list[Entry]) -> list[Record]:
    records: list[Record] = []
    for entry in entries:
        records.append(chained(entry, len(records) + 1, records[-1].hash if records else GENESIS))
    return records


@given(LOGS)
def test_a_log_that_nobody_touched_is_sound_and_holds_each_of_its_heads(entries: list[Entry]) -> None:
    records = log_of(entries)
    for head in (None, GENESIS, *(record.hash for record in records)):
        found = checked(records, head)
        assert (found.records, found.head, found.faults) == (len(records), records[-1].hash, ())


@given(LOGS, st.data())
def test_a_changed_entry_shows(entries: list[Entry], data: st.DataObject) -> None:
    records = log_of(entries)
    place = data.draw(st.integers(0, len(records) - 1))
    other = data.draw(ENTRIES.filter(lambda entry: entry != entries[place]))
    records[place] = replace(records[place], entry=other)
    assert f"record {place + 1}: was changed after it was written" in checked(records).faults


@given(LOGS, st.data())
def test_an_entry_that_was_changed_with_its_own_hash_shows_in_the_next_record_or_the_head(
    entries: list[Entry], data: st.DataObject
) -> None:
    records = log_of(entries)
    head = records[-1].hash
    place = data.draw(st.integers(0, len(records) - 1))
    other = data.draw(ENTRIES.filter(lambda entry: entry != entries[place]))
    records[place] = chained(other, place + 1, records[place].previous)
    assert checked(records, head).faults


@given(LOGS, st.data())
def test_a_removed_record_shows_wherever_it_was_if_the_head_is_known(entries: list[Entry], data: st.DataObject) -> None:
    records = log_of(entries)
    head = records[-1].hash
    del records[data.draw(st.integers(0, len(records) - 1))]
    assert checked(records, head).faults


@given(LOGS.filter(lambda entries: len(entries) > 1), st.data())
def test_records_that_changed_places_show(entries: list[Entry], data: st.DataObject) -> None:
    records = log_of(entries)
    one, other = sorted(data.draw(st.sets(st.integers(0, len(records) - 1), min_size=2, max_size=2)))
    records[one], records[other] = records[other], records[one]
    assert checked(records).faults


def test_what_is_missing_at_the_end_shows_only_to_who_knows_the_head() -> None:
    records = log_of([Entry(n, "anna", "approval_answer", f"AP-{n}", "{}") for n in range(5)])
    assert checked(records[:3]).faults == ()
    (fault,) = checked(records[:3], records[-1].hash).faults
    assert "removed at the end" in fault


def test_a_log_made_anew_shows_to_who_knows_a_head() -> None:
    entries = [Entry(n, "anna", "approval_answer", f"AP-{n}", "{}") for n in range(5)]
    head = log_of(entries)[2].hash
    forged = log_of([replace(entries[0], person="berta"), *entries[1:]])
    assert checked(forged).faults == ()
    assert checked(forged, head).faults


@pytest.mark.parametrize("sequence", [1, 3])
def test_an_inserted_record_shows(sequence: int) -> None:
    records = log_of([Entry(n, "anna", "a", "s", "{}") for n in range(4)])
    forged = chained(Entry(9, "eve", "a", "s", "{}"), sequence, records[sequence - 1].previous)
    assert checked([*records[: sequence - 1], forged, *records[sequence - 1 :]]).faults
