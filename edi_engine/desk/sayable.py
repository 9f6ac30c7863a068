"""Whether the partner's own documents can say what a choice comes to: asked before it is offered or made.

A map that has no code for "we changed the price", or a guide that forbids the one it writes, leaves a choice that
nobody could carry out: the 855 would never be written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edi_engine.desk.choosing import Chosen, rulings
from edi_engine.desk.queue import DISMISS, Choice, choices_for
from edi_engine.finding import Finding, Severity
from edi_engine.flow.answer import Answered, draft, draft_answer
from edi_engine.flow.decide import judge_order, rulings_of
from edi_engine.flow.documents import Destination, destination
from edi_engine.flow.office import Office
from edi_engine.flow.records import CaseRecord, OrderRecord
from edi_engine.flow.ruling import Judgement
from edi_engine.flow.wording import findings_from_json
from edi_engine.orders.decide import answer_in_part
from edi_engine.orders.decision import ACCEPT_THEIRS, KEEP_OURS, REJECT_LINE, Ruling
from edi_engine.orders.rulings import choices

_LIKINGS = ((ACCEPT_THEIRS, KEEP_OURS, REJECT_LINE), (KEEP_OURS, ACCEPT_THEIRS, REJECT_LINE), (REJECT_LINE,))
"""How the other cases of an order might be decided: what they leave of a line must be sayable in one of these ways."""


@dataclass(frozen=True, slots=True)
class Barred:
    """A choice that cannot be carried out as things stand: why, and what to do about it."""

    name: str
    reason: str


def offered(office: Office, case: CaseRecord) -> tuple[tuple[Choice, ...], tuple[Barred, ...]]:
    """Give the choices for a case that can be carried out, and those that cannot."""
    possible = choices_for(case)
    if not case.subject.startswith("order:") or all(one.name == DISMISS for one in possible):
        return possible, ()
    with office.ledger.reading() as unit:
        record = unit.orders.get(int(case.subject.partition(":")[2]))
        if record.partner not in office.edition.partners:
            return possible, ()
        to = destination(office, unit, record.set_id)
    doable: list[Choice] = []
    barred: list[Barred] = []
    for one in possible:
        chosen: Chosen = dict.fromkeys(one.lines or (None,), one.name)
        reason = None if one.name == DISMISS else hindrance(office, case, record, to, chosen)
        if reason is None:
            doable.append(one)
        else:
            barred.append(Barred(one.name, reason))
    return tuple(doable), tuple(barred)


def hindrance(
    office: Office,
    case: CaseRecord,
    record: OrderRecord,
    to: Destination,
    chosen: Chosen,
    assumed: Sequence[Ruling] = (),
) -> str | None:
    """Say why the documents to the partner cannot say what is chosen, and what to do; None where they can.

    Where other cases hold the same lines, it need only be possible. `assumed` are rulings that others will have made.
    """
    faults = _faults(office, case, record, to, (*rulings_of(record), *assumed, *rulings(case, chosen)))
    if not faults:
        return None
    first = faults[0]
    more = f" (and {len(faults) - 1:,} more of the kind)" if len(faults) > 1 else ""
    fix = first.fix or "repair the map or the guide of the partner, then choose it"
    return f"{first.message}{more} What to do: {fix}."


def _faults(
    office: Office, case: CaseRecord, record: OrderRecord, to: Destination, made: tuple[Ruling, ...]
) -> tuple[Finding, ...]:
    judged = judge_order(office, record, made)
    if not judged.decision.held:
        drafted = draft_answer(office, judged.order, judged.decision, to, record, judged.facts.items)
        return () if isinstance(drafted, Answered) else drafted
    lines = _lines(judged, case)
    faults: tuple[Finding, ...] = ()
    for liking in _LIKINGS:
        rest = tuple(_liked(judged, lines, liking))
        again = judge_order(office, record, (*made, *rest)) if rest else judged
        part = answer_in_part(again.order, again.facts, again.partner.policy, again.decision, lines)
        if part is None:
            return ()  # what holds its lines has no choice: that must be repaired, and what comes then is not known yet
        said = draft(office, "855", part, again.order, to)
        if not isinstance(said, tuple):
            return ()
        faults = faults or said
        if not rest:
            break
    return faults


def _lines(judged: Judgement, case: CaseRecord) -> set[int]:
    """Give the lines that a case is about: all of the order where it is about the heading."""
    lines = {finding.where.line for finding in findings_from_json(case.findings_json)}
    return {line.position for line in judged.order.lines if None in lines or line.position in lines}


def _liked(judged: Judgement, lines: set[int], liking: Sequence[str]) -> Iterator[Ruling]:
    """Decide what else holds the lines, by the first of the likings that fits each finding."""
    for verdict in judged.decision.lines:
        for finding in verdict.findings:
            if verdict.position in lines and finding.severity >= Severity.HOLD:
                choice = next((one for one in liking if one in choices(finding.code)), None)
                if choice is not None:
                    yield Ruling(finding.code, choice, verdict.position)
