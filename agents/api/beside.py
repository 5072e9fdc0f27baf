"""What takes long is worked out beside the service, in a process of its own, so that it disturbs nobody."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import Any

from agents.api.problems import ProblemError

UNDER_WAY = 8
"""Questions under way at most."""


class Beside:
    """Works questions out, one after the other, in a process that begins with the first."""

    def __init__(self) -> None:
        self.under_way = 0
        self._process: ProcessPoolExecutor | None = None

    async def work_out(self, question: Callable[..., dict[str, Any]], *arguments: object) -> dict[str, Any]:
        """An answer. Raises ProblemError where too many are under way or the process ends, and what is raised there."""
        if self.under_way >= UNDER_WAY:
            raise ProblemError(429, f"{UNDER_WAY} questions are being worked out", {"Retry-After": "5"})
        if self._process is None:
            self._process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        self.under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._process, question, *arguments)
        except BrokenExecutor as error:
            self._process = None
            raise ProblemError(503, f"the answer could not be worked out: {error}") from error
        finally:
            self.under_way -= 1

    def close(self) -> None:
        """Begin nothing that has not begun."""
        if self._process is not None:
            self._process.shutdown(wait=False, cancel_futures=True)
