"""Validating a file: everything that the walk would find in it, without a store and without changing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from mmap import mmap
from typing import TYPE_CHECKING

from edi_engine.app.cache import cache
from edi_engine.app.kept import edition_and_maps
from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.shelf import dictionary
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.flow.books import Books
from edi_engine.flow.checking import ACKNOWLEDGMENTS, check_group, check_set
from edi_engine.flow.reading import Received, in_the_file, no_map, read_order
from edi_engine.flow.sender import TERMINAL, whose
from edi_engine.x12.acknowledge import SetVerdict, acknowledge
from edi_engine.x12.reader import outline
from edi_engine.x12.sets import Sets, Slice
from edi_engine.x12.values import GroupOutline, InterchangeOutline, Outline, SetOutline

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner

_TOO_EARLY = frozenset({"envelope.truncated", "envelope.missing.iea"})
"""Faults after which the trailers of what is still open cannot come."""


@dataclass(frozen=True, slots=True)
class CheckedSet:
    """One set of the file. `verdict` is what AK501 would say: A, E or R, and R where its group is refused.

    It is None for an acknowledgment, and where the whole interchange would be put aside: no 997 says anything then.
    `held` says that the order rules, the map or the guide would hold it. `outline` says where in the file it stands.
    """

    set_id: str
    control: str
    interchange: str
    group: str
    verdict: str | None
    partner: str | None
    po_number: str | None
    findings: tuple[Finding, ...]
    outline: SetOutline
    held: bool = False


@dataclass(frozen=True, slots=True)
class Validation:
    """What is in a file. `acknowledgments` are the 997s that would be sent, one line a segment."""

    name: str
    data: bytes
    outline: Outline
    findings: tuple[Finding, ...]
    sets: tuple[CheckedSet, ...]
    acknowledgments: tuple[str, ...]
    partner: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """A group of the file, and by which partner it is checked.

    `aside`: its interchange would be put aside. `follow` are the faults that only say again that it ends too early.
    """

    interchange: InterchangeOutline
    group: GroupOutline
    partner: Partner | None
    aside: bool
    follow: frozenset[tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Survey:
    """A file whose envelopes are known and whose sets are still to be checked. `findings` are those outside of sets."""

    name: str
    data: bytes | mmap
    outline: Outline
    findings: tuple[Finding, ...]
    parts: tuple[Part, ...]
    partner: str | None
    books: Books

    @property
    def size(self) -> int:
        """How many sets there are."""
        return sum(len(part.group.sets) for part in self.parts)

    def check(self, part: Part, sets: Iterable[SetOutline]) -> Iterator[CheckedSet]:
        """Check some sets of a part."""
        for one in sets:
            checked = _check(self.books, self.name, self.data, part, one)
            yield _put_aside(checked, part.follow) if part.aside else checked

    def answer(self, part: Part, checked: Sequence[CheckedSet]) -> tuple[str, ...]:
        """Write the 997 that a part would get, one segment a line; none for acknowledgments."""
        return () if part.aside else tuple(_answer(self.books, part, checked))


def validate(settings: Settings, data: bytes, name: str, partner: str | None = None, *, jobs: int = 1) -> Validation:
    """Check every set of a file against X12, and against its partner's guide, map and rules where one is known.

    Everything that is found is kept. Raises UsageError for a partner that no file describes, ConfigurationError for
    wrong partner files.
    """
    found = survey(settings, data, name, partner, keep=jobs == 1)
    checked = checked_sets(found, jobs)
    sets: list[CheckedSet] = []
    answers: list[str] = []
    for part in found.parts:
        own = list(islice(checked, len(part.group.sets)))
        sets.extend(own)
        answers.extend(found.answer(part, own))
    everything = (*found.findings, *(one for each in sets for one in each.findings))
    return Validation(name, data, found.outline, everything, tuple(sets), tuple(answers), found.partner)


def checked_sets(found: Survey, jobs: int = 1) -> Iterator[CheckedSet]:
    """Check all sets of a file in their order, one after the other, or many at a time in `jobs` processes."""
    pieces = [
        (number, part)
        for number, each in enumerate(found.parts)
        if isinstance(each.group.sets, Sets)
        for part in each.group.sets.slices
    ]
    if jobs > 1 and len(pieces) > 1:
        from edi_engine.runtime.processes import can_share, in_order

        if can_share():
            for checked in in_order(jobs, _check_slice, found, pieces):
                yield from checked
            return
    for part in found.parts:
        yield from found.check(part, part.group.sets)


def _check_slice(found: Survey, piece: tuple[int, Slice]) -> list[CheckedSet]:
    number, some = piece
    part = found.parts[number]
    sets = part.group.sets
    return list(found.check(part, sets.of(some) if isinstance(sets, Sets) else ()))


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
    titles: list[str] = []
    parts: list[Part] = []
    for interchange in found.interchanges:
        chosen, doubts = _partner(books, interchange, partner)
        titles.extend([chosen.title] if chosen is not None else [])
        aside = stops((*interchange.findings, *doubts))
        findings.extend(one.at(file=name) for one in (*doubts, *interchange.findings))
        follow = _follow_ups(interchange)
        for each in interchange.groups:
            group = replace(each, findings=check_group(books, each, chosen))
            findings.extend(
                _said(one, aside=aside).at(file=name, interchange=interchange.control)
                for one in group.findings
                if (one.code, one.where.segment) not in follow
            )
            parts.append(Part(interchange, group, chosen, aside, follow))
    return Survey(name, data, found, tuple(findings), tuple(parts), titles[0] if titles else None, books)


def _partner(
    books: Books, interchange: InterchangeOutline, wanted: str | None
) -> tuple[Partner | None, tuple[Finding, ...]]:
    """Give the partner to check by: the one named, else the one that the addresses tell, else none at all.

    A sender that we know, under another qualifier or with another receiver, would be put aside, and is told so. Of a
    stranger X12 can be checked, and a note says that this is all.
    """
    if wanted is not None:
        return books.edition.partners[wanted], ()
    sender, doubts = whose(books, interchange, TERMINAL)
    if sender is not None:
        return sender.partner, ()
    if books.edition.knows(interchange.sender):
        return None, doubts
    who = f"{interchange.sender_qualifier}/{interchange.sender}"
    note = Finding(
        "envelope.stranger",
        Severity.NOTE,
        f"No partner file claims the sender {who}, so only X12 was checked; `edi process` would put it aside.",
        Position(interchange=interchange.control, byte=interchange.start, segment=interchange.number),
        seen=who,
        fix="name the partner with --partner, or add the address to `identity` of a partner file",
    )
    return None, (note,)


def _follow_ups(interchange: InterchangeOutline) -> frozenset[tuple[str, int | None]]:
    """Give the faults, by code and segment, that only say again that the interchange ends too early."""
    ends = [one.where.segment or 0 for one in interchange.findings if one.code in _TOO_EARLY]
    trailers = ("envelope.missing.se", "envelope.missing.ge")  # they would stand there, or behind a segment that is cut
    return frozenset((code, segment + behind) for segment in ends for code in trailers for behind in (0, 1))


def _said(finding: Finding, *, aside: bool) -> Finding:
    """Take the acknowledgment's word from a finding where no acknowledgment will be written."""
    return replace(finding, ack=None) if aside else finding


