"""Commands about sources and sinks: which are installed, whether they reach their systems, a skeleton of a new one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from agents.service.connectors.asking import Asking
from agents.service.connectors.configured import Connector, connector
from agents.service.connectors.telling import configured
from agents.service.settings import read_tables
from agents.sinks.installed import kinds as sink_kinds
from agents.sinks.installed import sink_class
from agents.sources.errors import SourceError
from agents.sources.installed import kinds, package_of, source_class
from knowledge.errors import SocietyError
from simulations.source_skeleton import written

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

out = Console()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Config = Annotated[Path | None, typer.Option(help="The TOML file with the service's settings; SOCIETY_… may say them.")]
_KIND = re.compile(r"[a-z][a-z0-9]{1,29}")


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the commands of this module, each behind its guard."""
    sources = typer.Typer(help="Source agents: installed ones, whether they work, and new ones.", no_args_is_help=True)
    sources.command("list")(guarded(show))
    sources.command("check")(guarded(check))
    sources.command("new")(guarded(new))
    app.add_typer(sources, name="sources")
    sinks = typer.Typer(help="Sinks: what other systems can be told.", no_args_is_help=True)
    sinks.command("list")(guarded(show_sinks))
    app.add_typer(sinks, name="sinks")


def show(config: Config = None, as_json: Json = False) -> None:
    """The kinds of source that are installed, and the connectors that the settings switch on."""
    found = [_described(kind) for kind in kinds()]
    switched = read_tables("sources", config)
    if as_json:
        on = [{"name": name, "kind": table.get("kind")} for name, table in switched.items()]
        out.print_json(json.dumps({"kinds": found, "connectors": on}))
        return
    table = Table("kind", "reads", "called", "asked", "from", "settings", box=None)
    for each in found:
        marks = ("yes" if each["called"] else "", "yes" if each["asked"] else "")
        table.add_row(each["kind"], each["title"], *marks, each["package"] or "the society", " ".join(each["settings"]))
        if each["problem"]:
            table.add_row("", f"[red]{each['problem']}[/red]")
    out.print(table)
    for name, said in switched.items():
        out.print(f"connector {name}: {said.get('kind')}", markup=False)


def show_sinks(config: Config = None, as_json: Json = False) -> None:
    """The kinds of sink that are installed, and those that the settings switch on."""
    found: list[dict[str, Any]] = []
    for kind in sink_kinds():
        known = sink_class(kind)
        names = [f"{name}!" if field.is_required() else name for name, field in known.Config.model_fields.items()]
        found.append({"kind": kind, "title": known.title, "topics": sorted(known.topics), "settings": names})
    switched = {name: configured(name, table) for name, table in read_tables("sinks", config).items()}
    if as_json:
        on = [{"name": name, "kind": sink.kind} for name, (sink, _) in switched.items()]
        out.print_json(json.dumps({"kinds": found, "sinks": on}))
        return
    table = Table("kind", "tells", "of", "settings", box=None)
    for each in found:
        table.add_row(each["kind"], each["title"], " ".join(each["topics"]), " ".join(each["settings"]))
    out.print(table)
    for name, (sink, _) in switched.items():
        out.print(f"sink {name}: {sink.kind}", markup=False)


def _described(kind: str) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": kind, "title": "", "called": False, "asked": False, "settings": [], "problem": ""}
    told["package"] = package_of(kind)
    try:
        found = source_class(kind)
    except SourceError as error:
        return {**told, "problem": str(error)}
    names = [f"{name}!" if field.is_required() else name for name, field in found.Config.model_fields.items()]
    return {**told, "title": found.title, "called": found.hears(), "asked": found.polls(), "settings": names}


def check(
    name: Annotated[str, typer.Argument(help="A connector of the settings, or a kind that needs no settings.")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Whether a connector's settings are sound and its system answers."""
    found = _connector(name, config)
    with closing(Asking()) as asking:
        try:
            reached = found.source.check(asking)
        except SourceError as error:
            raise SocietyError(f"source {name}: {error}") from error
    if as_json:
        out.print_json(json.dumps({"source": name, "kind": found.source.kind, "reached": reached}))
    else:
        out.print(f"{name} ({found.source.kind}): {reached}", markup=False)


def _connector(name: str, config: Path | None) -> Connector:
    tables = read_tables("sources", config)
    if name in tables:
        return connector(name, tables[name])
    if name in kinds():
        return connector(name, {"kind": name, "folder": "."})
    known = ", ".join((*tables, *kinds()))
    raise SocietyError(f"{name} is neither a connector of the settings nor a kind of source; there are {known}")


def new(
    name: Annotated[str, typer.Argument(help="What the source is to be called: its kind, in small letters.")],
    out_dir: Annotated[Path | None, typer.Option("--out", help="Where to write it (default: a folder NAME).")] = None,
) -> None:
    """Write a working source of your own, with its test, as a package to be installed beside the society."""
    if not _KIND.fullmatch(name):
        raise SocietyError(f"{name}: a kind has 2 to 30 small letters and digits, and begins with a letter")
    if name in kinds():
        raise SocietyError(f"{name}: there is a source of that kind already")
    place = out_dir or Path(name)
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise SocietyError(f"{place}: there is something already; nothing is overwritten")
    try:
        for path, text in written(name).items():
            file = place / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SocietyError(f"{place}: {error.strerror}") from error
    out.print(
        f"{place}: install it with  python -m pip install -e {place}  and see README.md there",
        markup=False,
        soft_wrap=True,
    )
