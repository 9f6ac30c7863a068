"""Resolving a case: show what a choice does to the documents and the money, and do it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from edi_engine.desk.choosing import Chosen, chosen_of, closes_order, in_short, must_be_whole, named, rulings, sentence
from edi_engine.desk.forecast import Forecast, as_ordered, forecast
from edi_engine.desk.letting_go import let_go
from edi_engine.desk.queue import BY_HAND, DISMISS, choices_for, open_case_of
from edi_engine.desk.sayable import hindrance
from edi_engine.errors import UNKNOWN, Outrun, UsageError
from edi_engine.finding import Finding
from edi_engine.flow.answer import Answered, draft_answer
from edi_engine.flow.cases import by_kind
from edi_engine.flow.decide import apply_judgement, judge_order, rulings_of, rulings_to_json
from edi_engine.flow.documents import Destination, destination, draft_text
from edi_engine.flow.handover import confirm
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import CaseRecord, OrderRecord
from edi_engine.flow.ruling import Judgement
from edi_engine.orders.decision import Answer, AnswerLine, Ruling

_THEY_HAVE_IT: Final = "the partner has it, as a person says"


@dataclass(frozen=True, slots=True)
class Left:
    """What still holds an order after a choice. `case` is the open case of it, None where a new one would be opened."""

    case: int | None
    kind: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Instead:
    """What another choice for the same case would come to. `total` is None where no invoice can be foretold."""

    choice: str
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a choice does. `after` is the 855 that would be sent, one segment a line (none while anything is held).

    `lines` are our answers by line; `left` is what holds the order even then; `settled` are other cases of the order
    that are closed along with this one. `later` is what would be shipped and billed, `ordered` what the order comes to
    as the partner wrote it, `instead` what the other choices would come to.
    """

    case: CaseRecord
    choice: str
    sentence: str
    answer: str | None = None
    lines: tuple[AnswerLine, ...] = ()
    after: tuple[str, ...] = ()
    erp: bool = False
    left: tuple[Left, ...] = ()
    settled: tuple[int, ...] = ()
    later: Forecast | None = None
    ordered: Decimal | None = None
    instead: tuple[Instead, ...] = ()


def preview(
    office: Office,
    case_id: int,
    choice: str | Chosen,
    line: int | None = None,
    *,
    assumed: Sequence[Ruling] = (),
) -> Effect:
    """Show what a choice would do; nothing is changed. Raises UsageError for a choice that makes no sense.

    `assumed` are rulings that other cases of the same order will have made by then.
    """
    chosen = chosen_of(choice, line)
    with office.ledger.reading() as unit:
        case = open_case_of(unit, case_id)
        shown = Effect(case, named(chosen), sentence(case, chosen))
        if not case.subject.startswith("order:"):
            must_be_whole(case, chosen)
            return shown
        record = unit.orders.get(int(case.subject.partition(":")[2]))
        others = tuple(one for one in unit.cases.select(subject=case.subject, state="OPEN") if one.id != case.id)
        if closes_order(chosen):
            return replace(shown, settled=tuple(one.id for one in others))
        to = destination(office, unit, record.set_id)
    _must_be_sayable(office, case, record, chosen, to, assumed)
    made = (*rulings_of(record), *assumed)
    judged = judge_order(office, record, (*made, *rulings(case, chosen)))
    drafted = _drafted(office, judged, record, to)
    if not isinstance(drafted, Answered):
        kinds = by_kind(drafted)
        return replace(
            shown,
            left=tuple(_left((case, *others), kind, same) for kind, same in kinds.items()),
            settled=tuple(one.id for one in others if one.cause not in kinds),
        )
    return replace(
        shown,
        answer=drafted.answer.answer,
        lines=drafted.answer.lines,
        after=draft_text(drafted.draft) if drafted.draft else (),
        erp=bool(drafted.erp),
        settled=tuple(one.id for one in others),
        later=_forecast(office, record, drafted.answer, judged),
        ordered=_forecast(office, record, as_ordered(drafted.answer.order), judged).total,
        instead=tuple(_alternatives(office, case, record, made, chosen, to)),
    )


def _must_be_sayable(
    office: Office,
    case: CaseRecord,
    record: OrderRecord,
    chosen: Chosen,
    to: Destination,
    assumed: Sequence[Ruling] = (),
) -> None:
    """See that the partner's documents can say what is chosen for an order. Raises UsageError."""
    reason = hindrance(office, case, record, to, chosen, assumed)
    if reason is not None:
        message = f"{named(chosen)} cannot be carried out for case {case.id} ({case.kind}): {reason}"
        raise UsageError(message)


def _drafted(office: Office, judged: Judgement, record: OrderRecord, to: Destination) -> Answered | tuple[Finding, ...]:
    if judged.decision.held:
        return judged.decision.all_findings()
    return draft_answer(office, judged.order, judged.decision, to, record, judged.facts.items)


def _left(cases: Sequence[CaseRecord], kind: str, findings: Sequence[Finding]) -> Left:
    standing = next((one.id for one in cases if one.cause == kind), None)
    return Left(standing, kind, tuple(findings))


def _alternatives(
    office: Office, case: CaseRecord, record: OrderRecord, made: Sequence[Ruling], chosen: Chosen, to: Destination
) -> Iterator[Instead]:
    """Give what each other choice would come to, were it made for all of the case."""
    for one in choices_for(case):
        other: Chosen = {None: one.name}
        if one.name == DISMISS or other == chosen or one.lines is not None:
            continue
        judged = judge_order(office, record, (*made, *rulings(case, other)))
        if judged.decision.answer is not None and isinstance(_drafted(office, judged, record, to), Answered):
            yield Instead(one.name, _forecast(office, record, judged.decision.answer, judged).total)


