"""What a file would be answered: in which words its faults are told, and where nothing would be sent, why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edi_engine.app.surveying import Survey, Surveyed
from edi_engine.finding import Finding
from edi_engine.flow.checking import ACKNOWLEDGMENTS
from edi_engine.flow.sender import TERMINAL
from edi_engine.x12.values import Delimiters, GroupOutline

if TYPE_CHECKING:
    from edi_engine.partners.partner import Partner


@dataclass(frozen=True, slots=True)
class Speech:
    """How faults are told: in a 997 or 999 (`set_id`) of `version`; or in a TA1, if the interchange would get one.

    `set_id` is "" for what is never acknowledged.
    """

    set_id: str
    version: str
    ta1: bool


def spoken(found: Survey, fault: Finding) -> Speech | None:
    """Give the words in which a fault is told, None where no acknowledgment has any, or nobody knows whose it is."""
    where = fault.where
    envelope = next((one for one in found.envelopes if one.interchange.control == where.interchange), None)
    if fault.ack is None or envelope is None:
        return None
    if fault.ack.level == "TA1":
        return Speech("997", "", bool(ta1(found, envelope)))
    group = next((one for one in envelope.groups if one.control == where.group), None)
    if group is not None and group.kind == ACKNOWLEDGMENTS:
        return Speech("", "", ta1=False)
    return Speech(*words(found, envelope, group), ta1=False) if group is not None else None


def words(found: Survey, envelope: Surveyed, group: GroupOutline) -> tuple[str, str]:
    """Give what a group is answered with, 997 or 999, and the version it is written in."""
    from edi_engine.flow.acknowledging import acknowledgment_id

    books, partner = found.books, envelope.partner
    ours = partner.envelope.version[:6] if partner is not None else books.dictionary.versions()[0]
    version = books.version_of(group.version, partner) or ours
    return acknowledgment_id(books, partner, version), version


def ta1(found: Survey, envelope: Surveyed) -> tuple[str, ...]:
    """Write the TA1 that the interchange would get as a line; none for a stranger."""
    from edi_engine.flow.layout import body_text
    from edi_engine.flow.ta1 import answer_to

    interchange, to = envelope.interchange, asker(found, envelope)
    broken = any(one.code == "envelope.delimiter" for one in interchange.findings)  # ours are others in any case
    marks = Delimiters() if broken else interchange.delimiters
    segment = answer_to(interchange, envelope.faults, to, marks) if to is not None else None
    return tuple(body_text((segment,), marks)) if segment is not None else ()


def asker(found: Survey, envelope: Surveyed) -> Partner | None:
    """Give who would be answered, None for a stranger: it may be one of ours who writes to somebody else."""
    from edi_engine.flow.ta1 import addressee

    known = addressee(found.books, envelope.interchange, TERMINAL)
    return envelope.partner or (known[0] if known is not None else None)


def silence(found: Survey) -> Iterator[str]:
    """Say of each interchange that nothing would answer why that is so."""
    if not found.envelopes:
        yield "there is no interchange in it that could be answered"
    for envelope in found.envelopes:
        one, partner = envelope.interchange, asker(found, envelope)
        if partner is None:
            yield f"nobody is answered whom no partner file claims (interchange {one.control})"
        elif ta1(found, envelope):
            continue
        elif envelope.aside or envelope.partner is None:
            asked = "asks for one" if one.wants_ta1 else "asks for none"
            yield (
                f"interchange {one.control} would be put aside, so no 997 speaks of it, and no TA1 is due "
                f"(`policy: {{ta1: {partner.reception.ta1}}}`; its ISA14 {asked}). Tell the partner yourself"
            )
        elif not envelope.groups and not one.acknowledgments:
            yield f"there is nothing in interchange {one.control} that could be answered"
        elif all(group.kind == ACKNOWLEDGMENTS for group in envelope.groups):
            yield f"acknowledgments are not acknowledged (interchange {one.control})"
