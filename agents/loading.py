"""A new version of the knowledge folder for a society that lives: what it changes, or everything against it.

Where nothing stands against it, its files and the order to plan anew become durable in one commit, while the society is
at rest; then every agent is made anew from its records, as after a restart, and goes on with the new plant.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from agents.engineering.agent import RELEASES
from agents.society import DOOR, released, stored_files, stored_plant, with_releases
from knowledge.difference import Change, difference
from knowledge.documents import EngineeringRelease
from knowledge.errors import KnowledgeError, Problem
from knowledge.plant import Plant
from knowledge.reading import read_plant
from knowledge.replacing import objections, touched
from knowledge.revision import release_problem, revised
from knowledge.store.database import Store, Write
from knowledge.store.in_use import in_use
from knowledge.store.tables import AgentStateRow, KnowledgeFile

VERSION = "knowledge"
"""Under this key the door keeps which version of the folder is loaded, so that readers see when it is another."""

_MENTIONED = 3
"""How many changes the cause of a new promise names."""


@dataclass(frozen=True, slots=True)
class Load:
    """A version of the folder that may be loaded: the plant with it, what it changes, and what is to be written.

    `superseded` are the items whose engineering release gives way, since the folder itself says something new of them.
    `touched` are the items to plan anew; none: all.
    """

    plant: Plant
    changes: tuple[Change, ...]
    superseded: tuple[str, ...]
    writes: tuple[Write, ...]
    touched: tuple[str, ...] = ()

    @property
    def cause(self) -> str:
        """What to tell of promises that do not hold any more."""
        named = [f"{change} was {change.what}" for change in self.changes[:_MENTIONED]]
        more = len(self.changes) - len(named)
        return "; ".join(named) + (f"; and {more} more changes" if more else "") if named else "the plant has changed"


def prepared(store: Store, files: Mapping[str, str]) -> Load:
    """What loading these files would do. Raises KnowledgeError, which names every problem of the files, or if there is
    none, everything in the records that stands against them.
    """
    base = read_plant(dict(files))
    known = stored_files(store)
    if not known:
        return Load(base, difference(Plant(), base), (), tuple(_writes({}, files, [])))
    releases = released(store)
    if known == files:
        return Load(with_releases(base, releases.values()), (), (), ())
    before = read_plant(known)
    gone = [name for name, release in releases.items() if _says_anew(before, base, release.item)]
    kept = {name: release for name, release in releases.items() if name not in gone}
    problems = _of_releases(base, kept)
    if problems:
        raise KnowledgeError(problems)
    old, new = stored_plant(store), with_releases(base, kept.values())
    writes = tuple(_writes(known, files, gone))
    if writes and (problems := objections(old, new, in_use(store))):
        raise KnowledgeError(problems)
    superseded = tuple(sorted({releases[name].item for name in gone}))
    return Load(new, difference(old, new), superseded, writes, tuple(sorted(touched(old, new))))


def _says_anew(before: Plant, after: Plant, item: str) -> bool:
    """Whether the folder's own BOM or route of an item is another than it was, and not just gone."""
    says = after.boms.get(item), after.routes.get(item)
    return any(says) and says != (before.boms.get(item), before.routes.get(item))


def _of_releases(base: Plant, releases: Mapping[str, EngineeringRelease]) -> list[Problem]:
    """What of the engineering releases that stay in force would not fit into the plant any more."""
    plant, problems = base, []
    for name, release in releases.items():
        text = release_problem(plant, release)
        if text:
            about = f"engineering release {name.removeprefix(RELEASES).removesuffix('.json')} of {release.item}"
            problems.append(Problem("items.csv", 0, "", f"{about} is in force: {text}"))
        else:
            plant = revised(plant, release)
    return problems


def _writes(known: Mapping[str, str], files: Mapping[str, str], gone: list[str]) -> list[Write]:
    new = [Write(KnowledgeFile, {"name": n, "text": text}) for n, text in files.items() if known.get(n) != text]
    missing = [name for name in known if name not in files]
    writes = new + [Write(KnowledgeFile, {"name": name}, remove=True) for name in (*missing, *gone)]
    if not writes:
        return []
    mark = hashlib.sha256(json.dumps([sorted(files.items()), gone]).encode()).hexdigest()
    return [*writes, Write(AgentStateRow, {"agent": DOOR, "key": VERSION, "body": mark})]
