"""A worker process: trials come in on its standard input, a line each; progress and answers go out on its output.

It is started as `python -m simulations.experiments.worker MODULE:FUNCTION`, and not by `multiprocessing`, which would
run a researcher's own script, or the whole command line, once more in each worker. It ends with its input, and when
nobody reads any more what it says.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress

from agents.runtime.memory import collect_seldom
from simulations.experiments.work import attempt, found


def main(place: str) -> None:
    """Answer trials until there are no more. What the work itself prints goes to the standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the one who started the worker that stops it
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(line: str) -> None:
        answers.write(line + "\n")
        answers.flush()

    collect_seldom()
    found(place)
    with suppress(BrokenPipeError):
        for line in sys.stdin:
            say(attempt(place, line, lambda done, _: say(json.dumps({"done": done}))))


if __name__ == "__main__":
    main(sys.argv[1])
    os._exit(0)  # whoever read the answers may be gone: nothing is left to flush
