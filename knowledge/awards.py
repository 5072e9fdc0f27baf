"""Why a purchase is bought where it is: the policy that chose, and what the next best would have cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from knowledge.quantities import round_money


class Policy(StrEnum):
    """What decided between the offers."""

    ONLY_OFFER = "only offer"
    ONLY_IN_TIME = "only one in time"
    CHEAPEST = "cheapest on time"
    SPLIT_EARLIER = "split: earlier"
    SPLIT_CHEAPER = "split: cheaper"
    PREFERENCE = "preference"


@dataclass(frozen=True, slots=True)
class Award:
    """How the supplier of a purchase row was chosen, for all the needs that it covers.

    `outlay` is what those needs cost as bought, excess and order costs included, with the rows of other suppliers
    where they are split; `next_outlay` what they would have cost of `next_suppliers`, the best that do without this
    supplier (by preference: the cheapest). `late` are suppliers that could not have brought them in time. Money is in
    the plant's currency.
    """

    policy: Policy
    outlay: Decimal
    currency: str
    next_suppliers: tuple[str, ...] = ()
    next_outlay: Decimal | None = None
    late: tuple[str, ...] = ()

    def said(self) -> str:
        """The award in a sentence."""
        parts = [f"{self.policy}, {self._money(self.outlay)}"]
        if self.next_outlay is not None:
            more = self.next_outlay - self.outlay
            apart = f"{self._money(abs(more))} {'more' if more > 0 else 'less'}" if more else "as much"
            parts.append(f"next best {' and '.join(self.next_suppliers)}: {apart}")
        if self.late:
            parts.append(f"not in time: {', '.join(self.late)}")
        return "; ".join(parts)

    def _money(self, amount: Decimal) -> str:
        return f"{round_money(amount):f} {self.currency}"
