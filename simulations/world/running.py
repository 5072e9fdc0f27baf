"""A run of a scenario under a policy: the world and the society, a step of time after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from agents.runtime.simulated import SimulatedHost
from agents.service.connectors.news import Newsroom
from knowledge.errors import KnowledgeError, SocietyError
from knowledge.instants import DAY, MINUTE, Instant, midnight
from knowledge.reading import read_plant
from protocols.notices import NoticeKind
from protocols.publishing import (
    OrderNews,
    PurchaseOrderNews,
    ShippingOrderNews,
    Topic,
    WorkOrderNews,
)
from simulations.policies.installed import policy_of
from simulations.policies.policy import Known
from simulations.processing import Processing
from simulations.world.answering import Answers, besides_terms
from simulations.world.customers import Customers
from simulations.world.floor import FloorWorld
from simulations.world.forecast import expected_demand
from simulations.world.given import GivenOrders
from simulations.world.hearing import LISTENERS, NAME, Ear, subscriptions
from simulations.world.levels import Levels
from simulations.world.market import MarketWorld
from simulations.world.measures import Gauge, measures_of
from simulations.world.offices import Engineers, ManagersWorld
from simulations.world.orders import OrderBook
from simulations.world.reading import read_setting
from simulations.world.scene import Scene
from simulations.world.suppliers import SuppliersWorld
from simulations.world.trials import Run, Trial
from simulations.world.warehouse import WarehouseWorld
from simulations.world.watching import Promises, Starts, WatchedStore

Tell = Callable[[int, int], None]
"""Told how many days are done, and how many there are."""


def _untold(done: int, days: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class Observation:
    """How things stand at a time: levels, and sums since the beginning."""

    now: Instant
    day: int
    levels: Mapping[str, float]
    sums: Mapping[str, float]


def run_trial(trial: Trial, tell: Tell = _untold) -> Run:
    """Run a trial to its end. Raises SocietyError where it cannot be run."""
    world = World(trial)
    try:
        for day in range(1, trial.days + 1):
            world.step(world.begin_of(day))
            tell(day, trial.days)
        return world.result()
    finally:
        world.close()


MakeHost = Callable[..., Any]


class World:
    """The world and the society of a trial. `now` is where they are; `step` lets time pass."""

    def __init__(self, trial: Trial, make_host: MakeHost = SimulatedHost) -> None:
        if trial.days < 1:
            raise SocietyError(f"{trial.days} days are none: a run takes at least 1")
        self.trial, self.policy = trial, policy_of(trial.policy, dict(trial.policy_parameters))
        self.setting = setting = read_setting(trial.scenario, trial.scenario_parameters)
        scenario, plant = setting.scenario, setting.plant
        self.begin = self.now = midnight(scenario.start, plant.zone)
        self.scene = scene = Scene(trial.seed, plant, self.begin, self.begin + (trial.days + 400) * DAY)
        scene.shelf.on_hand.update(plant.stock)
        self.known = Known(plant, scenario, expected_demand(setting))
        self.market = MarketWorld(scene, scenario.suppliers.market) if scenario.suppliers.market else None
        self.steer: Callable[[dict[str, str]], dict[str, str]] = dict
        self.files = self.policy.knowledge(self._files(), self.known)
        self.offered = self.files
        """The folder with what suppliers offer now, where they answer by themselves."""
        self.ear, self.store, self.book = Ear(), WatchedStore(), OrderBook()
        designed = [name for name, stream in scenario.customers.items() if stream.custom_share]
        self.customers = [Customers(scene, name, each, self.book) for name, each in scenario.customers.items()]
        self.given = GivenOrders(scene, setting.given, self.book)
        self.floor = FloorWorld(scene, scenario.floor, type(self.policy).dispatch)
        self.suppliers = SuppliersWorld(scene, scenario.suppliers, self.market)
        self.warehouse = WarehouseWorld(scene, scenario.warehouse, self.book, self._shipping)
        self.engineers = Engineers(scene, scenario.engineering, self.book)
        self.managers = ManagersWorld(scene, scenario.managers)
        host = partial(make_host, sinks={NAME: self.ear}, subscriptions=subscriptions(designed))
        self.society = Processing(
            self.store,
            self.files,
            self.begin,
            seed=trial.seed,
            make_host=host,
            improve_seconds=self.policy.improve_seconds if self.policy.improve_every_days else 0,
            listeners=LISTENERS,
            offering=self._answers() if self.market else None,
        )
        self.newsroom = Newsroom(self.store, plant)
        self.levels = Levels(scene, self.floor, self.suppliers, self.book)
        self.promises, self.starts = Promises(self.store, self.book), Starts(self.store)
        self.moved_promises = self.moved_starts = self.quarantined = self.documents = 0
        self.gauge = Gauge(self.begin, self.begin_of(scenario.warm_up_days))
        scene.agenda.at(self.begin, self._tick)
        self._days_noted = 0
        self._hear()

    def begin_of(self, day: int) -> Instant:
        """When a day begins, counted from 0; the one after the last ends the run."""
        return self.begin + day * DAY

    def close(self) -> None:
        """Let go of the society."""
        self.society.host.stop()
        self.store.close()

    def _answers(self) -> Answers:
        market = self.market
        assert market is not None
        return Answers(lambda: self.offered, lambda: self.begin_of(market.until))

    def _files(self) -> dict[str, str]:
        """The true knowledge folder, with what suppliers offer now."""
        files = dict(self.setting.files)
        return self.market.offers(files) if self.market else files

    # -- time

    def step(self, until: Instant) -> None:
        """Let time pass until then; what is due then has happened."""
        agenda = self.scene.agenda
        while self.now < until:
            day_end = self.begin_of(self._days_noted + 1)
            time = min(until, day_end, agenda.next or until)
            self._advance(max(self.now, time))
            if self.now >= day_end:
                self._day_over()

    def load(self, files: dict[str, str]) -> None:
        """Let the society go on with another version of its knowledge folder. Raises KnowledgeError."""
        self.society.now = self.now
        before, self.offered = self.offered, files  # suppliers are asked while it is loaded
        try:
            self.society.load(files)
        except KnowledgeError:
            self.offered = before
            raise
        self.files = files
        self._hear()

    def _advance(self, time: Instant) -> None:
        """Let everything happen that is due at the next time, and both sides hear of it."""
        self.now = time
        self.scene.agenda.happen(time)
        self._look_again()
        letters = self.scene.letters
        if letters:
            self.scene.letters = []
            self.documents += len(letters)
            for _ in self.society.run(letters):
                pass
        elif self._listening:
            self.society.host.run_until(time)
            self.society.now = time
        else:
            return
        self._listening = False
        self._hear()

    _listening = False

    def _tick(self, now: Instant) -> None:
        """Everybody looks at what they were told."""
        self._listening = True
        self.scene.agenda.at(now + self.setting.scenario.listen_minutes * MINUTE, self._tick)

    def _look_again(self) -> None:
        """Whoever waits for something in the warehouse looks whether it came."""
        while self.scene.shelf.came:
            self.scene.shelf.came = False
            self.floor.pick(self.now)
            self.warehouse.ship(self.now)

    def _hear(self) -> None:
        """Tell everybody in the world what the society decided."""
        self.moved_promises += self.promises.look()
        self.moved_starts += self.starts.look()
        changed, notices = self.ear.listen()
        for notice in notices:
            self.quarantined += notice.kind is NoticeKind.QUARANTINED
            self.managers.hear(self.now, notice)
        for topic, document in changed:
            if document in self.floor.closed or document in self.warehouse.shipped:
                continue  # that was said by themselves
            match self.newsroom.news(topic, document, self.now):
                case WorkOrderNews() as news:
                    self.floor.hear(self.now, news)
                case PurchaseOrderNews() as news:
                    self.suppliers.hear(self.now, news)
                case ShippingOrderNews() as news:
                    self.warehouse.hear(self.now, news)
                case OrderNews() as news:
                    self.engineers.hear(self.now, news)

    def _shipping(self, number: str, now: Instant) -> ShippingOrderNews | None:
        news = self.newsroom.news(Topic.SHIPPING_ORDER, number, now)
        return news if isinstance(news, ShippingOrderNews) else None

    # -- what is to be known

    def _day_over(self) -> None:
        self._days_noted += 1
        seen = self.observe()
        self.gauge.note(self.now, dict(seen.sums), dict(seen.levels))
        if self.market and self.market.pass_day(self.suppliers.take_ordered()):
            self._offer_anew(self.knowledge())
        every = self.policy.improve_every_days
        if every and not self._days_noted % every:
            self.society.now = self.now
            self.society.improve()
            self._hear()

    def _offer_anew(self, files: dict[str, str]) -> None:
        """Suppliers offer something else. What they do not say themselves, such as whom to ask, has to be loaded."""
        if besides_terms(files) == besides_terms(self.files):
            self.offered = files
        else:
            self.load(files)

    def knowledge(self) -> dict[str, str]:
        """The folder that the society is to have now: the true one as the policy has it, and whoever sets `steer`."""
        return self.steer(self.policy.knowledge(self._files(), self._known_now()))

    def _known_now(self) -> Known:
        """What whoever set the policy up knows now, of the offers, too."""
        return replace(self.known, plant=read_plant(self._files()))

    def observe(self) -> Observation:
        """How things stand now."""
        sums = {
            "moved_promises": self.moved_promises,
            "moved_starts": self.moved_starts,
            "work_orders": self.starts.made,
            "decisions": self.managers.asked + len(self.promises.questions),
            "messages": self.store.messages,
            "documents": self.documents,
            "quarantined": self.quarantined,
            **self.levels.sums(self.now),
        }
        levels = self.levels.levels(self.now)
        return Observation(self.now, (self.now - self.begin) // DAY, levels, {n: float(v) for n, v in sums.items()})

    def result(self) -> Run:
        """What came of it until now."""
        measures = measures_of(self.gauge, self.book.orders.values(), self.now, self.scene.plant.zone)
        measures["dead_letters"] = float(self.society.ledger.buried)
        return Run(self.trial, measures, tuple(self.gauge.days))


__all__ = ["Observation", "Run", "Trial", "World", "run_trial"]
