"""Step 4: the 997 or 999 about a group, in the commit that judges its last set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.books import Books
from edi_engine.flow.cases import BUG, open_case
from edi_engine.flow.checking import ACKNOWLEDGMENTS
from edi_engine.flow.documents import Destination, Draft, Source, post
from edi_engine.flow.office import Office
from edi_engine.flow.opened import Opened, of_interchange
from edi_engine.flow.ports import Unit
from edi_engine.flow.proof import proof
from edi_engine.flow.received import Received
from edi_engine.flow.records import GroupRecord
from edi_engine.flow.sender import TERMINAL
from edi_engine.partners.partner import Partner
from edi_engine.x12.acknowledge import OLDEST_999, SetVerdict, acknowledge
from edi_engine.x12.surroundings import surroundings
from edi_engine.x12.values import GroupOutline

_SAYABLE = re.compile(r"[0-9A-Z]{6,12}")
"""A GS08 that our answer can repeat; of any other it repeats the version only."""


def acknowledgment_id(books: Books, partner: Partner | None, version: str) -> str:
    """Give what a group of this version is answered with: 999 where the partner wants it and the version has it."""
    wanted = partner.envelope.acknowledge if partner is not None else "997"
    has = version >= OLDEST_999 and books.dictionary.set(version, wanted) is not None
    return wanted if has else "997"


def surrounded(books: Books, verdict: SetVerdict, received: Received, version: str) -> SetVerdict:
    """Add what stands around the faults of a set; `version` is the one that it was read in."""
    around = surroundings(verdict.all, received.text, received.delimiters, books.dictionary, version)
    return replace(verdict, around=around) if around else verdict


def acknowledge_group(
    office: Office,
    unit: Unit,
    opened: Opened,
    current: GroupRecord,
    seen: GroupOutline,
    verdicts: Sequence[SetVerdict],
) -> None:
    """Answer a group with all that was found of it and of its sets; of acknowledgments nothing is said.

    An acknowledgment that is not sound is a bug of ours: the sets stand, and one case has the group wait for a retry.
    """
    if current.kind == ACKNOWLEDGMENTS:
        unit.groups.change(current, state="SILENT")
        return
    partner = opened.partner
    version = office.version_of(current.version, partner)
    spoken = version or partner.envelope.version[:6]
    answer = acknowledge(
        seen,
        [surrounded(office, one, opened.received(seen, one.outline), spoken) for one in verdicts],
        spoken,
        set_id=acknowledgment_id(office, partner, spoken),
        delimiters=partner.envelope.delimiters,
    )
    to = Destination(
        partner,
        opened.sender,
        live=opened.record.usage == "P",
        version=current.version if version == current.version[:6] and _SAYABLE.fullmatch(current.version) else version,
        terminal_file=opened.file.id if opened.file.connection == TERMINAL else None,
    )
    draft = Draft(answer.set_id, answer.segments, to)
    faults = proof(office, draft)
    if faults:
        open_case(office, unit, of_interchange(opened), [_unsound(opened, current, faults[0])])
        return
    document = post(office, unit, draft, Source(f"group:{current.id}", group_id=current.id))
    unit.groups.change(
        current,
        state="ACKNOWLEDGED",
        verdict=answer.verdict,
        document_id=document.id,
    )


def _unsound(opened: Opened, group: GroupRecord, fault: Finding) -> Finding:
    return Finding(
        BUG,
        Severity.HOLD,
        f"Our own acknowledgment of group {group.control} is not sound, so it was not sent: {fault.message}",
        Position(file=opened.file.name, interchange=opened.record.control, group=group.control),
        fix="report it with the file; retry the case after an update",
    )
