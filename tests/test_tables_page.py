"""The page on tables shows what happens: its files are read, and give what it says."""

from __future__ import annotations

import re
from pathlib import Path

from agents.sources.reading import Read, read_paths
from agents.sources.table_config import LINE_FIELDS, ORDER_FIELDS, TableConfig
from knowledge.documents import CustomerOrder

PAGE = (Path(__file__).parents[1] / "docs" / "tables.md").read_text(encoding="utf-8")


def blocks(kind: str) -> dict[str, str]:
    """The code blocks that a comment of that kind stands before, by what the comment names."""
    found = re.findall(rf"<!-- {kind}: (\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    return dict(found)


def told(read: Read) -> str:
    if isinstance(read.document, CustomerOrder):
        order = read.document
        return f"{read.name} {order.number} for {order.customer}, {len(order.lines)} lines\n"
    return f"{read.name} refused: {read.reason}\n"


def test_the_files_shown_give_what_is_shown(tmp_path: Path) -> None:
    for name, text in blocks("file").items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    results = blocks("result")
    assert len(results) >= 2
    for folder, shown in results.items():
        assert "".join(told(read) for read in read_paths([tmp_path / folder])) == shown


def test_every_field_and_key_is_on_the_page() -> None:
    for name in (*ORDER_FIELDS, *LINE_FIELDS, *TableConfig.model_fields):
        assert re.search(rf"\b{name}\b", PAGE), name
