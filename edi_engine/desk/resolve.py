"""Resolving a case: show what a choice does to the documents, and do it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edi_engine.desk.queue import BY_HAND, DISMISS, choices_for, entry, open_case_of
from edi_engine.errors import Outrun, UsageError
from edi_engine.finding import Finding
from edi_engine.flow.answer import Answered, draft_answer
from edi_engine.flow.cases import by_kind
from edi_engine.flow.decide import Judgement, apply_judgement, judge_order, rulings_of, rulings_to_json
from edi_engine.flow.documents import destination, draft_text
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import CaseRecord, OrderRecord
from edi_engine.orders.decision import REJECT_LINE, AnswerLine, Ruling
from edi_engine.orders.rulings import choices


@dataclass(frozen=True, slots=True)
class Effect:
    """What a choice does. `after` is the 855 that would be sent, one segment a line ("" while anything is still held).

    `lines` are our answers by line, `still` the findings that hold the order even then.
    """

    case: CaseRecord
    choice: str
    sentence: str
    lines: tuple[AnswerLine, ...] = ()
    after: tuple[str, ...] = ()
    erp: bool = False
    still: tuple[Finding, ...] = ()


def preview(office: Office, case_id: int, choice: str, line: int | None = None) -> Effect:
    """Show what a choice would do; nothing is changed. Raises UsageError for a choice that makes no sense."""
    with office.ledger.reading() as unit:
        case = open_case_of(unit, case_id)
        sentence = _sentence(case, choice)
        if not case.subject.startswith("order:"):
            _whole(case, line)
            return Effect(case, choice, sentence)
        record = unit.orders.get(int(case.subject.partition(":")[2]))
        if choice == DISMISS:
            _not_one_line(line)
            return Effect(case, choice, f"{sentence}{_also(unit, case)}")
        to = destination(office, unit, record.set_id)
    judged = judge_order(office, record, (*rulings_of(record), *_rulings(case, choice, line)))
    if judged.decision.held:
        return Effect(case, choice, sentence, still=_stopping(judged))
    drafted = draft_answer(office, judged.order, judged.decision, to, record, judged.facts.items)
    if not isinstance(drafted, Answered):
        return Effect(case, choice, sentence, still=drafted)
    after = draft_text(drafted.draft) if drafted.draft else ()
    return Effect(case, choice, sentence, drafted.answer.lines, after, erp=bool(drafted.erp))


def resolve(office: Office, case_id: int, choice: str, line: int | None = None) -> OrderRecord | None:
    """Act on a choice, in one commit: the ruling, the new decision, its documents, the closed cases.

    Raises UsageError for a choice that makes no sense, Outrun if somebody else decided meanwhile.
    """
    with office.ledger.reading() as unit:
        case = open_case_of(unit, case_id)
        sentence = _sentence(case, choice)
        of_order = case.subject.startswith("order:")
        record = unit.orders.get(int(case.subject.partition(":")[2])) if of_order else None
    if record is None:
        _whole(case, line)
        with office.ledger.unit("desk.resolved") as unit:
            _close_other(office, unit, case, choice)
        return None
    if choice == DISMISS:
        _not_one_line(line)
        with office.ledger.unit("desk.resolved") as unit:
            return _close_order(office, unit, case, record)
    rulings = (*rulings_of(record), *_rulings(case, choice, line))
    judged = judge_order(office, record, rulings)
    with office.ledger.unit("desk.resolved") as unit:
        _must_stand(unit, case)
        ruled = unit.orders.change(record, rulings_json=rulings_to_json(rulings))
        about = f" for line {line}" if line is not None else ""
        office.note(
            unit,
            "case ruled",
            case.subject,
            f"case {case.id} {case.kind}: {choice}{about}. {sentence}",
            order_id=record.id,
            partner=record.partner,
        )
        return apply_judgement(office, unit, ruled, judged, how=choice)


def _must_stand(unit: Unit, case: CaseRecord) -> None:
    """See that the case is still the one that was looked at. Raises Outrun."""
    if unit.cases.get(case.id).epoch != case.epoch:
        message = f"case {case.id} was changed by somebody else meanwhile; look at it again"
        raise Outrun(message)


def _sentence(case: CaseRecord, choice: str) -> str:
    offered = choices_for(case)
    for each in offered:
        if each.name == choice:
            return each.effect
    possible = ", ".join(each.name for each in offered) or "none; repair the cause and `edi exceptions retry` it"
    message = f"{choice} makes no sense for case {case.id} ({case.kind}); possible: {possible}"
    raise UsageError(message)


def _rulings(case: CaseRecord, choice: str, line: int | None) -> Sequence[Ruling]:
    """Give the rulings that a choice makes: by exact code, because within one kind not every choice fits every code."""
    found = entry(case)
    if line is not None and line not in found.lines:
        has = ", ".join(str(each) for each in found.lines) or "no line, it is about the whole order"
        message = f"case {case.id} is not about line {line}; it is about {has}"
        raise UsageError(message)
    about = [one for one in found.findings if line is None or one.where.line == line]
    unfit = sorted({one.code for one in about if choice not in choices(one.code)})
    if unfit:
        message = f"{choice} cannot settle {', '.join(unfit)}; choose for one line with --line, or repair and retry"
        raise UsageError(message)
    if choice == REJECT_LINE and line is None and not found.lines:
        return [Ruling(case.kind, choice, None)]
    return [Ruling(one.code, choice, one.where.line) for one in about]


def _stopping(judged: Judgement) -> tuple[Finding, ...]:
    kinds = by_kind(judged.decision.all_findings())
    return tuple(finding for same in kinds.values() for finding in same)


def _whole(case: CaseRecord, line: int | None) -> None:
    if line is not None:
        message = f"case {case.id} is not about an order line; leave --line out"
        raise UsageError(message)


def _not_one_line(line: int | None) -> None:
    if line is not None:
        message = "an order is closed as a whole; leave --line out"
        raise UsageError(message)


def _also(unit: Unit, case: CaseRecord) -> str:
    """Name the other cases that go with the order."""
    others = [str(one.id) for one in unit.cases.select(subject=case.subject, state="OPEN") if one.id != case.id]
    return f" Closed with it: case {', '.join(others)}." if others else ""


def _close_order(office: Office, unit: Unit, case: CaseRecord, record: OrderRecord) -> OrderRecord:
    """Close an order that a person handles: no answer, no document, none of its cases left."""
    _must_stand(unit, case)
    if record.state not in {"OPEN", "HELD"}:
        message = f"order {record.po_number} is {record.state.lower()}; it is decided already"
        raise UsageError(message)
    for line in unit.lines.select(order_id=record.id, state=("OPEN", "HELD")):
        unit.lines.change(line, state="CANCELLED")
    closed = unit.orders.change(record, state="CANCELLED")
    for one in unit.cases.select(subject=case.subject, state="OPEN"):
        now = office.clock.now()
        unit.cases.change(one, state="DISMISSED", resolution=DISMISS, resolved_by=office.who, resolved_at=now)
    office.note(
        unit,
        "order closed by hand",
        case.subject,
        f"case {case.id} {case.kind}: {DISMISS}. {BY_HAND}",
        order_id=record.id,
        partner=record.partner,
    )
    return closed


def _close_other(office: Office, unit: Unit, case: CaseRecord, choice: str) -> None:
    """Close a case that no document depends on. A held set is put aside; it books nothing any more."""
    state = "DISMISSED" if choice == DISMISS else "RESOLVED"
    unit.cases.change(case, state=state, resolution=choice, resolved_by=office.who, resolved_at=office.clock.now())
    kind, _, number = case.subject.partition(":")
    if kind == "set":
        record = unit.sets.get(int(number))
        others = [one for one in unit.cases.select(subject=case.subject, state="OPEN") if one.id != case.id]
        if record.state == "HELD" and not others:
            accepted = unit.sets.change(record, state="ACCEPTED", order_id=case.order_id)
            unit.sets.change(unit.sets.change(accepted, state="MAPPED"), state="APPLIED")
    office.note(
        unit,
        "case closed",
        case.subject,
        f"case {case.id} {case.kind}: {choice}",
        order_id=case.order_id,
        partner=case.partner,
    )
