"""Benchmark `hostile`: what bodies that are made to hurt cost, eight mebibytes each, in time and in memory.

Each is read in a process of its own (Linux only). One that takes longer, or more memory, than any may is an error.
"""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from agents.sources.reading import read_bytes
from tests.agents.sources.builders import GS, ISA, UNB, ubl_line, ubl_order, x12_order
from tests.agents.sources.xml_builders import cxml_line, cxml_order
from tests.bench.results import Result

SIZE = 8 * 2**20
SECONDS_MOST, MEBIBYTES_MOST = 60.0, 2048.0
_UNH = "UNH+1+ORDERS:D:96A:UN'"
_CSV = b"number,item,quantity\n"
_MAIL = b"From: ann@north.example\nMIME-Version: 1.0\nContent-Type: "


def _times(unit: str, before: str = "", after: str = "") -> bytes:
    """As many of a unit as the size holds."""
    return (before + unit * (SIZE // len(unit)) + after).encode()


def _zipped(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return stream.getvalue()


def _in_order(inside: bytes, mark: bytes = b"<cac:OrderLine>") -> bytes:
    """A UBL order with something in place of where its lines begin."""
    return ubl_order(ubl_line()).replace(mark, inside, 1)


def _laughs() -> bytes:
    """Entities that name each other tenfold."""
    steps = "".join(f'<!ENTITY b{n} "{(f"&b{n - 1};" if n else "ha") * 10}">' for n in range(12))
    return f"<!DOCTYPE Order [{steps}]>".encode() + ubl_order(ubl_line()).partition(b"?>")[2]


def _archives() -> bytes:
    """A message with an archive of tables of four megabytes each, which are almost nothing when packed."""
    packed = _zipped({f"{n}.csv": _CSV + b"1,A,2\n" * 700_000 for n in range(40)})
    head = b"application/zip\nContent-Disposition: attachment; filename=o.zip\nContent-Transfer-Encoding: base64\n\n"
    return _MAIL + head + base64.encodebytes(packed)


CASES: dict[str, Callable[[], bytes]] = {
    "X12 interchange headers": lambda: _times(f"{ISA}~\n"),
    "X12 group headers": lambda: _times(f"{GS}~", f"{ISA}~"),
    "X12 set headers": lambda: _times("ST*850*1~", f"{ISA}~{GS}~"),
    "X12 groups of one set": lambda: _times(f"{GS}~ST*850*1~SE*2*1~GE*1*70~", f"{ISA}~"),
    "X12 an endless element": lambda: _times("A", f"{ISA}~{GS}~ST*850*1~BEG*"),
    "X12 a line of many segments": lambda: x12_order(lines=("PO1*1*1*EA*1**VP*A", *["PID*F****x"] * 400_000)),
    "EDIFACT interchange headers": lambda: _times(f"{UNB}'"),
    "EDIFACT message headers": lambda: _times(_UNH, f"{UNB}'"),
    "EDIFACT an endless segment": lambda: _times("?+", f"{UNB}'{_UNH}FTX+"),
    "XML in great depth": lambda: _in_order(b"<a>" * (SIZE // 3)),
    "XML with entities of entities": _laughs,
    "XML with many namespaces": lambda: _in_order(
        b"<cac:OrderLine " + b" ".join(b'xmlns:a%d="u%d"' % (n, n) for n in range(300_000)) + b">"
    ),
    "XML behind many comments": lambda: b"<!--x-->" * (SIZE // 8) + ubl_order(ubl_line()),
    "cXML of parts of parts": lambda: cxml_order(
        *(cxml_line(f"{n}", attributes=f'parentLineNumber="{n - 1}"' if n > 1 else "") for n in range(1, 20_000))
    ),
    "JSON lists in great depth": lambda: b"[" * SIZE,
    "JSON objects in great depth": lambda: _times('{"a":'),
    "JSON a number without end": lambda: _times("9", '{"type":"customer_order","number":', "}"),
    "JSON objects that do not close": lambda: _times('{"a":1\n'),
    "CSV of quotes": lambda: _CSV + b'"' * SIZE,
    "CSV of commas": lambda: _CSV + b"," * SIZE,
    "CSV of many columns": lambda: b"number,item,quantity" + b",x" * (SIZE // 2) + b"\n1,2,3\n",
    "XLSX that unpacks without end": lambda: _zipped(
        {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b" " * 400 * 2**20}
    ),
    "XLSX of many members": lambda: _zipped({f"xl/{n}.xml": b"" for n in range(60_000)}),
    "messages within messages": lambda: _times("Content-Type: message/rfc822\n\n"),
    "messages of many headers": lambda: _times("X-A: b\n", "From: ann@north.example\n", "\nhello"),
    "messages with packed tables": _archives,
}


def run() -> list[Result]:
    """Seconds and memory of each. Raises ValueError where one goes beyond what any may take."""
    found: list[Result] = []
    for name in CASES:
        command = [sys.executable, "-m", "tests.bench.hostile", name]
        said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        if said["seconds"] > SECONDS_MOST or said["mebibytes"] > MEBIBYTES_MOST:
            raise ValueError(f"{name} takes {said['seconds']:.0f} s and {said['mebibytes']:.0f} MiB")
        found.append(Result(name, said["seconds"], "CPU s", "make bench hostile"))
        found.append(Result(f"{name}: memory", said["mebibytes"], "MiB", "make bench hostile"))
    return found


def measured(name: str) -> dict[str, float]:
    """What reading one costs, beyond what this process has once it is made."""
    body = CASES[name]()
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory is counted from here on
    before, begin = _peak(), time.process_time()
    reads = read_bytes("order.eml" if "messages" in name else "order", body)
    assert reads, "a body gives a document or a reason"
    return {"seconds": time.process_time() - begin, "mebibytes": (_peak() - before) / 1024}


def _peak() -> int:
    """The most memory that this process has had, in KiB."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    print(json.dumps(measured(sys.argv[1])))
