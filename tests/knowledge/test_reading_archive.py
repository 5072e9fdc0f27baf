"""Knowledge folders as zip files: what is read, and what is refused without being unpacked."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from knowledge.errors import KnowledgeError
from knowledge.reading import archive
from knowledge.reading.archive import read_archive

ITEMS = "item,supply\nBOLT,buy\n"


def zipped(files: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as found:
        for name, text in files.items():
            found.writestr(name, text)
    return buffer.getvalue()


def problems(data: bytes) -> list[str]:
    """What is said against an archive."""
    with pytest.raises(KnowledgeError) as caught:
        read_archive(data)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("folder", ["", "plant/"])
def test_the_folder_is_the_archive_itself_or_the_one_folder_in_it(folder: str) -> None:
    files: dict[str, str | bytes] = {
        f"{folder}items.csv": ITEMS,
        f"{folder}README.md": "x",
        "__MACOSX/._items.csv": b"\0",
    }
    assert read_archive(zipped(files)) == {"items.csv": ITEMS}


def test_the_files_come_in_the_order_of_the_contract_without_byte_order_marks() -> None:
    found = read_archive(zipped({"items.csv": "\ufeff" + ITEMS, "plant.toml": 'name = "p"'}))
    assert list(found.items()) == [("plant.toml", 'name = "p"'), ("items.csv", ITEMS)]


@pytest.mark.parametrize("name", ["../items.csv", "/etc/items.csv", "a/../../items.csv", "C:items.csv", "a\\items.csv"])
def test_a_path_that_leads_elsewhere_is_refused(name: str) -> None:
    assert any("leads out of the folder" in text for text in problems(zipped({"bom.csv": "x", name: ITEMS})))


def test_an_archive_that_says_it_is_large_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 2**20)
    assert problems(zipped({"items.csv": "x" * 2**21})) == ["the archive: is larger than 1 MiB unpacked"]


def test_an_archive_that_lies_about_its_size_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 2**20)
    data = zipped({"items.csv": "x" * 2**21})
    lied = data.replace(struct.pack("<L", 2**21), struct.pack("<L", 7))
    assert lied != data
    assert problems(lied)


def test_more_files_than_any_folder_has_are_refused() -> None:
    assert "has 201 files" in problems(zipped({f"{n}.txt": "" for n in range(201)}))[0]


def test_a_misspelt_table_is_a_problem_and_an_empty_archive_as_well() -> None:
    assert problems(zipped({"items.csv": ITEMS, "route.csv": ""}))[0].startswith("route.csv: is not a file of a")
    assert "there is no items.csv in it" in problems(zipped({"notes.txt": ""}))[0]


def test_two_folders_in_one_archive_are_refused() -> None:
    assert "is in another folder than a" in problems(zipped({"a/items.csv": ITEMS, "b/bom.csv": "x"}))[0]


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all", zipped({"items.csv": ITEMS})[:-30]])
def test_what_is_no_zip_file_is_told(data: bytes) -> None:
    assert problems(data)[0].startswith("the archive: is no zip file that can be read")


def test_a_damaged_file_is_told() -> None:
    data = bytearray(zipped({"items.csv": ITEMS}, zipfile.ZIP_STORED))
    data[data.index(b"BOLT")] ^= 1
    assert "Bad CRC" in problems(bytes(data))[0]


def test_a_text_that_is_not_utf_8_is_told_with_its_place() -> None:
    assert problems(zipped({"items.csv": ITEMS.encode() + b"\xe9,buy\n"})) == [
        "items.csv:3: byte 0xE9 is not UTF-8; save the file as UTF-8"
    ]
