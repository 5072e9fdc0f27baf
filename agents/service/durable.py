"""What is told outside rests on the disk. Commits follow each other without waiting for it; who tells anything does.

The agents of a process share one ledger, so a power cut takes from all of them the same last commits, and what is left
is a state that was. Nobody outside may have seen more: a thread of its own makes everything committed durable, then
tells what has come together meanwhile. One wait for the disk serves many orders, and none of the agents.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

import structlog

from knowledge.errors import StoreError

Tell = Callable[[], None]

log = structlog.get_logger("durable")


class Durable:
    """Tells in the order in which it is asked to. `path` is the file that holds every commit; None: commits are durable
    by themselves.
    """

    def __init__(self, path: str | None, failed: Callable[[Exception], None] = lambda error: None) -> None:
        self.failed = failed
        self._file = None if path is None else os.open(path, os.O_RDWR)
        self._committed = 0
        self._on_disk = 0
        self._queue: SimpleQueue[Tell | None] = SimpleQueue()
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="durable", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        """Something was committed (said by the one writer)."""
        self._committed += 1

    def then(self, tell: Tell) -> None:
        """Tell this once everything that is committed by now is on the disk; never where that fails."""
        self._queue.put(tell)

    def wait(self, seconds: float = 10.0) -> None:
        """Wait until everything that is committed by now is on the disk. Raises StoreError."""
        if self._on_disk >= self._committed:
            return
        told = threading.Event()
        self._queue.put(told.set)
        if not told.wait(seconds):
            raise StoreError("the disk does not confirm what was written")

    def close(self) -> None:
        """Tell everything that is left, and end."""
        self._queue.put(None)
        self._thread.join()
        if self._file is not None:
            os.close(self._file)

    def _run(self) -> None:
        while True:
            tells = self._together()
            try:
                self._sync()
            except OSError as error:
                self._error = error
                log.error("the disk failed", error=str(error))
                self.failed(error)
            for tell in tells:
                if tell is None:
                    return
                if self._error is None:
                    tell()

    def _together(self) -> list[Tell | None]:
        """What is to be told by now; waits where there is nothing."""
        tells = [self._queue.get()]
        while True:
            try:
                tells.append(self._queue.get_nowait())
            except Empty:
                return tells

    def _sync(self) -> None:
        upto = self._committed
        if self._file is not None and self._on_disk < upto and self._error is None:
            os.fsync(self._file)
        self._on_disk = upto
