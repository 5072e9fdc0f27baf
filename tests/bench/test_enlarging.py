"""A database that is written again under other names is one that a society goes on from."""

from __future__ import annotations

from pathlib import Path

from agents.society import stored_files, stored_plant
from agents.sources.reading import read_paths
from knowledge.auditor import audit
from knowledge.reading import read_folder
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.store.tables import CustomerOrderRow, MessageRow, PromiseRow
from simulations.processing import Processing, earliest
from tests.bench.enlarging import enlarge
from tests.bench.plant import write_plant


def test_every_order_is_there_so_many_times_and_every_law_holds(tmp_path: Path) -> None:
    write_plant(tmp_path, orders=24, families=2)
    reads, store = read_paths([tmp_path / "orders.jsonl"]), Store()
    society = Processing(store, read_folder(tmp_path / "knowledge"), earliest(reads))
    for _ in society.run(reads):
        pass
    enlarge(store, 3, families=2, orders=24)
    assert len(store.rows(CustomerOrderRow)) == 72
    assert audit(books_of(store, stored_plant(store), store.clock())) == []
    again = Processing(store, stored_files(store), store.clock())
    (one,) = (read for read in read_paths([tmp_path / "orders.jsonl"]) if read.name == reads[0].name)
    assert one.document is not None
    other = one.document.model_copy(update={"number": "SO999999", "received": None})
    for _ in again.run([type(one)("another", other, "", "")]):
        pass
    assert [row["status"] for row in store.rows(PromiseRow, order="bench/SO999999")] == ["promised"]
    assert store.rows(MessageRow, status="dead") == []
    assert audit(books_of(store, stored_plant(store), again.now)) == []
