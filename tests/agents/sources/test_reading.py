from __future__ import annotations

import os
from pathlib import Path

import pytest

from agents.sources import reading
from agents.sources.reading import NoSuchPathError, Read, read_bytes, read_paths
from agents.sources.texts import EXCERPT_LENGTH
from knowledge.errors import SocietyError
from tests.agents.sources.builders import as_json, contract_order, shopify_order, ubl_order, x12_order

FIXTURES = Path(__file__).parent / "fixtures"


def only(name: str, body: bytes) -> Read:
    [read] = read_bytes(name, body)
    return read


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (x12_order(), "45001"),
        (ubl_order(), "PO-7"),
        (as_json(shopify_order()), "#1001"),
        (as_json(contract_order()), "SO-1"),
    ],
)
def test_a_format_is_recognised_by_its_content_whatever_the_name(body: bytes, number: str) -> None:
    for mark in (b"", b"\xef\xbb\xbf"):
        read = only("order.txt", mark + body)
        assert read.reason == ""
        assert getattr(read.document, "number", None) == number


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "the file is empty"),
        (b" \r\n\t", "the file is empty"),
        (b"\xef\xbb\xbf\n", "the file is empty"),
        ('{"type":"order"}'.encode("utf-16"), "UTF-16"),
        ('{"type":"order"}'.encode("utf-16-le"), "UTF-16"),
        (b"\x00\x01\x02rubbish and more text than zeros", "binary data"),
        (bytes(range(1, 256)), "the format is not known"),
        (b"item;pieces\nA;5\n", "the format is not known: it begins with 'item;pieces"),
        (b"item;quantity\nA;5\n", "there is no column number"),
        (b'{"type": "customer_order", "customer": "caf\xe9"}', "0xE9, which is not UTF-8"),
        (b"null", "the format is not known"),
    ],
)
def test_every_file_has_one_clear_outcome(body: bytes, said: str) -> None:
    read = only("file", body)
    assert (read.document, read.name) == (None, "file")
    assert said in read.reason


def test_a_file_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SIZE_MOST", 10)
    assert "larger than" in only("file", b"x" * 11).reason


def test_the_text_for_mending_is_bounded() -> None:
    assert len(only("file", b"x" * (2 * EXCERPT_LENGTH)).text) == EXCERPT_LENGTH


def test_the_text_of_what_was_read_reads_the_same_again() -> None:
    for body in (x12_order(), ubl_order(), as_json(shopify_order()), as_json(contract_order())):
        first = only("file", body)
        assert only("file", first.text.encode()).document == first.document


def test_a_fault_of_a_reader_costs_one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("lost")

    monkeypatch.setattr("agents.sources.x12.read_order", fail)
    assert "the reader failed on this transaction (KeyError: 'lost')" in only("file", x12_order()).reason
    monkeypatch.setattr("agents.sources.x12.transaction_sets", fail)
    assert "the reader failed on this transaction (KeyError: 'lost')" in only("file", x12_order()).reason


def test_a_folder_is_read_sorted_and_whole_without_hidden_files() -> None:
    reads = read_paths([FIXTURES / "orders"])
    assert [(read.name, bool(read.reason)) for read in reads] == [
        ("a_day.jsonl:1", False),
        ("a_day.jsonl:2", True),
        ("a_day.jsonl:4", False),
        ("edi/two_orders.x12:0001", False),
        ("edi/two_orders.x12:0002", True),
        ("order.xml", False),
        ("shop.json:0", False),
        ("shop.json:1", True),
    ]


def test_a_file_is_named_by_its_own_name() -> None:
    assert [read.name for read in read_paths([FIXTURES / "orders" / "order.xml"])] == ["order.xml"]


def test_paths_are_read_in_the_order_given(tmp_path: Path) -> None:
    for name in ("b.json", "a.json"):
        (tmp_path / name).write_bytes(as_json(contract_order()))
    assert [read.name for read in read_paths([tmp_path / "b.json", tmp_path / "a.json"])] == ["b.json", "a.json"]


def test_a_path_that_is_not_there_is_unusable_input(tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("{}")
    with pytest.raises(SocietyError, match="nowhere: there is no such file or folder"):
        read_paths([tmp_path / "there.json", tmp_path / "nowhere"])


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert [read.reason for read in read_paths([tmp_path])] == ["not a regular file"]
    with pytest.raises(NoSuchPathError, match="neither a file nor a folder"):
        read_paths([tmp_path / "pipe"])


def test_a_name_of_any_bytes_can_be_stored(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.json")).write_bytes(as_json(contract_order()))
    assert [read.name for read in read_paths([tmp_path])] == ["caf\\xe9.json"]


def test_a_link_that_leads_nowhere_is_one_outcome(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert [read.reason for read in read_paths([tmp_path])] == ["not a regular file"]
