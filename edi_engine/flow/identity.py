"""Which interchange came before: by its addresses and control number, and then by what it says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from edi_engine.errors import Purged
from edi_engine.flow.line_ends import essence
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import text_of
from edi_engine.flow.records import InterchangeRecord

LET_IN: Final = ("OPENED", "DONE")
"""The states of an interchange whose content counts."""

WINDOW: Final = timedelta(days=365)
"""For how long a control number names one interchange. After that a sender may have come round."""

_PROOF: Final = timedelta(days=90)
"""So far from both ends of the window something else must have come: a clock that jumped ends no window."""

_PAGE: Final = 100


def first_of(unit: Unit, received: InterchangeRecord) -> InterchangeRecord | None:
    """Give the first interchange of an identity that was let in and still counts; None where there is none."""
    earlier = unit.interchanges.select(**_pair(received), control=received.control, state=LET_IN)
    return next((one for one in earlier if not _is_past(unit, one, received)), None)


def is_same(unit: Unit, received: InterchangeRecord, text: bytes, earlier: InterchangeRecord) -> bool:
    """Say whether `received`, which stands in `text`, is what came as `earlier`, line ends apart."""
    if received.sha256 == earlier.sha256:
        return True
    if earlier.file_id is None:
        return False
    try:
        before = text_of(unit, unit.files.get(earlier.file_id))
    except Purged:
        return False
    return essence(before, earlier.start, earlier.end) == essence(text, received.start, received.end)


def _pair(received: InterchangeRecord) -> dict[str, Any]:
    return {
        "direction": "in",
        "sender_qualifier": received.sender_qualifier,
        "sender": received.sender,
        "receiver_qualifier": received.receiver_qualifier,
        "receiver": received.receiver,
    }


def _is_past(unit: Unit, earlier: InterchangeRecord, received: InterchangeRecord) -> bool:
    """Say whether the window of `earlier` is over, and the time between was lived through: others came in it."""
    if received.at - earlier.at <= WINDOW:
        return False
    begin, end = earlier.at + _PROOF, received.at - _PROOF
    return any(begin <= one.at <= end for one in _since(unit, earlier))


def _since(unit: Unit, earlier: InterchangeRecord) -> Iterator[InterchangeRecord]:
    last = earlier.id
    while page := unit.interchanges.select(**_pair(earlier), after=last, limit=_PAGE):
        yield from page
        last = page[-1].id
