"""A folder on the disk becomes texts by file name, or says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError
from knowledge.reading import load_plant, read_folder, read_plant


def write(folder: Path, **files: bytes) -> Path:
    for name, data in files.items():
        (folder / f"{name}.csv").write_bytes(data)
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as error:
        load_plant(folder)
    return str(error.value).split("\n")


def test_texts_come_in_the_contracts_order_without_byte_order_marks(tmp_path: Path) -> None:
    write(tmp_path, stock=b"item,quantity\r\n", items=b"\xef\xbb\xbfitem\nG\xc3\xa4r\n")
    (tmp_path / "plant.toml").write_text('name = "p"')
    files = read_folder(tmp_path)
    assert list(files) == ["plant.toml", "items.csv", "stock.csv"]
    assert files["items.csv"] == "item\nGär\n"
    assert files["stock.csv"] == "item,quantity\r\n"


def test_what_was_read_once_can_be_read_again_from_its_texts(tmp_path: Path) -> None:
    write(tmp_path, items=b"item\nA\n")
    assert read_plant(read_folder(tmp_path)) == load_plant(tmp_path)


def test_notes_hidden_files_and_folders_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, items=b"item\nA\n")
    for name in ("README.md", "notes.txt", ".hidden.csv", "~$items.xlsx", "drawing.pdf", "LICENSE"):
        (tmp_path / name).write_bytes(b"\xff")
    (tmp_path / "drawings").mkdir()
    assert list(read_folder(tmp_path)) == ["items.csv"]


def test_a_table_of_another_name_may_be_one_of_ours_misspelt(tmp_path: Path) -> None:
    write(tmp_path, item=b"item\nA\n", forecast=b"")
    (tmp_path / "Plant.toml").write_text("")
    (tmp_path / "offers.xlsx").write_bytes(b"PK")
    assert [problem.partition("the files are")[0] for problem in problems(tmp_path)] == [
        "items.csv: is missing; it is the one file that a plant has to have",
        "Plant.toml: is not a file of a knowledge folder; did you mean plant.toml?",
        "forecast.csv: is not a file of a knowledge folder; ",
        "item.csv: is not a file of a knowledge folder; did you mean items.csv?",
        "offers.xlsx: is not a file of a knowledge folder; did you mean offers.csv?",
    ]


def test_a_missing_folder_is_one_problem(tmp_path: Path) -> None:
    assert problems(tmp_path / "nowhere") == [f"{tmp_path / 'nowhere'}: there is no such folder"]


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    write(tmp_path, items=b"item\n")
    assert problems(tmp_path / "items.csv") == [
        f"{tmp_path / 'items.csv'}: is a file; give the folder that holds items.csv"
    ]


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    write(tmp_path, stock=b"item,quantity\nA,1\n")
    (tmp_path / "items.csv").mkdir()
    assert problems(tmp_path) == ["items.csv: is a folder, not a file"]


def test_an_empty_folder_lacks_its_items(tmp_path: Path) -> None:
    assert problems(tmp_path) == ["items.csv: is missing; it is the one file that a plant has to have"]


def test_latin_1_is_named_with_its_row_and_the_rest_is_still_checked(tmp_path: Path) -> None:
    write(tmp_path, items="item\nA\nGär\nB\nRöhr\n".encode("latin-1"), stock="item,quantity\nGär,x\n".encode())
    assert problems(tmp_path) == [
        "items.csv:3: byte 0xE4 is not UTF-8, nor are some in 1 more row; save the file as UTF-8",
        "stock.csv:2:quantity: 'x' is not a number; write digits and a point, such as 12.5",
    ]


def test_utf_16_is_recognised(tmp_path: Path) -> None:
    write(tmp_path, items="item\nA\n".encode("utf-16"), stock=b"item,quantity\nA,1\n")
    assert problems(tmp_path) == ["items.csv:1: is UTF-16; save the file as UTF-8"]


def test_bytes_that_are_no_text_are_one_problem(tmp_path: Path) -> None:
    write(tmp_path, items=b"PK\x03\x04\x00\x00\n\x00\xff\xfe\x00", stock=b"item,quantity\nA,1\n")
    assert problems(tmp_path) == ["items.csv:2: byte 0xFF is not UTF-8; this is not a text file"]


def test_reading_texts_alone_tells_what_cannot_be_read_too(tmp_path: Path) -> None:
    write(tmp_path, items=b"item\n\xff\n")
    with pytest.raises(KnowledgeError, match=r"items\.csv:2: byte 0xFF is not UTF-8"):
        read_folder(tmp_path)
