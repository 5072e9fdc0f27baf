"""Kinds of plugin: the society's own, and those of any package that has an entry point in their group.

Both come through the same door. A package says, in its pyproject.toml,

    [project.entry-points."society.sources"]
    myshop = "my_package.myshop:MyShop"

and the class says the same name of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from knowledge.errors import SocietyError

T = TypeVar("T")


@dataclass
class Plugins(Generic[T]):
    """The plugins of a `group`: classes of a `base`, each with its name in the attribute `named`.

    `own` are the places of the society's, below `package`; others cannot take a name of one of them. The one named
    `last` comes after all others. `missing` is raised of one that is not installed, `bad` of one that cannot be loaded
    or is none; they call it `what`, and show its name so that it can be printed.
    """

    what: str
    group: str
    base: type[T]
    named: str
    package: str
    own: Mapping[str, str]
    missing: type[SocietyError]
    bad: type[SocietyError]
    show: Callable[[str], str] = str
    last: str = ""

    @cached_property
    def points(self) -> Mapping[str, EntryPoint]:
        """The entry points by name, the society's own first."""
        found = {name: EntryPoint(name, f"{self.package}.{place}", self.group) for name, place in self.own.items()}
        found |= {each.name: each for each in sorted(entry_points(group=self.group)) if each.name not in found}
        if self.last:
            found[self.last] = found.pop(self.last)
        return found

    def load(self, name: str) -> type[T]:
        """The class of that name. Raises `missing` and `bad`."""
        point, called = self.points.get(name), f"{self.what} {self.show(name)}"
        if point is None:
            raise self.missing(f"{called} is not installed; there are {', '.join(self.points)}")
        try:
            found = point.load()
        except Exception as error:  # whatever a package of others does when it is imported
            raise self.bad(f"{called} ({point.value}) cannot be loaded: {error!r}") from error
        if not (isinstance(found, type) and issubclass(found, self.base)):
            raise self.bad(f"{called}: {point.value} is no {self.base.__name__}")
        if getattr(found, self.named, None) != name:
            raise self.bad(
                f"{called}: the entry point's name and the {self.named} of {point.value} have to be the same"
            )
        return found
