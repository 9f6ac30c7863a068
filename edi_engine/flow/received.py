"""One set as it came, and what its bytes say in the letters that its partner writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from mmap import mmap
from typing import TYPE_CHECKING

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.letters import byte_of, said
from edi_engine.x12.unpack import spoken
from edi_engine.x12.values import Delimiters, GroupOutline, InterchangeOutline, SetOutline
from edi_engine.x12.wording import quoted

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner

MOST = 20
"""Elements with odd letters that are told one by one; the rest of a set's are counted."""


@dataclass(frozen=True, slots=True)
class Received:
    """One set as it stands in its file: text (one character a byte), outline, delimiters, GS08, its shared place.

    `whole` is the size of the file in bytes, None for a set that is looked at alone.
    """

    text: str
    outline: SetOutline
    delimiters: Delimiters
    version: str
    where: Position
    whole: int | None = None


def take(
    data: bytes | mmap, file: str, interchange: InterchangeOutline, group: GroupOutline, found: SetOutline
) -> Received:
    """Take a set out of the bytes of its file."""
    where = Position(
        file=file,
        interchange=interchange.control,
        group=group.control,
        set_control=found.control,
        set_id=found.set_id,
    )
    text = data[found.start : found.end].decode("latin-1")
    return Received(text, found, interchange.delimiters, group.version, where, len(data))


def in_letters(received: Received, partner: Partner | None) -> Received:
    """Give a set with its text in the partner's letters; as it is where they are unknown, or do not say all of it."""
    text = said(received.text, partner.envelope.charset) if partner is not None else None
    return received if text is None or text == received.text else replace(received, text=text)


def in_bytes(
    received: Received, read: Received, partner: Partner | None, findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """Lead findings in the text of `read`, which `in_letters` gave, back to the bytes of the file."""
    if read is received or partner is None:
        return tuple(findings)
    return tuple(_in_bytes(read, partner.envelope.charset, finding) for finding in findings)


def _in_bytes(read: Received, charset: str, finding: Finding) -> Finding:
    start, byte = read.outline.start, finding.where.byte
    if byte is None or byte < start:
        return finding
    return finding.at(byte=start + byte_of(read.text, byte - start, charset))


def odd_letters(received: Received, partner: Partner | None) -> tuple[Finding, ...]:
    """Name the elements whose bytes say nothing in the letters that the partner is said to write."""
    if partner is None or said(received.text, partner.envelope.charset) is not None:
        return ()
    odd = list(_odd(received, partner))
    if len(odd) > MOST:
        more = f"{len(odd) - MOST:,} more elements with such letters are not listed."
        odd = [*odd[:MOST], replace(odd[MOST], message=more)]
    return tuple(odd)


def _odd(received: Received, partner: Partner) -> Iterator[Finding]:
    charset, data = partner.envelope.charset, received.text.encode("latin-1")
    whole = received.outline._replace(start=0, end=len(data))
    for segment in spoken(data, whole, received.delimiters):
        for number, text in enumerate(segment.elements):
            if said(text, charset) is not None:
                continue
            byte = received.outline.start + segment.byte + sum(len(one) + 1 for one in segment.elements[:number])
            path = f"{segment.id}{number:02d}"
            yield Finding(
                "mapping.charset",
                Severity.HOLD,
                f"{path} {quoted(text)} holds bytes that are no {charset}, which is what {partner.title} writes "
                "by their partner file; nobody can tell what they say.",
                replace(
                    received.where,
                    byte=byte,
                    segment=segment.number,
                    in_set=segment.in_set,
                    segment_id=segment.id,
                    path=path,
                    element=number,
                ),
                seen=text,
                wanted=charset,
                fix=f"ask the partner what they write, set `envelope.charset` in {partner.source or 'their file'} and "
                "retry the case; or ask them for plain letters",
            )