def _forecast(office: Office, record: OrderRecord, answer: Answer, judged: Judgement) -> Forecast:
    return forecast(office, judged.partner, answer, judged.facts, live=record.live)


def resolve(
    office: Office,
    case_id: int,
    choice: str | Chosen,
    line: int | None = None,
    *,
    why: str = "",
    epoch: int | None = None,
) -> OrderRecord | None:
    """Act on a choice, in one commit: the ruling, the new decision, its documents, the closed cases.

    Raises UsageError for a choice that makes no sense, Outrun if somebody else decided meanwhile, or has changed the
    case since it had this `epoch`. `why` is kept with it.
    """
    chosen = chosen_of(choice, line)
    with office.ledger.reading() as unit:
        case = open_case_of(unit, case_id)
        said = sentence(case, chosen)
        of_order = case.subject.startswith("order:")
        record = unit.orders.get(int(case.subject.partition(":")[2])) if of_order else None
    if epoch is not None and case.epoch != epoch:
        raise Outrun(changed_by_others(office, case))
    if record is None:
        must_be_whole(case, chosen)
        with _commit(office, case) as unit:
            _close_other(office, unit, case, in_short(chosen), why)
        let_go(office, case)
        return None
    if closes_order(chosen):
        with _commit(office, case) as unit:
            return _close_order(office, unit, case, record, why)
    with office.ledger.reading() as unit:
        to = destination(office, unit, record.set_id)
    _must_be_sayable(office, case, record, chosen, to)
    made = (*rulings_of(record), *rulings(case, chosen))
    judged = judge_order(office, record, made)
    with _commit(office, case) as unit:
        ruled = unit.orders.change(record, rulings_json=rulings_to_json(made))
        note(office, unit, case, "case ruled", f"{named(chosen)}. {said}", why)
        return apply_judgement(office, unit, ruled, judged, how=in_short(chosen))


@contextmanager
def _commit(office: Office, case: CaseRecord) -> Iterator[Unit]:
    """Open the commit of a choice, if the case is still the one that was looked at. Raises Outrun in plain words."""
    try:
        with office.ledger.unit("desk.resolved") as unit:
            must_stand(unit, case)
            yield unit
    except Outrun as error:
        raise Outrun(changed_by_others(office, case)) from error


def must_stand(unit: Unit, case: CaseRecord) -> None:
    """See that a case is still the one that was looked at. Raises Outrun."""
    if unit.cases.get(case.id).epoch != case.epoch:
        message = f"case {case.id} was changed meanwhile"
        raise Outrun(message)


def changed_by_others(office: Office, case: CaseRecord) -> str:
    """Say that a case is not what it was, and who has done what to it last."""
    with office.ledger.reading() as unit:
        last = unit.events.select(subject=case.subject, limit=1, descending=True)
    who = "".join(f" ({one.what} by {one.who} at {one.at:%Y-%m-%d %H:%M} UTC)" for one in last)
    return f"case {case.id} was changed meanwhile{who}; nothing was done. See `edi exceptions show {case.id}`"


def note(office: Office, unit: Unit, case: CaseRecord, what: str, detail: str, why: str = "") -> None:
    """Write down what a person did with a case, and why."""
    reason = f" Why: {why}" if why else ""
    office.note(
        unit,
        what,
        case.subject,
        f"case {case.id} {case.kind}: {detail}{reason}",
        order_id=case.order_id,
        partner=case.partner,
    )


def _close_order(office: Office, unit: Unit, case: CaseRecord, record: OrderRecord, why: str) -> OrderRecord:
    """Close an order that a person handles: no answer, no document, none of its cases left."""
    if record.state not in {"OPEN", "HELD"}:
        message = f"order {record.po_number} is {record.state.lower()}; it is decided already"
        raise UsageError(message)
    for line in unit.lines.select(order_id=record.id, state=("OPEN", "HELD")):
        unit.lines.change(line, state="CANCELLED")
    closed = unit.orders.change(record, state="CANCELLED")
    for one in unit.cases.select(subject=case.subject, state="OPEN"):
        _close(office, unit, one, "DISMISSED", DISMISS)
    note(office, unit, case, "order closed by hand", f"{DISMISS}. {BY_HAND}", why)
    return closed


def _close_other(office: Office, unit: Unit, case: CaseRecord, choice: str, why: str) -> None:
    """Close a case that no order depends on. A held set is put aside; it books nothing any more.

    A document of which nobody knew whether the partner has it was handed over; their acknowledgment is waited for.
    """
    _close(office, unit, case, "DISMISSED" if choice == DISMISS else "RESOLVED", choice)
    kind, _, number = case.subject.partition(":")
    if kind == "set":
        record = unit.sets.get(int(number))
        others = [one for one in unit.cases.select(subject=case.subject, state="OPEN") if one.id != case.id]
        if record.state == "HELD" and not others:
            accepted = unit.sets.change(record, state="ACCEPTED", order_id=case.order_id)
            unit.sets.change(unit.sets.change(accepted, state="MAPPED"), state="APPLIED")
    if case.kind == UNKNOWN and kind == "document":
        document = unit.documents.get(int(number))
        if document.state == "PARKED":
            sent = unit.documents.change(document, state="SENT", sent_at=document.sent_at or office.clock.now())
            confirm(office, unit, sent, f"{document.name}: {_THEY_HAVE_IT}", settled=_THEY_HAVE_IT)
    note(office, unit, case, "case closed", choice, why)


def _close(office: Office, unit: Unit, case: CaseRecord, state: str, how: str) -> None:
    unit.cases.change(case, state=state, resolution=how, resolved_by=office.who, resolved_at=office.clock.now())
