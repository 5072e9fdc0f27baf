from __future__ import annotations

from pathlib import Path

import pytest

from agents.sources.errors import UnreadableError
from agents.sources.reading import Read, read_paths
from knowledge.documents import CustomerOrder
from tests.agents.sources.builders import as_json, contract_order, csv_table

COLUMNS = 'columns = { number = "No", item = "Article", quantity = "Qty" }\n'
BODY = csv_table("No,Article,Qty", "1,A,2")


def customers(reads: list[Read]) -> dict[str, str | None]:
    return {read.name: read.document.customer for read in reads if isinstance(read.document, CustomerOrder)}


def test_a_document_has_its_own_mapping_or_that_of_its_folder_or_of_one_above(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(COLUMNS + 'constants.customer = "ALL"\n')
    (tmp_path / "north").mkdir()
    (tmp_path / "south").mkdir()
    (tmp_path / "south" / "mapping.toml").write_text(COLUMNS + 'constants.customer = "SOUTH"\n')
    (tmp_path / "south" / "special.mapping.toml").write_text(COLUMNS + 'constants.customer = "SPECIAL"\n')
    for place in ("orders.csv", "north/orders.csv", "south/orders.csv", "south/special.csv"):
        (tmp_path / place).write_bytes(BODY)
    reads = read_paths([tmp_path])
    assert len(reads) == 4  # a mapping is no document
    assert customers(reads) == {
        "orders.csv:2": "ALL",
        "north/orders.csv:2": "ALL",
        "south/orders.csv:2": "SOUTH",
        "south/special.csv:2": "SPECIAL",
    }
    assert customers(read_paths([tmp_path / "south" / "special.csv"])) == {"special.csv:2": "SPECIAL"}


def test_a_folder_above_the_one_given_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(COLUMNS)
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "orders.csv").write_bytes(BODY)
    for given in (tmp_path / "orders", tmp_path / "orders" / "orders.csv"):
        [read] = read_paths([given])
        assert "there is no column number" in read.reason


def test_a_file_of_any_name_is_a_table_by_its_mapping(tmp_path: Path) -> None:
    (tmp_path / "orders.txt").write_bytes(BODY)
    assert "the format is not known" in read_paths([tmp_path])[0].reason
    (tmp_path / "orders.mapping.toml").write_text(COLUMNS)
    [read] = read_paths([tmp_path])
    assert read.reason == ""


def test_a_broken_mapping_refuses_the_documents_that_need_it_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(BODY)
    (tmp_path / "orders.json").write_bytes(as_json(contract_order()))
    for text, said in (
        ("columns = {", "mapping.toml is not valid TOML"),
        ('quantity = "Qty"', "the mapping is wrong: quantity: Extra inputs are not permitted"),
        ('columns.menge = "Qty"', "columns: 'menge' is none of type, partner, number"),
        ("x" * 2**20 + "x", "mapping.toml is larger than any mapping"),
    ):
        (tmp_path / "mapping.toml").write_text(text)
        [table, order] = read_paths([tmp_path])
        assert said in table.reason
        assert order.reason == ""
    (tmp_path / "mapping.toml").write_bytes(b"\xff\xfe")
    assert "is not a TOML file in UTF-8" in read_paths([tmp_path])[0].reason


def test_a_mapping_that_a_pattern_takes_in_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(BODY)
    (tmp_path / "orders.mapping.toml").write_text(COLUMNS)
    assert [read.reason for read in read_paths(sorted(tmp_path.iterdir()))] == [""]


def test_a_mapping_that_is_given_goes_before_those_beside_documents(tmp_path: Path) -> None:
    given = tmp_path / "ours.toml"
    given.write_text(COLUMNS + 'constants.customer = "GIVEN"\n')
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "orders.csv").write_bytes(BODY)
    (tmp_path / "orders" / "orders.json").write_bytes(as_json(contract_order(customer="OWN")))
    (tmp_path / "orders" / "mapping.toml").write_text(COLUMNS + 'constants.customer = "BESIDE"\n')
    assert customers(read_paths([tmp_path / "orders"], given)) == {"orders.csv:2": "GIVEN", "orders.json": "OWN"}


def test_a_mapping_that_is_given_and_wrong_refuses_everything_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_bytes(BODY)
    with pytest.raises(UnreadableError, match=r"nowhere\.toml cannot be opened: No such file"):
        read_paths([tmp_path], tmp_path / "nowhere.toml")
    (tmp_path / "given.toml").write_text('quantity = "Qty"')
    with pytest.raises(UnreadableError, match="quantity: Extra inputs are not permitted"):
        read_paths([tmp_path / "orders.csv"], tmp_path / "given.toml")
