"""Step 8, the way back: a partner's 997 or 999 closes the exchange of the documents that it names; so may a TA1."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from edi_engine.errors import UNKNOWN, Purged
from edi_engine.finding import Finding, Severity, stops
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.contradiction import answer_once_more, name_of, note_again
from edi_engine.flow.copies import number_holder
from edi_engine.flow.documents import ACK_DUE, about_document, note_document
from edi_engine.flow.handover import is_renamed
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.received import Received
from edi_engine.flow.records import DocumentRecord, InterchangeRecord, SetRecord
from edi_engine.flow.refusal import Said, explain, in_words, said_of
from edi_engine.flow.sent_anew import call_back, sent_anew
from edi_engine.flow.wording import a_or_an, counted
from edi_engine.partners.partner import Partner
from edi_engine.x12.reader import outline
from edi_engine.x12.response import Response, SetResponse, read_response, read_ta1
from edi_engine.x12.wording import quoted

_ASK = "ask the partner what became of our documents; an acknowledgment is never answered"
_ACCEPTED = frozenset({"A", "E"})
_TO_CONFIRMED = {
    "UPLOADING": ("UPLOADED", "SENT", "CONFIRMED"),
    "UPLOADED": ("SENT", "CONFIRMED"),
    "SENT": ("CONFIRMED",),
    "CONFIRMED": (),
    "PARKED": ("SENT", "CONFIRMED"),
}
"""A partner may answer before we have looked that the file stands there: its answer proves the delivery."""
_ANSWERED = frozenset({"ACCEPTED", "REJECTED"})
_MOST_NAMED = 5
"""Sets of a group that are named in words."""


def unread(partner: Partner, received: Received) -> Finding:
    """Tell of an acknowledgment that is broken X12: nothing it says can be relied on."""
    found = received.outline
    what = f"{a_or_an(found.set_id)} ({found.control}) that is no sound X12"
    message = f"{partner.title} sent {what}: nothing it says was taken."
    return Finding("ack.invalid", Severity.HOLD, message, received.where, fix=_ASK)


def respond(
    office: Office, unit: Unit, partner: Partner, received: SetRecord, segments: Sequence[Sequence[str]]
) -> None:
    """Match an acknowledgment with what we sent, in the caller's commit. It is never acknowledged itself."""
    response = read_response([list(segment) for segment in segments])
    waiting = Waiting(f"set:{received.id}", "judge", received.at, partner=partner.name)
    if stops(response.findings):
        open_case(office, unit, waiting, [*response.findings, *response.doubts])
        return
    document = _named(unit, partner.name, response, received)
    group = f"group {response.group_control} ({response.group_kind})"
    if isinstance(document, str):
        open_case(office, unit, waiting, [_unmatched(unit, partner, received, group, document)])
        return
    mine = _mine(response, document)
    if response.doubts:
        open_case(office, unit, waiting, _doubted(response.doubts, document, mine))
        if not response.sets:
            return
    if mine is None and response.sets:
        names = ", ".join(quoted(one.control) for one in response.sets[:_MOST_NAMED])
        other = f"but names in it set {names}; ours is {quoted(document.set_control or '')}"
        open_case(office, unit, waiting, [_unmatched(unit, partner, received, group, other)])
        return
    code = mine.code if mine is not None else response.verdict
    if document.state in _ANSWERED:
        answer_once_more(office, unit, partner, document, received, said_of(mine, code))
    elif not _may_be_there(unit, document):
        not_yet = f"but our {document.kind} {document.name} is {document.state.lower()}: it was not handed over"
        open_case(office, unit, waiting, [_unmatched(unit, partner, received, group, not_yet)])
    else:
        _close(office, unit, document, received, response, mine, code)
        if code not in _ACCEPTED:
            _reject(office, unit, document, _rejections(office, unit, partner, document, mine, code))


def finds_ours(unit: Unit, partner: str, received: SetRecord, segments: Sequence[Sequence[str]]) -> bool:
    """Say whether an acknowledgment is about a document of ours that they may have: whether to match it makes sense."""
    response = read_response([list(segment) for segment in segments])
    document = _named(unit, partner, response, received)
    if stops(response.findings) or isinstance(document, str) or (response.sets and _mine(response, document) is None):
        return False
    return document.state in _ANSWERED or _may_be_there(unit, document)


def _doubted(doubts: Sequence[Finding], document: DocumentRecord, mine: SetResponse | None) -> list[Finding]:
    """Say of counts that cannot be what was taken all the same: the verdict on our set, where there is one."""
    ours = f"our {document.kind} {document.name}"
    taken = f"AK501 {mine.code} on {ours} was taken" if mine is not None else f"nothing was taken for {ours}"
    return [replace(one, message=f"{one.message[:-1]}; {taken}.") for one in doubts]


