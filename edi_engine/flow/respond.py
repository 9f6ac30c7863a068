"""Step 8, the way back: a partner's 997 or 999 closes the exchange of the documents that it names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from edi_engine.finding import Finding, Severity, stops
from edi_engine.flow.cases import Waiting, open_case, settle_cases
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord, SetRecord
from edi_engine.partners.partner import Partner
from edi_engine.x12.reader import outline as read_outline
from edi_engine.x12.reader import split
from edi_engine.x12.response import Response, SetResponse, read_response

_ACCEPTED = frozenset({"A", "E"})
_TO_CONFIRMED = {"UPLOADED": ("SENT", "CONFIRMED"), "SENT": ("CONFIRMED",), "CONFIRMED": ()}
"""A partner may answer before we have looked that the file stands there: its answer proves the delivery."""


def respond(
    office: Office, unit: Unit, partner: Partner, received: SetRecord, segments: Sequence[Sequence[str]]
) -> None:
    """Match an acknowledgment with what we sent, in the caller's commit. It is never acknowledged itself."""
    response = read_response([list(segment) for segment in segments])
    waiting = Waiting(f"set:{received.id}", "judge", received.at, partner=partner.name)
    if stops(response.findings):
        open_case(office, unit, waiting, response.findings)
        return
    named = _named(unit, partner, response)
    if not named:
        open_case(office, unit, waiting, [_unmatched(partner, response)])
        return
    for document in named:
        _close(office, unit, partner, document, response)


def _named(unit: Unit, partner: Partner, response: Response) -> Sequence[DocumentRecord]:
    """Give the documents of the group that the acknowledgment names: kind and control number of our group."""
    control = response.group_control.lstrip("0") or response.group_control
    return unit.documents.select(partner=partner.name, group_kind=response.group_kind, group_control=control)


def _unmatched(partner: Partner, response: Response) -> Finding:
    return Finding(
        "ack.unmatched",
        Severity.HOLD,
        f"{partner.title} acknowledges our group {response.group_control} ({response.group_kind}), "
        "but we never sent them one of that number.",
        seen=f"{response.group_kind} {response.group_control}",
        fix="ask the partner what they received; nothing of ours changed by it",
    )


def _close(office: Office, unit: Unit, partner: Partner, document: DocumentRecord, response: Response) -> None:
    """Record what became of one document. The first final answer stands; later ones are only noted."""
    mine = next((one for one in response.sets if one.control == document.set_control), None)
    code = mine.code if mine is not None else response.verdict
    subject = f"document:{document.id}"
    if document.state not in _TO_CONFIRMED:
        office.note(
            unit,
            "acknowledgment repeated",
            subject,
            f"{document.kind} {document.interchange_control} was {document.state.lower()}; now they say {code}",
            order_id=document.order_id,
            partner=partner.name,
        )
        return
    current = document
    for state in _TO_CONFIRMED[document.state]:
        current = unit.documents.change(current, state=state)
    accepted = code in _ACCEPTED
    said = json.dumps({"code": code, "verdict": response.verdict, "set": asdict(mine) if mine else None})
    unit.documents.change(current, state="ACCEPTED" if accepted else "REJECTED", response_json=said)
    for timer in unit.timers.select(subject=subject, kind="ack_due", state="WAITING"):
        unit.timers.change(timer, state="CANCELLED")
    settle_cases(office, unit, subject, how=f"the partner answered {code}")
    office.note(
        unit,
        f"{document.kind} {'accepted' if accepted else 'rejected'} by partner",
        subject,
        f"their {response.group_kind} acknowledgment says {code}",
        order_id=document.order_id,
        partner=partner.name,
    )
    if not accepted:
        waiting = Waiting(
            subject,
            "respond",
            office.clock.now(),
            partner=partner.name,
            po_number=document.po_number,
            order_id=document.order_id,
        )
        open_case(office, unit, waiting, _rejections(unit, partner, document, mine, code))


def _rejections(
    unit: Unit, partner: Partner, document: DocumentRecord, mine: SetResponse | None, code: str
) -> list[Finding]:
    """Lead each AK3/AK4 back to the segment of ours that it refuses."""
    headline = Finding(
        "ack.rejected",
        Severity.HOLD,
        f"{partner.title} refused our {document.kind} {document.interchange_control} ({code}).",
        seen=code,
        fix="find the fault below, repair what it came from, and send a new document",
    )
    if mine is None:
        return [headline]
    data = unit.blobs.get(document.sha256)
    interchange = read_outline(data).interchanges[0]
    found = interchange.groups[0].sets[0]
    ours = split(data[found.start : found.end].decode("latin-1"), interchange.delimiters)
    details: list[Finding] = []
    for segment_id, in_set, element, fault, value in mine.faults:
        text = (
            interchange.delimiters.element.join(ours[in_set - 1])
            if 0 < in_set <= len(ours)
            else "(not in our document)"
        )
        place = f"{segment_id}{element:02d}" if element else segment_id
        details.append(
            Finding(
                "ack.rejected.element" if element else "ack.rejected.segment",
                Severity.HOLD,
                f"They refuse {place} in segment {in_set} of our {document.kind} with code {fault}: {text}",
                seen=value or None,
            ).at(in_set=in_set or None, segment_id=segment_id, element=element or None)
        )
    return [headline, *details]
