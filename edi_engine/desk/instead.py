"""What happens to a case instead of a retry, where none can settle it: asked before one is offered or made.

A retry is for what a repaired table, map or partner file would make different. What our own bytes and states have
settled for good is told with what to do about it.
"""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Severity
from edi_engine.flow.calloff import CALLED_OFF
from edi_engine.flow.cases import BUGS
from edi_engine.flow.checking import ACKNOWLEDGMENTS
from edi_engine.flow.contradiction import CONTRADICTED
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import text_of
from edi_engine.flow.records import CaseRecord, DocumentRecord, FileRecord, OrderRecord
from edi_engine.x12.reader import outline
from edi_engine.x12.unwrap import unwrap

_BY_ITSELF: Final = "It is tried again by itself; there is nothing to retry."
_OF_KIND: Final = {
    "ack.rejected": "Repair the cause and send the document again as the case says; or agree "
    "with the partner what becomes of it, and dismiss the case.",
    CONTRADICTED: "Their first answer stands, and reading the other one again changes nothing. Ask the partner which "
    "of the two counts; then send the document again as the case says, or dismiss the case.",
    "ack.overdue": "The partner's answer closes this by itself; so does sending it again, where the case says how.",
    CALLED_OFF: "Its order is called off, so that it is not sent. Ask the partner what they have of it, and dismiss "
    "the case.",
}
_UNREAD: Final = (
    "No acknowledgment is ever answered. Ask the partner what became of our documents, and dismiss the case."
)
_REFUSED: Final = "Our acknowledgment has refused it; the partner must send it again. That comes in by itself."
_NO_X12: Final = (
    "Nothing of the file can be read as X12, and no retry changes its bytes. Ask whoever sent it for the right file, "
    "which comes in by itself, and dismiss the case."
)


def instead_of_retry(unit: Unit, case: CaseRecord) -> str | None:
    """Say what happens instead of a retry, for a case that none can settle; None where it may be tried."""
    kind, _, number = case.subject.partition(":")
    if case.kind in _OF_KIND:
        return _OF_KIND[case.kind]
    if case.kind.startswith("transport.") and kind != "document":
        return _BY_ITSELF
    match kind:
        case "file":
            return _file(unit, unit.files.get(int(number)))
        case "interchange":
            return _interchange(unit, case, int(number))
        case "set":
            return _set(unit, case, int(number))
        case "order":
            return _order(unit.orders.get(int(number)))
        case "document":
            return _document(unit.documents.get(int(number)))
        case "ship" | "bill":
            return None
    return _BY_ITSELF


def _file(unit: Unit, record: FileRecord) -> str | None:
    if record.state == "SEEN":
        return f"{record.name} is fetched again by itself at the next poll."
    if record.state not in {"STORED", "UNREADABLE"}:
        return f"{record.name} was read; what waits of it has cases of its own. Dismiss this one."
    return None if record.state == "STORED" or _may_be_read(unit, record) else _NO_X12


def _may_be_read(unit: Unit, record: FileRecord) -> bool:
    """Say whether there is an interchange in a file, as it is or joined at the width of its first line."""
    if record.sha256 is None:
        return False
    data = unit.blobs.get(record.sha256)
    width = min((at for end in (b"\r", b"\n") if (at := data.find(end)) > 0), default=None)
    return any(outline(text).interchanges for text in (text_of(unit, record), data, unwrap(data, width)))


def _interchange(unit: Unit, case: CaseRecord, number: int) -> str | None:
    record = unit.interchanges.get(number)
    if record.state == "QUARANTINED" or (record.state == "OPENED" and case.kind in BUGS):
        return None
    return f"Interchange {record.control} is {record.state.lower()}; nothing of it waits. Dismiss the case."


def _set(unit: Unit, case: CaseRecord, number: int) -> str | None:
    record = unit.sets.get(number)
    acknowledges = unit.groups.get(record.group_id).kind == ACKNOWLEDGMENTS
    if record.state == "REFUSED" or (case.severity >= Severity.REFUSE and case.kind not in BUGS):
        return _UNREAD if acknowledges else _REFUSED
    if acknowledges or record.state in {"RECEIVED", "HELD"}:
        return None
    return f"{record.set_id} {record.control} is {record.state.lower()}; nothing of it waits. Dismiss the case."


def _order(record: OrderRecord) -> str | None:
    if record.state in {"OPEN", "HELD"}:
        return None
    return f"Order {record.po_number} is {record.state.lower()}: it is decided already. Dismiss the case."


def _document(record: DocumentRecord) -> str | None:
    if record.state == "PARKED":
        return None
    return f"The {record.kind} is {record.state.lower()}; there is nothing to retry."