def respond_to_interchange(
    office: Office, unit: Unit, partner: Partner, received: InterchangeRecord, segments: Sequence[Sequence[str]]
) -> None:
    """Match the TA1 segments of an interchange with the interchanges that we sent, in the caller's commit.

    One that accepts says nothing that the 997 does not say; one that refuses ends the exchange of its document.
    """
    waiting = Waiting(f"interchange:{received.id}", "open", received.at, partner=partner.name, file_id=received.file_id)
    for segment in segments:
        response = read_ta1(segment)
        if stops(response.findings):
            open_case(office, unit, waiting, response.findings)
            continue
        document = _carried(unit, partner, response.control, received)
        what = f"interchange {response.control}"
        if document is None:
            open_case(
                office,
                unit,
                waiting,
                [_unmatched(unit, partner, received, what, "but we never sent them one of that number")],
            )
        elif response.code != "R":
            note_document(
                office, unit, document, "received by partner", f"their TA1 says {response.code} {response.note}"
            )
        elif _may_be_there(unit, document):
            current = _confirmed(office, unit, document)
            said = json.dumps({"code": response.code, "note": response.note, "by": name_of(unit, received)})
            rejected = unit.documents.change(current, state="REJECTED", response_json=said)
            _settle(office, unit, rejected, f"their TA1 refuses it ({response.note})")
            _reject(office, unit, rejected, [_refused_whole(office, unit, partner, document, response.note)])
        else:
            # It speaks of the envelope alone, as of the copy of one that we sent again: what the 997 said stands.
            note_again(office, unit, document, Said(response.code, response.note), name_of(unit, received))


def _named(unit: Unit, partner: str, response: Response, received: SetRecord) -> DocumentRecord | str:
    """Give the document of the group that the acknowledgment names, or say why there is none.

    A group has its name from GS01, GS02, GS03 and GS06; the answer goes between the same two ids the other way. Each of
    their addresses counts on its own, so that what went to the address which answers comes first. Where a number came
    round or was sent again, the newest that still waits for its answer is meant, else the newest.
    """
    by, group = unit.interchanges.get(received.interchange_id), unit.groups.get(received.group_id)
    control = _number(response.group_control)
    found = unit.documents.select(
        partner=partner, group_kind=response.group_kind, group_control=control, descending=True
    )
    ours = [one for one in found if _between(unit, one) in {(group.receiver, group.sender), None}]
    if len(ours) > 1:
        ours = [one for one in ours if not _went_elsewhere(unit, one, by)] or ours
    newest = _newest(unit, ours)
    if newest is not None:
        return newest
    if not found:
        return "but we never sent them one of that number"
    said, sent = f"between {group.receiver} and {group.sender}", " and ".join(_between(unit, found[0]) or ())
    return f"but we never sent them one of that number {said}; ours was between {sent} (GS02 and GS03)"


def _between(unit: Unit, document: DocumentRecord) -> tuple[str, str] | None:
    """Give GS02 and GS03 of a document of ours; None where its bytes were purged."""
    try:
        data = unit.blobs.get(document.sha256)
    except Purged:
        return None
    group = outline(data).interchanges[0].groups[0]
    return group.sender, group.receiver


def _newest(unit: Unit, documents: Sequence[DocumentRecord]) -> DocumentRecord | None:
    """Give the newest that still waits for its answer, else the newest that has one, else the newest."""
    waiting = (one for one in documents if _may_be_there(unit, one))
    answered = (one for one in documents if one.state in _ANSWERED)
    return next(waiting, None) or next(answered, None) or next(iter(documents), None)


def _went_elsewhere(unit: Unit, document: DocumentRecord, by: InterchangeRecord) -> bool:
    """Say whether a document went to another address than the one that `by` comes from."""
    sent = unit.interchanges.one(direction="out", document_id=number_holder(unit, document).id)
    return sent is not None and (sent.receiver_qualifier, sent.receiver) != (by.sender_qualifier, by.sender)


def _may_be_there(unit: Unit, document: DocumentRecord) -> bool:
    """Say whether the partner may have a document that they did not answer yet."""
    if document.state == "UPLOADING":
        return not is_renamed(document)
    if document.state == "PARKED":
        return unit.cases.one(subject=f"document:{document.id}", kind=UNKNOWN, state="OPEN") is not None
    return document.state in _TO_CONFIRMED


