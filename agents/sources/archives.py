"""ZIP archives opened without trust: the number, size and packing of their members are bounded before they are read."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted

MEMBERS_MOST = 1_000
"""Members of one archive."""

UNPACKED_MOST = 128 * 2**20
"""Bytes of all members that are wanted, unpacked."""

RATIO_MOST = 250
"""How many times larger than packed what is wanted may be; sheets of honest workbooks are ten to fifty times."""

_SMALL = 2**20
"""Bytes unpacked below which the ratio says nothing."""

_ENTRY = b"PK\x01\x02"
"""How each entry of an archive's directory begins."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def members(body: bytes, wanted: Callable[[str], bool], what: str) -> dict[str, bytes]:
    """The members of an archive whose names are wanted, in its order. Raises UnreadableError where one is not sound.

    Sizes are those of the directory; a member that holds more than its directory says does not fit its checksum.
    `what` names the archive in the reason.
    """
    if body.count(_ENTRY) > 2 * MEMBERS_MOST:
        raise UnreadableError(f"{what} has more than {MEMBERS_MOST} members: send fewer")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            chosen = [info for info in archive.infolist() if wanted(info.filename) and not info.is_dir()]
            _check(chosen, what)
            return {info.filename: _unpacked(archive, info, what) for info in chosen}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError, OverflowError) as error:
        raise UnreadableError(f"{what} is damaged or cut off ({error}): send it again") from error


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, what: str) -> bytes:
    with archive.open(info) as stream:
        data = stream.read(info.file_size)  # never more at once than the directory says, whatever is packed
    if len(data) != info.file_size:
        raise UnreadableError(f"{what} is damaged or cut off (member {quoted(info.filename)}): send it again")
    return data


def _check(infos: list[zipfile.ZipInfo], what: str) -> None:
    if len(infos) > MEMBERS_MOST:
        raise UnreadableError(f"{what} has more than {MEMBERS_MOST} members: send fewer")
    unpacked, packed = sum(info.file_size for info in infos), sum(info.compress_size for info in infos)
    if unpacked > UNPACKED_MOST:
        raise UnreadableError(f"{what} unpacks to more than {UNPACKED_MOST // 2**20} MiB: send it in pieces")
    if unpacked > _SMALL and unpacked > RATIO_MOST * packed:
        raise UnreadableError(f"{what} unpacks to {unpacked // max(packed, 1)} times its size: it is taken for a bomb")
    names: set[str] = set()
    for info in infos:
        if info.flag_bits & 0x1:
            raise UnreadableError(f"{what} is encrypted: send it without a password")
        if info.compress_type not in _METHODS:
            raise UnreadableError(f"{what} is packed by a method that is not read: use the usual one (deflate)")
        if info.filename in names:
            raise UnreadableError(f"{what} has two members {quoted(info.filename)}")
        names.add(info.filename)
