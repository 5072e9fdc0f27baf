"""The connectors that the settings name: each a source agent with its configuration, and how it is reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.service.settings import ServiceError
from agents.sources.errors import SourceError
from agents.sources.installed import source_class
from agents.sources.source import Source

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Transport(BaseModel):
    """How a source is reached, whichever it is; the rest of its table is the source's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(description="Which source; `sources list` shows those that are installed.")
    folder: Path | None = Field(None, description="A folder to watch: files that come into it are read.")
    maildir: Path | None = Field(None, description="A maildir to watch: messages that come into it are read.")
    answers: str | None = Field(
        None, description="Where answers to its orders go: a folder, an address to post them to, or `system`, its own."
    )
    every_seconds: int = Field(
        60, ge=1, le=86_400, description="How often the system is asked, or the folder looked into."
    )
    at_most_per_minute: int = Field(600, ge=1, le=1_000_000, description="Webhooks taken in a minute; beyond it, 429.")
    attempts: int = Field(12, ge=1, le=100, description="How often something is tried before it is quarantined.")


@dataclass(frozen=True, slots=True)
class Connector:
    """A source that is switched on, under a name of its own."""

    name: str
    source: Source[Any]
    transport: Transport

    @property
    def way(self) -> str:
        """How it delivers, for people."""
        ways = [f"watches {self.transport.folder or self.transport.maildir}"]
        ways = ways if self.transport.folder or self.transport.maildir else []
        ways += ["is called"] if self.source.hears() else []
        ways += [f"is asked every {self.transport.every_seconds} s"] if self.source.asks() else []
        return ", ".join(ways)


def connectors(wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, Connector]:
    """The connectors of the settings' tables `sources`. Raises ServiceError, with every problem and its place."""
    found: dict[str, Connector] = {}
    problems: list[str] = []
    for name, table in wanted.items():
        try:
            found[name] = connector(name, table)
        except ServiceError as error:
            problems.append(str(error))
    if problems:
        raise ServiceError("\n".join(problems))
    return found


def connector(name: str, table: Mapping[str, Any]) -> Connector:
    """One connector. Raises ServiceError, with every problem and its place, and no secret."""
    place = f"sources.{name}"
    if not _NAME.fullmatch(name):
        raise ServiceError(f"setting {place}: a name has small letters, digits and hyphens, and at most 40 of them")
    hosts = {key: value for key, value in table.items() if key in Transport.model_fields}
    own = {key: value for key, value in table.items() if key not in hosts}
    try:
        transport = Transport.model_validate(hosts)
        kind = source_class(transport.kind)
        source: Source[Any] = kind(kind.Config.model_validate(own))
    except ValidationError as error:
        told = (f"setting {place}.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise ServiceError("\n".join(told)) from error
    except SourceError as error:
        raise ServiceError(f"setting {place}.kind: {error}") from error
    if transport.folder is not None and transport.maildir is not None:
        raise ServiceError(f"setting {place}: a folder or a maildir is watched, not both; make two of it")
    for way, folder in (("folder", transport.folder), ("maildir", transport.maildir)):
        if folder is not None and not folder.is_dir():
            raise ServiceError(f"setting {place}.{way}: there is no folder {folder}")
    if not (kind.hears() or source.asks() or transport.folder or transport.maildir):
        raise ServiceError(f"setting {place}: {transport.kind} neither calls nor is asked: it needs a folder to watch")
    return Connector(name, source, transport)
