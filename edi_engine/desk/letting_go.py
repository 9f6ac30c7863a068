"""Orders that waited for the cancel or replacement of a case: when that is settled, they go on."""

from __future__ import annotations

from edi_engine.flow.cases import GONE, settle_cases
from edi_engine.flow.decide import decide_order
from edi_engine.flow.office import Office
from edi_engine.flow.recall import KIND
from edi_engine.flow.records import CaseRecord


def let_go(office: Office, settled: CaseRecord) -> None:
    """Decide the orders again that waited for a case of a set, and let them ship; where another one waits, they stay.

    Each in a commit of its own: what is left out by a crash stays held, and its case can be retried.
    """
    if not settled.subject.startswith("set:") or settled.po_number is None:
        return
    with office.ledger.reading() as unit:
        waiting = unit.cases.select(po_number=settled.po_number, partner=settled.partner, cause=KIND, state="OPEN")
        subjects = [one.subject.partition(":") for one in waiting]
        held = [unit.orders.get(int(number)) for kind, _, number in subjects if kind == "order"]
    for record in held:
        decide_order(office, record)
    with office.ledger.unit("desk.reopened") as unit:
        for kind, _, number in subjects:
            if kind == "ship":
                settle_cases(office, unit, f"ship:{number}", causes=(KIND,), how=GONE)
