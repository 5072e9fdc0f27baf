"""The part of the planner that improves its plan, while there is nothing else to do."""

from __future__ import annotations

from typing import Any

from agents.planner.improving.hosting import Improver
from agents.planner.improving.running import Running, begun
from agents.planner.jobs import Job
from agents.planner.state import State
from agents.runtime.agent import Agent, Effects, Turn
from knowledge.instants import Instant
from protocols.supplying import Wake


class Improving(Agent):
    """A planner that improves. `Wake(what="improve")` begins it, `Wake(what="improved")` looks how far it is."""

    state: State
    jobs: list[Job]
    round: object | None
    """What is being decided."""

    def __init__(self, improver: Improver | None) -> None:
        self.improver = improver
        self.improving: Running | None = None
        self.improve_at: Instant | None = None
        self.asked_to_improve = False

    def enqueue(self, turn: Turn[Any]) -> Effects:
        """Take a job."""
        raise NotImplementedError

    def _asks(self, order: str) -> bool:
        """Whether policy asks before a promise that no longer holds is made anew."""
        raise NotImplementedError

    def _keep(self, turn: Turn[Any], key: str, body: dict[str, Any]) -> Any:
        raise NotImplementedError

    def stop(self) -> None:
        """What improves beside is told to end."""
        if self.improver is not None:
            self.improver.stop()

    def _improve(self, turn: Turn[Wake]) -> Effects:
        """Begin to improve the plan, once there are no jobs. A run lives in memory: a crash loses nothing else."""
        if self.improver is None:
            return
        yield from self._improve_at(turn, None)
        if self.improving is not None:
            return
        if self.jobs or self.round is not None:
            self.asked_to_improve = True
            return
        self.state.begin(turn.now)
        run = begun(self.state, self.improver, self._asks)
        if run.groups:
            self.improving = run
            yield turn.timer(turn.now, self.name, Wake(what="improved"), subject="")

    def _improved(self, turn: Turn[Wake]) -> Effects:
        """Look how far improving is. To take its result is a job like any other."""
        run = self.improving
        if run is None:
            return
        if self.jobs or self.round is not None:
            run.waits = True
            return
        if run.posed is None:
            self.state.begin(turn.now)
        if run.poll(self.state):
            yield from self.enqueue(turn)
        else:
            yield turn.timer(turn.now + run.improver.wait_seconds, self.name, Wake(what="improved"), subject="")

    def _go_on_improving(self, turn: Turn[Any], job: Job) -> Effects:
        """After a job: look at the run again that has waited for it, or whose result it was; else begin one in time."""
        run, improver = self.improving, self.improver
        if run is None:
            if self.asked_to_improve and not self.jobs:
                self.asked_to_improve = False
                yield turn.timer(turn.now, self.name, Wake(what="improve"), subject="")
            elif improver is not None and improver.every_seconds and self.improve_at is None and not job.improves:
                yield from self._improve_at(turn, turn.now + improver.every_seconds)
            return
        if job.improves and not run.next():
            self.improving = None
        elif job.improves or (run.waits and not self.jobs):
            run.waits = False
            pause = min(1, run.improver.wait_seconds)  # what came meanwhile goes first: timers go before what comes
            yield turn.timer(turn.now + pause, self.name, Wake(what="improved"), subject="")

    def _improve_at(self, turn: Turn[Any], at: Instant | None) -> Effects:
        if at != self.improve_at:
            self.improve_at = at
            yield self._keep(turn, "improve", {"at": at})
            if at is not None:
                yield turn.timer(at, self.name, Wake(what="improve"), subject="")
