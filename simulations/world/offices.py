"""The offices: engineers who design custom lines, and managers who answer what is put to them."""

from __future__ import annotations

from functools import partial

from knowledge.calendars import OPEN_ALWAYS, OpenTime
from knowledge.documents import EngineeringRelease
from knowledge.instants import HOUR, Instant
from knowledge.revision import revised
from knowledge.supply import order_document
from protocols.notices import Notice, NoticeKind
from protocols.publishing import OrderNews
from simulations.world.chance import happens
from simulations.world.orders import OrderBook
from simulations.world.scenario import Engineering, Managers
from simulations.world.scene import Scene


class Engineers:
    """Some engineers and one queue: each designs one line after the other in working hours, and releases it."""

    def __init__(self, scene: Scene, rules: Engineering, book: OrderBook) -> None:
        self.scene, self.rules, self.book = scene, rules, book
        calendar = scene.plant.calendars.get(rules.calendar or "default", OPEN_ALWAYS)
        self.axis = OpenTime(calendar, scene.begin)
        self.free = [scene.begin] * rules.engineers
        self.known: set[tuple[str, str]] = set()
        self.released: dict[str, str] = {}

    def hear(self, now: Instant, news: OrderNews) -> None:
        """An order may have lines that wait for engineering."""
        for part in news.lines:
            if part.status == "awaiting_engineering":
                self._queue(now, news, part.line)

    def _queue(self, now: Instant, news: OrderNews, line: str) -> None:
        document = order_document(news.source, news.number)
        if (document, line) in self.known or document not in self.book.orders:
            return
        self.known.add((document, line))
        rng = self.scene.chance("engineering", news.number, line)
        seconds = max(60, round(self.rules.hours.draw(rng) * HOUR))
        first = min(range(len(self.free)), key=self.free.__getitem__)
        start = max(now, self.free[first])
        self.free[first] = done = self.axis.finish_at(self.axis.open_seconds(start) + seconds)
        self.scene.agenda.at(max(now, done), partial(self._release, document, line))

    def _release(self, document: str, line: str, now: Instant) -> None:
        order = self.book.orders[document]
        if order.cancelled is not None:
            return
        plant, like = self.scene.plant, order.lines[line].like
        item = f"{like}-{order.number}-{line}"
        bom, route = plant.boms.get(like), plant.routes.get(like)
        parts = [
            {"component": each.item, "quantity": str(each.quantity), "scrap_percent": str(each.scrap_percent)}
            for each in (bom.components if bom else ())
        ]
        steps = [
            {
                "step": step.step,
                "work_centre": way.work_centre,
                "setup_minutes": str(way.setup_minutes),
                "run_minutes": str(way.run_minutes),
                "teardown_minutes": str(way.teardown_minutes),
            }
            for step in (route.steps if route else ())
            for way in step.alternatives
        ]
        self.scene.likes[item] = like
        order.lines[line].item = item
        names = {"source": order.source, "number": order.number, "line": line, "item": item, "revision": "A"}
        self.scene.say(now, "engineering_release", **names, drawings=[f"D-{item}"], bom=parts, route=steps)
        release = self.scene.letters[-1].document
        assert isinstance(release, EngineeringRelease)
        self.scene.plant = revised(plant, release)


class ManagersWorld:
    """Managers answer after a time; `asked` counts what they were asked."""

    def __init__(self, scene: Scene, rules: Managers) -> None:
        self.scene, self.rules = scene, rules
        self.waiting: set[str] = set()
        self.asked = 0

    def hear(self, now: Instant, notice: Notice) -> None:
        """Something waits for an answer, or does not any more."""
        if notice.kind is NoticeKind.DECIDED:
            self.waiting.discard(notice.approval)
        elif notice.kind is NoticeKind.ASKED and notice.approval not in self.waiting:
            self.asked += 1
            self.waiting.add(notice.approval)
            rng = self.scene.chance("manager", notice.title.partition(": ")[2])
            wait = max(60, round(self.rules.hours.draw(rng) * HOUR))
            decision = "approve" if happens(rng, self.rules.approve) else "reject"
            self.scene.agenda.at(now + wait, partial(self._answer, notice.approval, decision))

    def _answer(self, approval: str, decision: str, now: Instant) -> None:
        if approval in self.waiting:
            self.waiting.discard(approval)
            self.scene.say(now, "approval_answer", approval=approval, decision=decision, by="manager")
