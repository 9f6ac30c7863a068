"""An order waits while a cancel or a replacement of it does: it is not answered or shipped by itself meanwhile.

Such a set waits where the partner's guide, map or letters hold it, where its order has not come yet, or where it came
too late. What it asks for is read from its bytes each time, so that nothing has to be kept in step.
"""

from __future__ import annotations

from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.flow.book import received_again
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.reading import read_order
from edi_engine.flow.records import CaseRecord, OrderRecord
from edi_engine.orders.places import on_order
from edi_engine.orders.purpose import recall
from edi_engine.partners.partner import Partner

KIND: Final = "order.recall"
"""The kind of the cases that hold an order, or its shipping, for this."""


def recalled(office: Office, unit: Unit, record: OrderRecord) -> tuple[Finding, ...]:
    """Give the finding that a cancel or replacement of a booked order waits for a person; none where none waits."""
    partner = office.edition.partners.get(record.partner)
    if partner is None:
        return ()
    for case in unit.cases.select(po_number=record.po_number, partner=record.partner, state="OPEN"):
        asked = _asked(office, unit, case, record, partner)
        if asked is not None:
            return (_waits(case, record, partner, asked),)
    return ()


def _asked(office: Office, unit: Unit, case: CaseRecord, record: OrderRecord, partner: Partner) -> str | None:
    """Give what the set of a case asks to be done with an order: cancel, replace, or None."""
    kind, _, number = case.subject.partition(":")
    if kind != "set":
        return None
    held = unit.sets.get(int(number))
    live = unit.interchanges.get(held.interchange_id).usage == "P"
    if held.state != "HELD" or live is not record.live:
        return None
    received = received_again(unit, held)
    reading, _ = (None, None) if received is None else read_order(office, received, partner)
    order = None if reading is None else reading.order
    if order is None or (order.po_number, order.release or "") != (record.po_number, record.release):
        return None
    return recall(order, partner.policy)


def _waits(case: CaseRecord, record: OrderRecord, partner: Partner, asked: str) -> Finding:
    what = {"cancel": "cancel", "replace": "replacement"}[asked]
    came = partner.local(case.received_at).date()
    return Finding(
        f"{KIND}.waits",
        Severity.HOLD,
        f"A {what} of order {record.po_number} came on {came} and waits (case {case.id}); until that is settled, the "
        "order waits too.",
        on_order("po_number"),
        seen=f"a {what} in case {case.id}",
        wanted=f"the {what} done, or put aside",
        fix=f"Retry case {case.id} to have it done where it can be; or dismiss case {case.id}, and the order goes on.",
    )
