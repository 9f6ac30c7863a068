"""What a partner hears who sends the same bytes again: what they were told before, under the same numbers."""

from __future__ import annotations

from edi_engine.flow.agreed import as_agreed
from edi_engine.flow.copies import send_again
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import text_of
from edi_engine.flow.records import FileRecord, InterchangeRecord
from edi_engine.flow.sender import TERMINAL
from edi_engine.flow.ta1 import addressee, answer_interchange, is_due, written
from edi_engine.x12.reader import outline
from edi_engine.x12.values import InterchangeOutline

LET_IN = ("OPENED", "DONE")
"""The states of an interchange whose content counts."""


def first_of(unit: Unit, received: InterchangeRecord) -> InterchangeRecord | None:
    """Give the first interchange of the same identity that was let in, None where none was."""
    return unit.interchanges.one(**received.identity, state=LET_IN)


def answer_again(
    office: Office, unit: Unit, file: FileRecord, earlier: InterchangeRecord, interchange: InterchangeOutline
) -> None:
    """Answer an interchange that came before as `earlier` and comes again in `file`, in the caller's commit.

    The stored TA1 goes out again where one is due, the stored 997s where the partner wants them. A TA1 that was not due
    then is written now. Of what a person gives at a terminal the partner knows nothing, so nothing is sent.
    """
    known = addressee(office, interchange, file.connection)
    if known is None or file.connection == TERMINAL:
        return
    reception, why = known[0].reception, f"they sent interchange {earlier.control} again as {file.name}"
    told = written(unit, earlier)
    if told is not None and is_due(reception, interchange, told.verdict):
        send_again(office, unit, told.document, why)
    elif told is None and earlier.state in LET_IN:
        answer_interchange(office, unit, file, earlier, interchange, as_agreed(known[0], interchange))
    if reception.repeated == "answer":
        for group in unit.groups.select(interchange_id=earlier.id, state="ACKNOWLEDGED"):
            if group.document_id is not None:
                send_again(office, unit, unit.documents.get(group.document_id), why)


def answer_file_again(office: Office, unit: Unit, repeated: FileRecord) -> None:
    """Answer each interchange of a file that came before, byte for byte, in the caller's commit."""
    if repeated.arrival_of is None:
        return
    first = unit.files.get(repeated.arrival_of)
    before = unit.interchanges.select(file_id=first.id, direction="in")
    if not before:
        return
    found = {one.ordinal: one for one in outline(text_of(unit, first), file=first.name).interchanges}
    for received in before:
        earlier = first_of(unit, received) if received.state == "DUPLICATE" else received
        if earlier is not None and received.ordinal in found:
            answer_again(office, unit, repeated, earlier, found[received.ordinal])
