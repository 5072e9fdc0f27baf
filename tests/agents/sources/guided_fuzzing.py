"""Fuzzing of a parser that sees what its code does: `python -m tests.agents.sources.guided_fuzzing KIND SECONDS PLACE`.

It begins with the samples of the kit and keeps what leads to new code in that folder. It needs atheris, which is not
among the locked dependencies: `pip install atheris`. A crash, a hang of ten seconds, a gigabyte of memory, or a reader
that fails ends it with a status that is not 0, and with the input in the folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

SAMPLES = Path(__file__).parent / "samples"
LONGEST = 16 * 2**10
"""Bytes of an input: what goes wrong does so in little."""

with atheris.instrument_imports(include=["agents.sources", "knowledge.documents", "knowledge.quantities"]):
    from agents.sources.installed import source_class
    from agents.sources.source import Rejected, transactions


def main(name: str, seconds: int, folder: Path) -> None:
    """Feed a source with what was found to be interesting, for so long."""
    source = source_class(name)()

    def once(body: bytes) -> None:
        found = transactions(source, {}, body)
        assert found, "a body gives a document or a reason"
        for each in found:
            each.text.encode()
            if isinstance(each.outcome, Rejected):
                assert each.outcome.reason
                assert "the reader failed" not in each.outcome.reason, each.outcome.reason

    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=10", "-rss_limit_mb=1024"]
    seeds = [str(folder), *(str(path) for path in [SAMPLES / name] if path.is_dir())]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={folder}/", "-print_final_stats=1", *seeds], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
