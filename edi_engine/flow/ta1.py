"""Whether a partner is sent a TA1 about an interchange of theirs, and which: in the commit that records its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.flow.books import Books
from edi_engine.flow.cases import BUG, Waiting, open_case
from edi_engine.flow.checking import ACKNOWLEDGMENTS
from edi_engine.flow.copies import send_again
from edi_engine.flow.documents import TA1, Destination, Draft, Source, post
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.proof import proof
from edi_engine.flow.records import DocumentRecord, FileRecord, InterchangeRecord
from edi_engine.flow.sender import TERMINAL
from edi_engine.partners.partner import Address, Partner, Reception
from edi_engine.x12.reader import outline
from edi_engine.x12.ta1 import InterchangeVerdict, verdict_on, write_ta1
from edi_engine.x12.values import Delimiters, InterchangeOutline


@dataclass(frozen=True, slots=True)
class Written:
    """A TA1 of ours, and the segment that it says."""

    document: DocumentRecord
    segment: tuple[str, ...]

    @property
    def verdict(self) -> InterchangeVerdict:
        """What it said."""
        *_, code, note = self.segment
        return InterchangeVerdict(code, note)


def answer_interchange(
    office: Office,
    unit: Unit,
    file: FileRecord,
    received: InterchangeRecord,
    interchange: InterchangeOutline,
    faults: Sequence[Finding],
) -> None:
    """Post the TA1 that is due for an interchange, once; `faults` are all that was found of its envelope.

    One that was put aside and is looked at again is answered anew only where the answer is another one by now.
    """
    known = addressee(office, interchange, file.connection)
    if known is None:
        return
    partner, test = known
    body = answer_to(interchange, faults, partner, partner.envelope.delimiters)
    if body is None:
        return
    before = written(unit, received)
    if before is not None and before.segment == body:
        return
    twin = _twin(unit, received) if before is None and file.connection != TERMINAL else None
    if twin is not None and twin.segment == body:
        send_again(office, unit, twin.document, f"they sent interchange {received.control} again as {file.name}")
        return
    to = Destination(
        partner,
        Address(interchange.sender_qualifier, interchange.sender),
        live=not test,
        terminal_file=file.id if file.connection == TERMINAL else None,
    )
    draft = Draft(TA1, (body,), to)
    unsound = proof(office, draft)
    if unsound:
        waiting = Waiting(f"interchange:{received.id}", "open", file.at, partner=partner.name, file_id=file.id)
        open_case(office, unit, waiting, [_unsound(file, interchange, unsound[0])])
        return
    post(office, unit, draft, Source(_source(received), again=0 if before is None else before.document.again + 1))


def answer_to(
    interchange: InterchangeOutline, faults: Sequence[Finding], partner: Partner, delimiters: Delimiters
) -> tuple[str, ...] | None:
    """Give the TA1 that is due for an interchange, None where there is none."""
    verdict = verdict_on((*faults, *_content(interchange)))
    return write_ta1(interchange, verdict, delimiters) if is_due(partner.reception, interchange, verdict) else None


def written(unit: Unit, received: InterchangeRecord) -> Written | None:
    """Give the newest TA1 about an interchange, None where there is none."""
    newest = unit.documents.select(source=_source(received), kind=TA1, descending=True, limit=1)
    if not newest:
        return None
    return Written(newest[0], outline(unit.blobs.get(newest[0].sha256)).interchanges[0].acknowledgments[0])


def _twin(unit: Unit, received: InterchangeRecord) -> Written | None:
    """Give what was said of the same bytes before, where they were put aside then as well."""
    same = unit.interchanges.select(**received.identity, sha256=received.sha256)
    found = (written(unit, one) for one in same if one.id != received.id)
    return next((one for one in found if one is not None), None)


def addressee(books: Books, interchange: InterchangeOutline, connection: str) -> tuple[Partner, bool] | None:
    """Give whom a TA1 goes to, and whether as a test; None for a stranger, by address or by connection."""
    found = books.edition.sender(interchange.sender_qualifier, interchange.sender)
    if found is None or connection not in {TERMINAL, found[0].connection}:
        return None
    partner, from_test = found
    return partner, from_test or interchange.usage in {"T", "I"} or not partner.live


def is_due(reception: Reception, interchange: InterchangeOutline, verdict: InterchangeVerdict) -> bool:
    """Say whether a partner wants a TA1 about this interchange. What only answers us is no matter for answers."""
    if interchange.acknowledgments and not interchange.groups:
        return False  # a TA1 is never answered by a TA1
    if interchange.groups and all(group.kind == ACKNOWLEDGMENTS for group in interchange.groups):
        return reception.ta1 == "always"
    match reception.ta1:
        case "when_asked":
            return interchange.wants_ta1
        case "on_error":
            return verdict.code != "A"
        case _:
            return reception.ta1 == "always"


def _content(interchange: InterchangeOutline) -> tuple[Finding, ...]:
    """Tell of groups that no 997 can name, because their control number is none; they stop nothing of the others."""
    faults = (fault for group in interchange.groups if group.kind != ACKNOWLEDGMENTS for fault in group.findings)
    nameless = (fault for fault in faults if fault.code == "envelope.control.invalid")
    return tuple(replace(one, severity=Severity.WARNING, ack=AckCode("TA1", "024")) for one in nameless)


def _source(received: InterchangeRecord) -> str:
    return f"interchange:{received.id}"


def _unsound(file: FileRecord, interchange: InterchangeOutline, fault: Finding) -> Finding:
    return Finding(
        BUG,
        Severity.HOLD,
        f"Our own TA1 about interchange {interchange.control} is not sound, so it was not sent: {fault.message}",
        Position(file=file.name, interchange=interchange.control),
        fix="report it with the file; dismiss the case once the partner knows",
    )
