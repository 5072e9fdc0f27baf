"""The floor: it works off what was released, with chance, and reports it."""

from __future__ import annotations

import datetime as dt
from functools import partial

from knowledge.instants import Instant
from knowledge.plant import Alternative
from knowledge.quantities import Units
from protocols.publishing import WorkOrderNews
from simulations.world.chance import happens
from simulations.world.jobs import DispatchRule, Job, Operation
from simulations.world.machines import Centre, Machine, centre_of
from simulations.world.scenario import Floor as FloorRules
from simulations.world.scene import Scene

_MANY = 400
"""Of more pieces the scrap is a normal number, of fewer each is looked at."""


class FloorWorld:
    """Work orders begin when their material is there. A machine that is free takes the first one by the rule."""

    def __init__(self, scene: Scene, rules: FloorRules, dispatch: DispatchRule) -> None:
        self.scene, self.rules, self.dispatch = scene, rules, dispatch
        self.jobs: dict[str, Job] = {}
        self.closed: set[str] = set()
        self.picking: dict[str, Job] = {}
        self.queues: dict[str, list[Job]] = {}
        self.centres: dict[str, Centre] = {}
        self._serials: dict[str, int] = {}
        for code in sorted(scene.plant.work_centres):
            self.centres[code] = centre = centre_of(scene, scene.plant.work_centres[code], rules.rules(code))
            self.queues[code] = []
            for start, end in centre.down:
                if scene.begin < start < scene.end:
                    scene.agenda.at(start, partial(self._down, code, end))

    # -- what the floor hears

    def hear(self, now: Instant, news: WorkOrderNews) -> None:
        """A work order was released, moved or cancelled."""
        number = news.work_order
        if news.status == "cancelled":
            self._drop(number)
        elif news.status == "released" and number not in self.closed:
            if number in self.jobs:
                self._moved(self.jobs[number], news)
            else:
                self._take(now, news)

    def _drop(self, number: str) -> None:
        """Work that has not begun is not begun any more, and its material goes back."""
        job = self.jobs.get(number)
        if job is None or job.working or job.at:
            return
        self.closed.add(number)
        del self.jobs[number]
        if self.picking.pop(number, None) is None:
            self.queues[job.operation.centre].remove(job)
            for item, units in job.components:
                self.scene.shelf.put(item, units)

    def _take(self, now: Instant, news: WorkOrderNews) -> None:
        item, scene = news.item, self.scene
        serial = self._serials[item] = self._serials.get(item, 0) + 1
        quantity = scene.units(item, news.quantity)
        parts = tuple((part.item, scene.units(part.item, part.quantity)) for part in news.components)
        start, due = _instant(news.start), _instant(news.finish)
        planned = {each.step: each for each in news.operations}
        job = Job(news.work_order, item, serial, quantity, quantity, parts, [], start, due, now)
        for operation in news.operations:
            job.operations.append(Operation(operation.step, operation.work_centre, _instant(operation.start), True))
        if not planned:
            job.operations = self._own_route(job)
        self.jobs[job.number] = job
        if now == scene.begin:  # what was released before had drawn its components then
            job.picked = True
            self._next(job, now)
        else:
            self.picking[job.number] = job
            self.pick(now)

    def _own_route(self, job: Job) -> list[Operation]:
        """What has to be done where the society knows of no operations: the least busy way of each step."""
        route = self.scene.plant.routes.get(job.item)
        found = []
        for step in route.steps if route else ():
            ways = [way.work_centre for way in step.alternatives]
            centre = min(ways, key=lambda code: len(self.queues[code]) / len(self.centres[code].machines))
            found.append(Operation(step.step, centre, job.start, False))
        return found

    def _moved(self, job: Job, news: WorkOrderNews) -> None:
        """The plan of work that waits is another."""
        job.due = _instant(news.finish)
        starts = {each.step: _instant(each.start) for each in news.operations}
        for operation in job.operations[job.at :]:
            operation.start = starts.get(operation.step, operation.start)

    # -- what it does

    def pick(self, now: Instant) -> None:
        """Take the material of what waits for it, as far as it is there, the first planned first."""
        for job in sorted(self.picking.values(), key=lambda job: (job.start, job.number)):
            if all(self.scene.shelf.has(item, units) for item, units in job.components):
                for item, units in job.components:
                    self.scene.shelf.take(item, units)
                del self.picking[job.number]
                job.picked = True
                self._next(job, now)

    def _next(self, job: Job, now: Instant) -> None:
        if job.at >= len(job.operations):
            # no route: it takes its lead time, for which nobody is needed
            self.scene.agenda.at(max(now, job.due), partial(self._without_route, job))
            return
        job.queued = now
        self.queues[job.operation.centre].append(job)
        self._serve(job.operation.centre, now)

    def _serve(self, code: str, now: Instant) -> None:
        """Let machines that are free begin what waits; those that cannot work now look again when they can."""
        queue = self.queues[code]
        for machine in self.centres[code].machines:
            if not queue:
                return
            if machine.busy:
                continue
            start = machine.next_start(now)
            if start > now:
                if machine.wakes != start:
                    machine.wakes = start
                    self.scene.agenda.at(start, partial(self._serve, code))
                continue
            job = min(queue, key=self.dispatch)
            queue.remove(job)
            self._begin(job, machine, now)

    def _begin(self, job: Job, machine: Machine, now: Instant) -> None:
        operation = job.operation
        rules = self.centres[operation.centre].rules
        rng = self.scene.chance("operation", job.item, job.serial, operation.step)
        seconds = self._standard(job, machine) * max(0.01, rules.time_factor.draw(rng))
        if happens(rng, rules.rework.chance):
            seconds *= 1 + max(0.0, rules.rework.share.draw(rng))
        scrap = self._scrapped(job, rules.scrap)
        lasting = max(60, round(seconds))
        machine.busy, job.working = True, True
        finish = machine.finish(now, lasting)
        self.scene.agenda.at(finish, partial(self._finish, job, machine, now, lasting, scrap))

    def _standard(self, job: Job, machine: Machine) -> float:
        """Seconds by the standard times of the plant as it is, set-up by what the machine did before."""
        scene, operation = self.scene, job.operation
        centre = self.centres[operation.centre].centre
        way = self._way(job)
        item = scene.plant.items.get(scene.likes.get(job.item, job.item))
        group = item.group if item is not None else ""
        setup = way.setup_minutes
        if machine.group is not None:
            setup = scene.plant.setups.get((centre.code, machine.group, group), setup)
        machine.group = group
        pieces = float(scene.units_to_whole(job.item, job.good))
        minutes = float(setup) + float(way.run_minutes) * pieces + float(way.teardown_minutes)
        return minutes * 60 * 100 / float(centre.efficiency_percent)

    def _way(self, job: Job) -> Alternative:
        """The standard times of what is to be done."""
        operation = job.operation
        route = self.scene.plant.routes.get(job.item)
        for step in route.steps if route else ():
            if step.step == operation.step:
                fitting = [way for way in step.alternatives if way.work_centre == operation.centre]
                return (fitting or step.alternatives)[0]
        return Alternative(operation.centre)

    def _scrapped(self, job: Job, chance: float) -> Units:
        """Whole pieces that are lost in an operation."""
        if not chance:
            return 0
        scale: int = 10 ** self.scene.decimals(job.item)
        pieces = job.good // scale
        own = self.scene.chance("scrap", job.item, job.serial, job.operation.step)
        if pieces > _MANY:
            deviation = (pieces * chance * (1 - chance)) ** 0.5
            lost = round(max(0.0, own.gauss(pieces * chance, deviation)))
        else:
            lost = sum(own.random() < chance for _ in range(pieces))
        return min(pieces, lost) * scale

    def _finish(self, job: Job, machine: Machine, start: Instant, worked: int, scrap: Units, now: Instant) -> None:
        machine.busy, job.working = False, False
        machine.worked += worked
        operation, last = job.operation, job.at == len(job.operations) - 1
        job.good -= scrap
        job.at += 1
        over = last or not job.good
        if over:
            self._over(job, now, operation, scrap, start)
        else:
            if operation.reported and self.rules.report_steps:
                self._report(job, now, operation, scrap, start)
            self._next(job, now)
        self._serve(operation.centre, now)

    def _without_route(self, job: Job, now: Instant) -> None:
        self._over(job, now, None, 0, job.start)

    def _over(self, job: Job, now: Instant, operation: Operation | None, scrap: Units, start: Instant) -> None:
        """A work order is done: what is good goes to the shelf."""
        del self.jobs[job.number]
        self.closed.add(job.number)
        if job.good:
            self.scene.shelf.put(job.item, job.good)
        last = operation is not None and job.at == len(job.operations)
        step = {"step": operation.step} if operation and operation.reported and last else {}
        told = scrap if step and self.rules.report_steps else job.quantity - job.good
        self._say(job, now, started=start, scrap=told, good=self.scene.shown(job.item, job.good), complete=True, **step)

    def _report(self, job: Job, now: Instant, operation: Operation, scrap: Units, start: Instant) -> None:
        self._say(job, now, started=start, scrap=scrap, step=operation.step)

    def _say(self, job: Job, now: Instant, started: Instant, scrap: Units, **more: object) -> None:
        scene = self.scene
        times = {"started": scene.text(min(started, now)), "finished": scene.text(now)}
        scrapped = {"scrap": scene.shown(job.item, scrap)} if scrap else {}
        scene.say(now, "operation_report", work_order=job.number, **times, **scrapped, **more)

    def _down(self, code: str, end: Instant, now: Instant) -> None:
        """A work centre of one machine is down: everybody is told until when."""
        opened, scene = self.centres[code].machines[0].opened, self.scene
        if opened.open_seconds(end) > opened.open_seconds(now):
            scene.say(now, "machine_downtime", work_centre=code, start=scene.text(now), end=scene.text(end))


def _instant(text: str) -> Instant:
    return int(dt.datetime.fromisoformat(text).timestamp())
