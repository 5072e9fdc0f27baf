"""The engineering liaison: keeps custom lines until the engineering department releases drawings, BOM and route."""

from __future__ import annotations

import json

from agents.runtime.agent import Agent, Effects, Records, Turn, handles
from knowledge.documents import EngineeringRelease
from knowledge.plant import Plant
from knowledge.revision import release_problem, revised
from knowledge.store.tables import AgentStateRow, KnowledgeFile
from knowledge.supply import line_document, order_document, readable
from protocols.envelope import Performative, ProtocolName
from protocols.orders import Designed, DesignLine, DesignQueued, DesignRefused, KnowledgeChanged, ReleaseDesign
from protocols.supplying import ReportTaken

RELEASES = "release/"
"""Under this name engineering releases are kept beside the files of the knowledge folder."""


class EngineeringAgent(Agent):
    """Reads and writes the queue of custom lines, and the releases."""

    name = "engineering"

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.queue: dict[str, dict[str, str]] = {}
        self.released = 0

    def restore(self, store: Records) -> None:
        """Rebuild the queue."""
        for row in store.rows(AgentStateRow, agent=self.name):
            if row["key"].startswith("line:"):
                self.queue[row["key"][5:]] = json.loads(row["body"])
        names = [row["name"] for row in store.rows(KnowledgeFile) if row["name"].startswith(RELEASES)]
        self.released = max((int(name[len(RELEASES) :].removesuffix(".json")) for name in names), default=0)

    @handles(DesignLine)
    def enqueue(self, turn: Turn[DesignLine]) -> Effects:
        content = turn.content
        key = f"{content.order}/{content.line}"
        self.queue[key] = {
            "conversation": turn.envelope.conversation,
            "asker": turn.sender,
            "order": content.order,
            "line": content.line,
            "description": content.description,
            "quantity": content.quantity,
        }
        body = json.dumps(self.queue[key])
        yield turn.save(AgentStateRow, {"agent": self.name, "key": f"line:{key}", "body": body})
        yield turn.reply(Performative.AGREE, DesignQueued(order=content.order, line=content.line))

    @handles(ReleaseDesign)
    def release(self, turn: Turn[ReleaseDesign]) -> Effects:
        """A release for a line in the queue, or a revision of an item: everybody plans with it from now on."""
        release = turn.content.release
        entry, problem = self._entry(release)
        problem = problem or release_problem(self.plant, release)
        if problem:
            yield turn.refuse(DesignRefused(reason=problem))
            return
        self.plant = revised(self.plant, release)
        self.released += 1
        name = f"{RELEASES}{self.released:06d}.json"
        yield turn.save(KnowledgeFile, {"name": name, "text": release.model_dump_json()})
        for agent in ("planner", "intake", "classifier", "inventory"):
            yield turn.request(agent, KnowledgeChanged(release=release))
        if entry is not None:
            key = f"{entry['order']}/{entry['line']}"
            if self.queue.pop(key, None):
                yield turn.remove(AgentStateRow, {"agent": self.name, "key": f"line:{key}"})
            designed = Designed(order=entry["order"], line=entry["line"], item=release.item)
            about = readable(entry["order"])
            yield turn.answer(
                entry["conversation"],
                ProtocolName.REQUEST,
                entry["asker"],
                Performative.INFORM,
                designed,
                subject=about,
            )
        yield turn.inform(ReportTaken())

    def _entry(self, release: EngineeringRelease) -> tuple[dict[str, str] | None, str]:
        """The line of the queue that a release means, or why there is none; neither for a revision of an item."""
        if release.source is None and release.number is None:
            return None, ""
        source, number = release.source or "", release.number or ""
        order = order_document(source, number)
        lines = [e for e in self.queue.values() if e["order"] == order and release.line in (None, e["line"])]
        if len(lines) == 1:
            return lines[0], ""
        if lines:
            return None, f"order {source}/{number} has several lines with engineering; name one"
        if release.item in self.plant.items and release.item in self.plant.boms:
            return None, ""
        line = line_document(source, number, release.line or "")
        return None, f"line {readable(line)} is not waiting for engineering"

    @handles(ReportTaken)
    def noted(self, turn: Turn[ReportTaken]) -> Effects:
        yield from ()