def _carried(unit: Unit, partner: Partner, control: str, by: InterchangeRecord) -> DocumentRecord | None:
    """Give the newest document that went to the partner in the interchange of this number, best to this address.

    Of a document that was sent again as it was, that is the copy which waits for its answer.
    """
    sent = unit.interchanges.select(direction="out", partner=partner.name, control=control.zfill(9), descending=True)
    theirs = by.sender_qualifier, by.sender
    same = [one for one in sent if (one.receiver_qualifier, one.receiver) == theirs] or list(sent)
    if not same or same[0].document_id is None:
        return None
    holder = unit.documents.get(same[0].document_id)
    copies = unit.documents.select(source=holder.source, kind=holder.kind, sha256=holder.sha256, descending=True)
    return _newest(unit, copies)


def _mine(response: Response, document: DocumentRecord) -> SetResponse | None:
    """Give what is said of the document's own set; None where only the group is judged."""
    wanted = _number(document.set_control or "")
    return next((one for one in response.sets if _number(one.control) == wanted), None)


def _number(control: str) -> str:
    return control.lstrip("0") or control


def _unmatched(unit: Unit, partner: Partner, received: SetRecord | InterchangeRecord, what: str, why: str) -> Finding:
    return Finding(
        "ack.unmatched",
        Severity.HOLD,
        f"{partner.title} acknowledges our {what} ({name_of(unit, received)}), {why}.",
        seen=what,
        fix="ask the partner what they received; nothing of ours changed by it",
    )


def _close(
    office: Office,
    unit: Unit,
    document: DocumentRecord,
    received: SetRecord,
    response: Response,
    mine: SetResponse | None,
    code: str,
) -> None:
    """Record what became of a document. The first final answer stands; later ones are only noted."""
    current = _confirmed(office, unit, document)
    of_set = asdict(mine) if mine else None
    said = json.dumps({"code": code, "verdict": response.verdict, "set": of_set, "by": name_of(unit, received)})
    state = "ACCEPTED" if code in _ACCEPTED else "REJECTED"
    closed = unit.documents.change(current, state=state, response_json=said)
    faults = len(mine.faults) if mine is not None else 0
    noted = f", with {counted(faults, 'fault')} noted" if faults and code in _ACCEPTED else ""
    verb = "accepted" if code in _ACCEPTED else "rejected"
    if code in _ACCEPTED:
        call_back(office, unit, closed)
    _settle(office, unit, closed, f"{verb} by the partner's {received.set_id} ({code}){noted}")


def _confirmed(office: Office, unit: Unit, document: DocumentRecord) -> DocumentRecord:
    """Lead a document to CONFIRMED: who answers it has it."""
    current = document
    for state in _TO_CONFIRMED[document.state]:
        sent_at = current.sent_at or office.clock.now()
        current = unit.documents.change(current, state=state, sent_at=sent_at)
    return current


def _settle(office: Office, unit: Unit, document: DocumentRecord, said: str) -> None:
    subject = f"document:{document.id}"
    for timer in unit.timers.select(subject=subject, kind=ACK_DUE, state="WAITING"):
        unit.timers.change(timer, state="CANCELLED")
    settle_cases(office, unit, subject, how="the partner answered")
    note_document(office, unit, document, f"{document.state.lower()} by partner", said)


def _reject(office: Office, unit: Unit, document: DocumentRecord, findings: Sequence[Finding]) -> None:
    waiting = replace(about_document(document, "respond"), received_at=office.clock.now())
    open_case(office, unit, waiting, findings)


def _refused_whole(office: Office, unit: Unit, partner: Partner, document: DocumentRecord, note: str) -> Finding:
    return Finding(
        "ack.rejected",
        Severity.HOLD,
        f"{partner.title} refused the whole interchange {document.interchange_control} of our {document.kind} "
        f"({in_words(office, Said('R', note))}).",
        seen=note,
        fix="ask the partner what is wrong with the envelope and correct their partner file; then "
        f"{sent_anew(unit, document, '--new-number', 'sends it again')}. Or dismiss the case",
    )


def _rejections(
    office: Office, unit: Unit, partner: Partner, document: DocumentRecord, mine: SetResponse | None, code: str
) -> list[Finding]:
    """Lead each AK3/AK4 back to the segment of ours that it refuses."""
    said = said_of(mine, code)
    headline = Finding(
        "ack.rejected",
        Severity.HOLD,
        f"{partner.title} refused our {document.kind} {document.interchange_control} ({in_words(office, said)}).",
        seen=code,
        fix="find the fault below and repair what it came from; then "
        f"{sent_anew(unit, document, '--rewrite', 'writes it anew and sends it under new numbers')}. Or agree with the "
        "partner what becomes of it, and dismiss the case",
    )
    return [headline, *explain(office, document, unit.blobs.get(document.sha256), said)]
