"""What is answered at once in X12: a 997 for each group (received, and with what errors), a TA1 for an interchange.

Pure: control numbers and the time come from outside.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import groupby

from agents.sources.edi import EdiConfig
from agents.sources.source import Rejected, Source, Transaction, transactions
from agents.sources.texts import decode
from agents.sources.x12_answers import Body, enveloped, interchange, letterhead, reply_to
from agents.sources.x12_codes import SET_NAMES, UNREAD_SETS
from agents.sources.x12_envelope import INTERCHANGE_ACKNOWLEDGED, Level, TransactionSet, transaction_sets
from agents.sources.x12_syntax import faults
from agents.sources.x12_tokens import Segment

ACKNOWLEDGEMENT = "997"

_NOT_SUPPORTED, _IN_ERROR = "1", "5"
"""718, why a set is rejected: it is not one that is read, or something in it is wrong."""

_SOUND = "000"
"""I18, nothing is wrong with an interchange."""


def acknowledgements(
    source: Source[EdiConfig], body: bytes, control: int, at: dt.datetime
) -> Iterator[tuple[str, bytes]]:
    """The acknowledgements of what was received, each with what it is (997, TA1), numbered from `control` on.

    A set is accepted when it was read; what went to quarantine is rejected, so that the partner knows. An interchange
    that is not sound is rejected as a whole, by a TA1. An acknowledgement itself is never answered.
    """
    sets = [
        (each, isa, outcome)
        for each, outcome in zip(transaction_sets(decode(body)), transactions(source, {}, body), strict=True)
        if (isa := each.isa) is not None and each.set_id not in (ACKNOWLEDGEMENT, INTERCHANGE_ACKNOWLEDGED)
    ]
    for _, same in groupby(sets, key=lambda each: id(each[1])):
        inside = list(same)
        first, isa, _ = inside[0]
        unsound = next((each for each, _, _ in inside if each.level is Level.INTERCHANGE), None)
        if unsound is not None or isa.element(14) == "1":
            code = _SOUND if unsound is None else unsound.code
            yield INTERCHANGE_ACKNOWLEDGED, _of_interchange(isa, code, first.is_test, control, at)
            control += 1
        if unsound is None:
            for answer in _of_groups([(each, outcome) for each, _, outcome in inside], control, at):
                yield ACKNOWLEDGEMENT, answer
                control += 1


def _of_interchange(isa: Segment, code: str, is_test: bool, control: int, at: dt.datetime) -> bytes:
    """A TA1: an interchange is accepted, or rejected with the code of what is wrong."""
    verdict = "A" if code == _SOUND else "R"
    ta1 = [INTERCHANGE_ACKNOWLEDGED, isa.element(13), isa.element(9), isa.element(10), verdict, code]
    return enveloped(letterhead(isa, None, is_test=is_test), [ta1], 0, control, at)


def _of_groups(pairs: Sequence[tuple[TransactionSet, Transaction]], control: int, at: dt.datetime) -> Iterator[bytes]:
    """A 997 for each group."""
    grouped = [pair for pair in pairs if pair[0].gs is not None]
    for count, (_, group) in enumerate(groupby(grouped, key=lambda pair: id(pair[0].gs))):
        each = list(group)
        yield interchange(reply_to(each[0][0]), ACKNOWLEDGEMENT, _of_group(each), control + count, at)


def _of_group(pairs: Sequence[tuple[TransactionSet, Transaction]]) -> Body:
    """The body of a 997: each set of a group, and how many there were and were accepted."""
    first = pairs[0][0].gs
    assert first is not None  # the caller has looked
    body: list[Sequence[str]] = [["AK1", first.element(1), first.element(6)]]
    accepted = 0
    for each, transaction in pairs:
        body.append(["AK2", each.set_id, each.number])
        if isinstance(transaction.outcome, Rejected):
            body.extend(_refused(each))
        else:
            accepted += 1
            body.append(["AK5", "A"])
    verdict = "A" if accepted == len(pairs) else "P" if accepted else "R"
    codes = [each.code for each, _ in pairs if each.level is Level.GROUP and each.code]
    body.append(["AK9", verdict, str(len(pairs)), str(len(pairs)), str(accepted), *codes[:1]])
    return body


def _refused(each: TransactionSet) -> Iterator[Sequence[str]]:
    """Why a set is refused: what is wrong with its segments and elements, as far as that is it, and a code."""
    if each.set_id in SET_NAMES or each.set_id in UNREAD_SETS:
        yield ["AK5", "R", _NOT_SUPPORTED]
    elif each.level is Level.SET:
        yield ["AK5", "R", each.code]
    else:
        for fault in faults(each.set_id, each.segments):
            yield from fault.written()
        yield ["AK5", "R", _IN_ERROR]
