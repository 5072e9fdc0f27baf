"""What sources raise."""

from __future__ import annotations

from knowledge.errors import SocietyError


class SourceError(SocietyError):
    """Base of what source agents raise."""


class UnreadableError(SourceError):
    """A transaction that cannot be read or does not add up. Never leaves a source's host: it goes to quarantine."""


class FetchError(SourceError):
    """A system that could not be asked. `status` is that of its answer, 0 where there was none."""

    def __init__(self, problem: str, status: int = 0) -> None:
        super().__init__(problem)
        self.status = status
