"""The classifier: stock, make, buy or custom; or a question to a person, never a guess."""

from __future__ import annotations

from agents.runtime.agent import Agent, Effects, Turn, handles
from knowledge.plant import Plant, Replenishment
from knowledge.revision import revised
from protocols.orders import Classified, ClassifyOrder, KnowledgeChanged, LineClass, LineFacts
from protocols.supplying import ReportTaken


class ClassifierAgent(Agent):
    """Keeps no records: it decides from the plant alone."""

    name = "classifier"

    def __init__(self, plant: Plant) -> None:
        self.plant = plant

    @handles(ClassifyOrder)
    def classify(self, turn: Turn[ClassifyOrder]) -> Effects:
        order = turn.content.order
        lines = tuple(classified(self.plant, line) for line in order.lines)
        yield turn.inform(Classified(order=order.order, lines=lines))

    @handles(KnowledgeChanged)
    def learn(self, turn: Turn[KnowledgeChanged]) -> Effects:
        self.plant = revised(self.plant, turn.content.release)
        yield turn.inform(ReportTaken())


def classified(plant: Plant, line: LineFacts) -> LineClass:
    """A line's class. How much of it comes from stock and how much is made or bought is for netting to say."""
    item = plant.items.get(line.item) if line.item else None
    if item is None and line.item:
        kind, question = "", f"item {line.item} is not known: add it, or an alias for it"
    elif item is None:
        kind, question = "custom", ""
    else:
        designed = item.code in plant.boms or item.code in plant.routes
        custom = item.supply is Replenishment.ENGINEER and not designed
        kind, question = "custom" if custom else _replenished(item.supply), ""
    if not question and line.unit_price is None:
        question = "the unit price is missing"
    return LineClass(line=line.line, classified_as=kind, question=line.question or question)


def _replenished(supply: Replenishment) -> str:
    return "custom" if supply is Replenishment.ENGINEER else supply.value
