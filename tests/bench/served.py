"""The service of benchmark `intake`, in a process of its own: `python -m tests.bench.served KNOWLEDGE DB START`.

Its clock runs as any does, but from the time at which the benchmark's orders begin.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from agents.api.app import Server
from agents.runtime.memory import collect_seldom
from agents.service.logs import configure_logs
from agents.service.running import Service
from agents.service.settings import settings
from knowledge.instants import Instant
from knowledge.reading import read_folder
from run_agents import VIEWS


def main(knowledge: Path, db: str, start: Instant) -> None:
    """Serve on a free port, which the first line of standard output tells, until told to stop."""
    collect_seldom()
    found = settings(None, knowledge=knowledge, db=db, port=0, log_level="warning")
    configure_logs(found.log_format, found.log_level)
    began = time.monotonic()
    service = Service(found, read_folder(knowledge), clock=lambda: start + int(time.monotonic() - began))
    server = Server(service, VIEWS)
    raise SystemExit(0 if server.serve_until_stopped(lambda port: print(port, flush=True)) else 3)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