def _put_aside(checked: CheckedSet, follow: frozenset[tuple[str, int | None]]) -> CheckedSet:
    """Say of a set that its whole interchange is put aside."""
    own = (one for one in checked.findings if (one.code, one.where.segment) not in follow)
    return replace(checked, verdict=None, held=False, findings=tuple(_said(one, aside=True) for one in own))


def _check(books: Books, name: str, data: bytes | mmap, part: Part, found: SetOutline) -> CheckedSet:
    interchange, group, partner = part.interchange, part.group, part.partner
    where = Position(
        file=name,
        interchange=interchange.control,
        group=group.control,
        set_control=found.control,
        set_id=found.set_id,
    )
    text = data[found.start : found.end].decode("latin-1")
    received = Received(text, found, interchange.delimiters, group.version, where)
    refused = any(one.severity is Severity.REFUSE for one in group.findings)
    findings = [] if refused else list(check_set(books, group, received, partner))
    verdict = "R" if refused else SetVerdict(found, tuple(findings)).code
    po_number = None
    if verdict != "R" and group.kind != ACKNOWLEDGMENTS:
        po_number, rules = _read(books, received, partner, findings, live=interchange.usage == "P")
        findings.extend(rules)
    return CheckedSet(
        found.set_id,
        found.control,
        interchange.control,
        group.control,
        None if group.kind == ACKNOWLEDGMENTS else verdict,
        partner.name if partner else None,
        po_number,
        tuple(findings),
        found,
        held=verdict != "R" and stops(findings),
    )


def _read(
    books: Books, received: Received, partner: Partner | None, findings: Sequence[Finding], *, live: bool
) -> tuple[str | None, tuple[Finding, ...]]:
    """Read the order and, where the partner is known, ask the rules; give its number and what they found.

    `findings` are those of the set so far. What none of the partner's maps reads would wait for a person.
    """
    reading, _ = read_order(books, received, partner)
    if reading is None:
        return None, (no_map(received, partner),) if partner is not None and not stops(tuple(findings)) else ()
    if reading.order is None:
        return None, reading.findings
    if partner is None or stops(reading.findings):
        return reading.order.po_number, reading.findings
    from edi_engine.flow.ruling import judge_value

    judged = judge_value(books, reading.order, partner, (), live=live, number="0")
    rules = in_the_file(books, judged.decision.all_findings(), received, partner)
    return reading.order.po_number, (*reading.findings, *rules)


def _answer(books: Books, part: Part, checked: Sequence[CheckedSet]) -> list[str]:
    """Write the 997 that the group would get, one segment a line; none for acknowledgments."""
    interchange, group, partner = part.interchange, part.group, part.partner
    if group.kind == ACKNOWLEDGMENTS:
        return []
    ours = partner.envelope.version[:6] if partner is not None else books.dictionary.versions()[0]
    version = books.version_of(group.version, partner) or ours
    x12_only = (tuple(one for one in each.findings if one.ack is not None) for each in checked)
    verdicts = [SetVerdict(one, found) for one, found in zip(group.sets, x12_only, strict=True)]
    from edi_engine.flow.documents import body_text

    answer = acknowledge(group, verdicts, version, delimiters=interchange.delimiters)
    return list(body_text(answer.segments, interchange.delimiters))
