"""What waits for the planner: a message, until its turn comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocols.envelope import Content, Envelope
from protocols.supplying import Wake


@dataclass(slots=True)
class Job:
    """A message that waits for its turn."""

    sequence: int
    envelope: Envelope[Any]

    @property
    def content(self) -> Content:
        content: Content = self.envelope.content
        return content

    @property
    def improves(self) -> bool:
        """Whether it is to take what improving has found."""
        return isinstance(self.content, Wake) and self.content.what == "improved"
