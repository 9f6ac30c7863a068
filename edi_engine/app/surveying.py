"""What a look at a file's envelopes tells before its sets are checked: who sent it, and what would be put aside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from mmap import mmap
from typing import TYPE_CHECKING

from edi_engine.app.cache import cache
from edi_engine.app.kept import edition_and_maps
from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.shelf import dictionary
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Severity, stops
from edi_engine.flow.agreed import as_agreed
from edi_engine.flow.books import Books
from edi_engine.flow.checking import check_group
from edi_engine.flow.line_ends import essence
from edi_engine.flow.repeated import conflict, repeat
from edi_engine.flow.sender import TERMINAL, start_of, whose
from edi_engine.x12.follow_ups import FollowUps, follow_ups
from edi_engine.x12.reader import outline
from edi_engine.x12.response import read_ta1
from edi_engine.x12.values import GroupOutline, InterchangeOutline, Outline

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner

STRANGER = "envelope.stranger"
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Surveyed:
    """An interchange of the file whose sets are to be checked, and by which partner. `groups` tell all their faults.

    `faults` are those of the interchange itself. `aside`: it would be put aside for them. `follow` are the faults that
    only say again what these say.
    """

    interchange: InterchangeOutline
    groups: tuple[GroupOutline, ...]
    partner: Partner | None
    faults: tuple[Finding, ...]
    aside: bool
    follow: FollowUps


@dataclass(frozen=True, slots=True)
class Survey:
    """A file whose envelopes are known and whose sets are still to be checked. `findings` are those outside of sets."""

    name: str
    data: bytes | mmap
    outline: Outline
    findings: tuple[Finding, ...]
    envelopes: tuple[Surveyed, ...]
    partner: str | None
    books: Books

    @property
    def size(self) -> int:
        """How many sets there are."""
        return sum(len(group.sets) for envelope in self.envelopes for group in envelope.groups)


def survey(
    settings: Settings, data: bytes | mmap, name: str, partner: str | None = None, *, keep: bool = False
) -> Survey:
    """Look at the envelopes of a file, and at who sent it.

    Without `keep` the sets are found again in `data` as they are checked, so that a file of any size takes little
    memory. Raises UsageError for a partner that no file describes, ConfigurationError for wrong partner files.
    """
    kept = cache()
    edition, base_map = edition_and_maps(settings, kept)
    books = Books(
        clock=SystemClock(), edition=edition, dictionary=dictionary(settings.home), cache=kept, base_map=base_map
    )
    if partner is not None and partner not in edition.partners:
        known = ", ".join(sorted(edition.partners)) or "none"
        message = f"there is no partner {partner}; known: {known}"
        raise UsageError(message)
    found = outline(data, file=name, keep=keep)
    findings: list[Finding] = [one.at(file=name) for one in found.findings]
    envelopes: list[Surveyed] = []
    let_in: dict[tuple[str, ...], InterchangeOutline] = {}
    said = lru_cache(maxsize=None)(partial(essence, data))  # many may be held against one, and that one may be big
    for interchange in found.interchanges:
        earlier = let_in.get(_identity(interchange))
        if earlier is not None and said(earlier.start, earlier.end) == said(interchange.start, interchange.end):
            exact = _is_exact(data, earlier, interchange)
            same = repeat(start_of(interchange), f"the one at byte {earlier.start} of this file", exact=exact)
            findings.append(same.at(file=name))
            continue
        chosen, doubts = _partner(books, interchange, partner)
        if earlier is not None:
            doubts = (*doubts, conflict(interchange, f"at byte {earlier.start} of this file"))
        faults = (*as_agreed(chosen, interchange), *doubts)
        aside = stops([one for one in faults if one.code != STRANGER])  # how it would be answered is told all the same
        if not aside:
            let_in[_identity(interchange)] = interchange
        findings.extend(one.at(file=name) for one in faults)
        if not aside:
            answers = (one for segment in interchange.acknowledgments for one in read_ta1(segment).findings)
            findings.extend(one.at(file=name, interchange=interchange.control) for one in answers)
        follow = follow_ups(interchange)
        groups = tuple(replace(each, findings=check_group(books, each, chosen)) for each in interchange.groups)
        findings.extend(
            unsaid(one, aside=aside).at(file=name, interchange=interchange.control)
            for group in groups
            for one in group.findings
            if not follow.hold(one)
        )
        envelopes.append(Surveyed(interchange, groups, chosen, faults, aside, follow))
    titles = [one.partner.title for one in envelopes if one.partner is not None]
    return Survey(name, data, found, tuple(findings), tuple(envelopes), titles[0] if titles else None, books)


def unsaid(finding: Finding, *, aside: bool) -> Finding:
    """Take the acknowledgment's word from a finding where no acknowledgment will be written."""
    return replace(finding, ack=None) if aside else finding


def _identity(one: InterchangeOutline) -> tuple[str, ...]:
    """Give what no two interchanges may share: the addresses and the control number."""
    return one.sender_qualifier, one.sender, one.receiver_qualifier, one.receiver, one.control


def _is_exact(data: bytes | mmap, one: InterchangeOutline, other: InterchangeOutline) -> bool:
    """Say whether two interchanges are the same bytes, looking at a piece of them at a time."""
    size = one.end - one.start
    return size == other.end - other.start and all(
        data[one.start + at : one.start + min(at + _CHUNK, size)]
        == data[other.start + at : other.start + min(at + _CHUNK, size)]
        for at in range(0, size, _CHUNK)
    )


def _partner(
    books: Books, interchange: InterchangeOutline, wanted: str | None
) -> tuple[Partner | None, tuple[Finding, ...]]:
    """Give the partner to check by: the one named, else the one that the addresses tell, else none at all.

    A sender that we know, under another qualifier or with another receiver, would be put aside, and is told so. Of a
    stranger X12 can be checked, and it is told that this is all; where we have no partners, nothing else was asked.
    """
    if wanted is not None:
        return books.edition.partners[wanted], ()
    sender, doubts = whose(books, interchange, TERMINAL)
    if sender is not None:
        return sender.partner, ()
    if books.edition.knows(interchange.sender):
        return None, doubts
    who = f"{interchange.sender_qualifier}/{interchange.sender}"
    stranger = Finding(
        STRANGER,
        Severity.HOLD if books.edition.partners else Severity.NOTE,
        f"No partner file claims the sender {who}, so only X12 was checked; `edi process` would put it aside.",
        start_of(interchange),
        seen=who,
        fix="name the partner with --partner, or add the address to `identity` of a partner file",
    )
    return None, (stranger,)
