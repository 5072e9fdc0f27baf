"""A PostgreSQL server of the tests' own: Debian's programs, an unprivileged user, a temporary folder, no network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

MISSING = "PostgreSQL is not installed here (Debian: apt-get install postgresql)"
_SETTINGS = {"max_connections": "40", "shared_buffers": "32MB"}
_ROOM = 4 * 2**30
_CARELESS = {"fsync": "off", "full_page_writes": "off"}


def programs() -> Path | None:
    """The folder of the newest server programs, where they are installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@dataclass
class Server:
    """A running server. `url` makes a new, empty database."""

    folder: Path
    programs: Path
    durable: bool = False
    _made: int = field(default=0)

    def url(self, database: str | None = None) -> str:
        """The URL of a new database, or of the one with that name."""
        if database is None:
            self._made += 1
            database = f"plant{self._made}"
            self.run(f"CREATE DATABASE {database}")
        return f"postgresql+psycopg://society@/{database}?host={self.folder}"

    def run(self, statement: str) -> None:
        """A statement outside of any transaction."""
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def start(self) -> None:
        """Begin to serve; returns once it does."""
        said = _SETTINGS if self.durable else _SETTINGS | _CARELESS
        settings = " ".join(f"-c {name}={value}" for name, value in said.items())
        options = f"-k {self.folder} -c listen_addresses='' {settings}"
        self.control("start", "-o", options, "-l", str(self.folder / "log"))

    def control(self, action: str, *more: str) -> None:
        """Run `pg_ctl` and wait for it."""
        _run(self.programs / "pg_ctl", action, "-w", "-D", str(self.folder / "data"), *more)


@contextmanager
def serving(*, durable: bool = False) -> Iterator[Server]:
    """A server, from nothing and without a trace afterwards. Only a `durable` one waits for the disk."""
    found = programs()
    assert found is not None
    with tempfile.TemporaryDirectory(prefix="society-pg-", dir=None if durable else _memory()) as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, *_unprivileged())
        _run(found / "initdb", "-D", str(folder / "data"), "-U", "society", "-A", "trust", "--no-sync", "-E", "UTF8")
        server = Server(folder, found, durable)
        server.start()
        try:
            yield server
        finally:
            server.control("stop", "-m", "immediate")


def _memory() -> Path | None:
    """A folder in memory with room for the tests' databases, where there is one."""
    folder = Path("/dev/shm")
    roomy = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > _ROOM
    return folder if roomy else None


def _unprivileged() -> tuple[int, int]:
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return user.pw_uid, user.pw_gid


def _run(program: Path, *arguments: str) -> None:
    """The server refuses to be run by root: root becomes somebody else for it."""
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        uid, gid = _unprivileged()
        as_user = {"user": uid, "group": gid, "extra_groups": []}
    done = subprocess.run(
        [program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", check=False, **as_user
    )
    if done.returncode:
        raise RuntimeError(f"{program.name} failed: {done.stderr.decode(errors='replace')}")
