"""Suppliers answer calls for offers by themselves: with what the market lets them offer now."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from knowledge.instants import MINUTE, Instant
from knowledge.reading import read_plant
from protocols.supplying import Quote
from simulations.policies.rewriting import rows_of


class Answers:
    """What each supplier offers: by the folder as it is offered now, until a minute after that is made anew."""

    def __init__(self, offered: Callable[[], Mapping[str, str]], anew: Callable[[], Instant]) -> None:
        self.offered, self.anew = offered, anew
        self._read: Mapping[str, str] | None = None
        self._quotes: dict[str, list[Quote]] = {}

    def __call__(self, supplier: str, now: Instant) -> list[Quote]:
        files = self.offered()
        if files is not self._read:
            until = self.anew() + MINUTE
            self._read, self._quotes = files, {}
            for offers in read_plant(dict(files)).offers.values():
                for offer in offers:
                    quote = Quote.of(offer).model_copy(update={"valid_until": until})
                    self._quotes.setdefault(offer.supplier, []).append(quote)
        return self._quotes.get(supplier, [])


def besides_terms(files: Mapping[str, str]) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """What a folder says that no supplier says by itself: all but the terms of offers, and of those who is asked."""
    rest = {name: text for name, text in files.items() if name != "offers.csv"}
    return rest, {(row["supplier"].strip(), row["item"].strip()) for row in rows_of(files, "offers.csv")}
