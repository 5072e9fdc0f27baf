"""What torture reads of a database: once, and again where something was written into a table."""

from __future__ import annotations

from knowledge.store.database import Write
from knowledge.store.tables import KnowledgeFile, OnHandRow
from simulations.torture.faults import Faults, MortalStore
from simulations.torture.moments import Kept
from simulations.torture.story import Story


def on_hand(item: str, quantity: int) -> Write:
    return Write(OnHandRow, {"item": item, "quantity": quantity})


def test_what_was_written_is_read_again_and_nothing_else() -> None:
    store = MortalStore(Faults())
    kept = Kept(store)
    store.write([on_hand("A", 5)])
    files = kept.rows(KnowledgeFile)
    assert [row["quantity"] for row in kept.rows(OnHandRow, item="A")] == [5]
    store.write([on_hand("A", 6)])
    assert store.written == {OnHandRow}
    kept.written(store.written)
    assert [row["quantity"] for row in kept.rows(OnHandRow, item="A")] == [6]
    assert kept.rows(KnowledgeFile) is files


def test_the_plant_is_the_one_that_is_stored() -> None:
    store, files = MortalStore(Faults()), Story(1).files
    kept = Kept(store)
    for name in ("one", "other"):
        text = files["plant.toml"].replace('name = "random"', f'name = "{name}"')
        store.write([Write(KnowledgeFile, {"name": n, "text": t}) for n, t in {**files, "plant.toml": text}.items()])
        kept.written(store.written)
        assert kept.plant.name == name
        assert kept.plant is kept.plant
