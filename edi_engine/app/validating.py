"""Validating a file: everything that the walk would find in it, without a store and without changing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING

from edi_engine.app.answering import asker, silence, ta1, words
from edi_engine.app.numbering import number_in
from edi_engine.app.settings import Settings
from edi_engine.app.surveying import Survey, Surveyed, survey, unsaid
from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.flow.books import Books
from edi_engine.flow.checking import ACKNOWLEDGMENTS, check_set
from edi_engine.flow.reading import in_the_file, no_map, read_order
from edi_engine.flow.received import Received, take
from edi_engine.flow.together import Fate, by_group, stands_alone
from edi_engine.x12.acknowledge import SetVerdict, acknowledge
from edi_engine.x12.follow_ups import FollowUps
from edi_engine.x12.reader import split
from edi_engine.x12.response import read_response
from edi_engine.x12.sets import Sets, Slice
from edi_engine.x12.values import GroupOutline, Outline, SetOutline

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner


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
    """What is in a file. `acknowledgments` are the TA1s and 997s of its interchanges, one line a segment.

    `silence` says why some of them would not be sent, or why there are none.
    """

    name: str
    data: bytes
    outline: Outline
    findings: tuple[Finding, ...]
    sets: tuple[CheckedSet, ...]
    acknowledgments: tuple[str, ...]
    silence: tuple[str, ...]
    partner: str | None
    survey: Survey = field(compare=False, repr=False)


def validate(settings: Settings, data: bytes, name: str, partner: str | None = None, *, jobs: int = 1) -> Validation:
    """Check every set of a file against X12, and against its partner's guide, map and rules where one is known.

    Everything that is found is kept. Raises UsageError for a partner that no file describes, ConfigurationError for
    wrong partner files.
    """
    found = survey(settings, data, name, partner, keep=jobs == 1)
    checked = _alone(found, jobs)
    sets: list[CheckedSet] = []
    answers: list[str] = []
    known = [one.partner is not None or asker(found, one) is not None for one in found.envelopes]
    for envelope, is_known in zip(found.envelopes, known, strict=True):
        shown = is_known or not any(known)  # a file of strangers alone is shown what one of ours would get
        answers.extend(ta1(found, envelope))
        for group, some in _together(name, envelope, checked):
            own = list(some)
            sets.extend(own)
            answers.extend(_answer(found, envelope, group, own) if shown else ())
    everything = (*found.findings, *(one for each in sets for one in each.findings))
    return Validation(
        name, data, found.outline, everything, tuple(sets), tuple(answers), tuple(silence(found)), found.partner, found
    )


def checked_sets(found: Survey, jobs: int = 1) -> Iterator[CheckedSet]:
    """Check all sets of a file in their order, one after the other, or many at a time in `jobs` processes.

    Each set is given when it is checked; where a partner wants some taken together, when all of these are.
    """
    checked = _alone(found, jobs)
    for envelope in found.envelopes:
        for _, some in _together(found.name, envelope, checked):
            yield from some


def _alone(found: Survey, jobs: int) -> Iterator[CheckedSet]:
    """Check all sets, each as if it had come alone."""
    pieces = [
        (outer, inner, part)
        for outer, envelope in enumerate(found.envelopes)
        for inner, group in enumerate(envelope.groups)
        if isinstance(group.sets, Sets)
        for part in group.sets.slices
    ]
    if jobs > 1 and len(pieces) > 1:
        from edi_engine.runtime.processes import can_share, in_order

        if can_share():
            for checked in in_order(jobs, _check_slice, found, pieces):
                yield from checked
            return
    for envelope in found.envelopes:
        for group in envelope.groups:
            yield from _check_some(found, envelope, group, group.sets)


def _check_slice(found: Survey, piece: tuple[int, int, Slice]) -> list[CheckedSet]:
    outer, inner, part = piece
    envelope = found.envelopes[outer]
    group = envelope.groups[inner]
    return list(_check_some(found, envelope, group, group.sets.of(part) if isinstance(group.sets, Sets) else ()))


def _check_some(
    found: Survey, envelope: Surveyed, group: GroupOutline, sets: Iterable[SetOutline]
) -> Iterator[CheckedSet]:
    for one in sets:
        checked = _check(found, envelope, group, one)
        yield _put_aside(checked, envelope.follow) if envelope.aside else checked


def _put_aside(checked: CheckedSet, follow: FollowUps) -> CheckedSet:
    """Say of a set that its whole interchange is put aside."""
    own = (one for one in checked.findings if not follow.hold(one))
    return replace(checked, verdict=None, held=False, findings=tuple(unsaid(one, aside=True) for one in own))


def _check(survey: Survey, envelope: Surveyed, group: GroupOutline, found: SetOutline) -> CheckedSet:
    books, interchange, partner = survey.books, envelope.interchange, envelope.partner
    received = take(survey.data, survey.name, interchange, group, found)
    refused = any(one.severity is Severity.REFUSE for one in group.findings)
    findings = list(check_set(books, group, received, partner))
    verdict = "R" if refused else SetVerdict(found, tuple(findings)).code
    po_number = None
    if group.kind == ACKNOWLEDGMENTS:
        findings.extend(_unreadable(received) if verdict != "R" else ())
    elif verdict == "R":
        po_number = number_in(books, received, partner)
    else:
        po_number, rules = _read(books, received, partner, findings)
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


def _unreadable(received: Received) -> Iterator[Finding]:
    """Say what cannot be read of an acknowledgment, or contradicts itself."""
    found = received.outline
    said = read_response(split(received.text, received.delimiters))
    for one in (*said.findings, *said.doubts):
        there, in_set = one.where, one.where.in_set or 1
        where = replace(
            received.where,
            segment=found.number + in_set - 1,
            in_set=in_set,
            segment_id=there.segment_id,
            element=there.element,
            path=there.path,
        )
        yield replace(one, where=where)


def _read(
    books: Books, received: Received, partner: Partner | None, findings: Sequence[Finding]
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

    judged = judge_value(books, reading.order, partner, (), number="0")
    rules = in_the_file(books, judged.decision.all_findings(), received, partner)
    return reading.order.po_number, (*reading.findings, *rules)


def _together(
    name: str, envelope: Surveyed, checked: Iterator[CheckedSet]
) -> Iterator[tuple[GroupOutline, Iterable[CheckedSet]]]:
    """Take the sets of an interchange from all that are checked, group by group; each group before the next is given.

    Where the partner wants them taken together, it is done to the sound ones what becomes of them because of others.
    """
    groups = ((group, islice(checked, len(group.sets))) for group in envelope.groups)
    partner = envelope.partner
    if envelope.aside or partner is None or stands_alone(partner.reception):
        yield from groups
    elif by_group(partner.reception):
        for group, some in groups:
            own = list(some)
            yield _fated(name, envelope, group, own, _refused_in(group, own))
    else:
        all_of_it = [(group, list(some)) for group, some in groups]
        because = next(filter(None, (_refused_in(*one) for one in all_of_it)), "")
        for group, own in all_of_it:
            yield _fated(name, envelope, group, own, because)


def _fated(
    name: str, envelope: Surveyed, group: GroupOutline, checked: Sequence[CheckedSet], because: str
) -> tuple[GroupOutline, Sequence[CheckedSet]]:
    """Do to the sets of a group what becomes of them because something that came with them was refused."""
    if envelope.partner is None or not because or group.kind == ACKNOWLEDGMENTS:
        return group, checked
    fate = Fate(envelope.partner, because)
    where = Position(file=name, interchange=envelope.interchange.control, group=group.control)
    touched = [
        _touched(one, fate, fate.of_set(one.outline, replace(where, set_control=one.control, set_id=one.set_id)))
        for one in checked
    ]
    return replace(group, findings=(*group.findings, *fate.of_group(group.control))), touched


def _refused_in(group: GroupOutline, checked: Sequence[CheckedSet]) -> str:
    """Name what is refused in a group first, "" for nothing."""
    if group.kind == ACKNOWLEDGMENTS:
        return ""
    if any(one.severity is Severity.REFUSE for one in group.findings):
        return f"group {group.control}"
    return next((f"{one.set_id} {one.control}" for one in checked if one.verdict == "R"), "")


def _touched(checked: CheckedSet, fate: Fate, why: Finding) -> CheckedSet:
    if checked.verdict == "R":
        return checked
    return replace(
        checked,
        verdict="R" if fate.refuses else checked.verdict,
        held=not fate.refuses,
        findings=(*checked.findings, why),
    )


def _answer(survey: Survey, envelope: Surveyed, group: GroupOutline, checked: Sequence[CheckedSet]) -> list[str]:
    """Write the 997 or 999 that the group would get, one segment a line; none for acknowledgments."""
    from edi_engine.flow.acknowledging import surrounded
    from edi_engine.flow.layout import body_text

    books, interchange = survey.books, envelope.interchange
    if envelope.aside or group.kind == ACKNOWLEDGMENTS:
        return []
    set_id, version = words(survey, envelope, group)
    verdicts = [
        surrounded(
            books,
            SetVerdict(each.outline, tuple(one for one in each.findings if one.ack is not None)),
            take(survey.data, survey.name, interchange, group, each.outline),
            version,
        )
        for each in checked
    ]
    answer = acknowledge(group, verdicts, version, set_id=set_id, delimiters=interchange.delimiters)
    return list(body_text(answer.segments, interchange.delimiters))
