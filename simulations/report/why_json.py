"""An explanation as one JSON object: times in the plant's zone, quantities in the item's unit, documents encoded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from knowledge.awards import Award
from knowledge.deliveries import OnTime
from knowledge.explanation.values import Cause, Cure, Explanation, LineAnswer, Part, Slack, SupplyAnswer, Twig, Use
from knowledge.instants import Instant, iso
from knowledge.plant import Plant
from knowledge.quantities import Units, round_money, show_units
from knowledge.supply import STOCK, PurchaseRow, Supply, base_document, readable
from knowledge.wording import show_quantity
from simulations.report.why_words import Words


def explanation_json(found: Explanation, plant: Plant) -> dict[str, Any]:
    """All of an explanation. What is not known of something is left out."""
    return _Writer(plant).explanation(found)


class _Writer:
    def __init__(self, plant: Plant) -> None:
        self.plant, self.words = plant, Words(plant)

    def explanation(self, found: Explanation) -> dict[str, Any]:
        """The whole object."""
        body: dict[str, Any] = {
            "document": found.document,
            "name": readable(found.document),
            "kind": found.kind.value,
            "status": found.status,
            "now": self._time(found.now),
        }
        if found.supplies:
            body["supplies"] = [self._answer(answer) for answer in found.supplies]
        else:
            body["lines"] = [self._line(line) for line in found.lines]
        return body

    def _time(self, instant: Instant | None) -> str | None:
        return None if instant is None else iso(instant, self.plant.zone)

    def _units(self, units: Units | None, item: str) -> str | None:
        known = self.plant.items.get(item)
        return None if units is None else show_units(units, known.decimals if known else 0)

    # -- order lines

    def _line(self, line: LineAnswer) -> dict[str, Any]:
        return {
            "line": line.document,
            "item": line.item,
            "customer": line.customer,
            "parts": [self._part(part, line) for part in line.parts],
        }

    def _part(self, part: Part, line: LineAnswer) -> dict[str, Any]:
        return _known(
            item=part.item,
            quantity=show_quantity(part.quantity),
            state=part.state.value,
            requested=self._time(part.requested),
            promised=self._time(part.promised),
            planned=self._time(part.planned),
            ship=self._time(part.ship),
            decided=self._time(part.decided),
            reason=part.reason,
            causes=[self._cause(cause, part) for cause in part.causes],
            cures=[self._cure(cure) for cure in part.cures],
            rest_seconds=part.rest,
            slack=self._slack(part.slack) if part.slack else None,
            waits_for=[self._twig(twig) for twig in part.twigs],
        )

    def _cause(self, cause: Cause, part: Part) -> dict[str, Any]:
        return _known(
            kind=cause.kind.value,
            text=self.words.cause(cause),
            consequence=self.words.consequence(cause, part.requested),
            documents=_documents(cause.documents),
            through=_documents(cause.through),
            item=cause.item,
            quantity=self._units(cause.quantity, cause.item),
            needed=self._units(cause.needed, cause.item),
            supplier=cause.supplier,
            work_centre=cause.work_centre,
            step=cause.step,
            line=cause.line,
            since=self._time(cause.since),
            until=self._time(cause.until),
            possible=self._time(cause.possible),
            lead_time_days=cause.lead_time.days if cause.lead_time else None,
            seconds=cause.seconds,
            earliest=self._time(cause.earliest),
            without=self._time(cause.without),
            before=[
                {
                    "document": each.document,
                    "item": each.item,
                    "start": self._time(each.start),
                    "finish": self._time(each.finish),
                    "lines": list(each.lines),
                }
                for each in cause.before
            ],
            ahead=cause.ahead or None,
            elsewhere=[{"line": line, "quantity": self._units(units, cause.item)} for line, units in cause.elsewhere],
            reason=cause.text,
            by_now=cause.by_now or None,
            cures=[self._cure(cure) for cure in cause.cures],
        )

    def _cure(self, cure: Cure) -> dict[str, Any]:
        return _known(
            kind=cure.kind.value,
            text=self.words.cures([cure])[0],
            document=base_document(cure.document),
            item=cure.item,
            quantity=self._units(cure.quantity, cure.item),
            supplier=cure.supplier,
            work_centre=cure.work_centre,
            seconds=cure.seconds,
            time=self._time(cure.time),
            delivery=self._time(cure.delivery),
            on_time=cure.on_time if cure.delivery is not None else None,
            hours=[{"start": self._time(start), "end": self._time(end)} for start, end in cure.hours],
            replanned=self._time(cure.replanned),
            estimate=cure.replanned is None if cure.delivery is not None else None,
            cost=None if cure.cost is None else f"{round_money(cure.cost):f}",
            currency=None if cure.cost is None else self.plant.currency,
        )

    def _slack(self, slack: Slack) -> dict[str, Any]:
        own = self._supply(slack.supply) if slack.supply else {"document": STOCK}
        return {"text": self.words.slack(slack), "seconds": slack.seconds, **own}

    # -- supply and trees

    def _answer(self, answer: SupplyAnswer) -> dict[str, Any]:
        return _known(
            **self._supply(answer.supply),
            overdue=answer.overdue,
            award=self._award(answer.award) if answer.award else None,
            on_time=_on_time(answer.record) if answer.record else None,
            learned=answer.learned or None,
            is_for=[self._use(use) for use in answer.uses],
            waits_for=[self._twig(twig) for twig in answer.twigs],
        )

    def _award(self, award: Award) -> dict[str, Any]:
        return _known(
            policy=award.policy.value,
            text=award.said(),
            outlay=f"{round_money(award.outlay):f}",
            currency=award.currency,
            next_suppliers=list(award.next_suppliers),
            next_outlay=None if award.next_outlay is None else f"{round_money(award.next_outlay):f}",
            not_in_time=list(award.late),
        )

    def _supply(self, supply: Supply) -> dict[str, Any]:
        common: dict[str, Any] = {
            "document": base_document(supply.document),
            "item": supply.item,
            "total": self._units(supply.quantity, supply.item),
            "status": supply.status.value,
        }
        if isinstance(supply, PurchaseRow):
            common |= {"kind": "purchase_order", "supplier": supply.supplier}
            common |= {"order_by": self._time(supply.order_by), "due": self._time(supply.due)}
        else:
            common |= {"kind": "work_order", "start": self._time(supply.start), "finish": self._time(supply.finish)}
        return common

    def _twig(self, twig: Twig) -> dict[str, Any]:
        kind = "missing" if twig.missing else "stock"
        own = self._supply(twig.supply) if twig.supply else {"kind": kind, "document": twig.document, "item": twig.item}
        return _known(
            **own,
            quantity=self._units(twig.units, twig.item),
            overdue=twig.overdue or None,
            binding=twig.binding or None,
            repeated=twig.repeated or None,
            cut=twig.cut or None,
            waits_for=[self._twig(each) for each in twig.twigs],
        )

    def _use(self, use: Use) -> dict[str, Any]:
        own = self._supply(use.supply) if use.supply else {"document": use.document}
        return _known(
            **own,
            quantity=self._units(use.units, use.item),
            component=use.item if use.supply else None,
            needed=self._time(use.time),
            state=use.state.value if use.state else None,
            delivery=self._time(use.delivery),
            binding=use.binding or None,
            repeated=use.repeated or None,
            cut=use.cut or None,
            is_for=[self._use(each) for each in use.uses],
        )


def _documents(documents: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(base_document(document) for document in documents))


def _known(**fields: Any) -> dict[str, Any]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value is not None and value != "" and value != []}


def _on_time(record: OnTime) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__} | {"text": record.said()}
