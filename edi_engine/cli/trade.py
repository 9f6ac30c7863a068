"""The demo's report: what came, what went out, what the retailers think of it, and what waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edi_engine.cli.plain import counted, money, safe
from edi_engine.cli.table import table

if TYPE_CHECKING:
    from edi_engine.app.demonstration import DemoReport

_KINDS: Final = {
    "997": "997 acknowledgments",
    "999": "999 acknowledgments",
    "855": "855 order answers",
    "856": "856 ship notices",
    "810": "810 invoices",
    "erp-json": "orders for the ERP, as JSON",
    "erp-xml": "orders for the ERP, as XML",
}


def told(report: DemoReport, width: int) -> Iterator[str]:
    """Tell what became of everything: one table, one line for each retailer, and the cases below them."""
    states = ", ".join(f"{count} {state.lower().replace('_', ' ')}" for state, count in report.orders_by_state)
    sent = sum(one.files_sent for one in report.retailers)
    acknowledged = sum(one.acknowledgments_sent for one in report.retailers)
    rows = [
        ("files with orders", f"{report.order_files:,}", "", "", "", f"of {sent:,} that the retailers sent"),
        ("997s of the retailers", f"{report.acknowledgment_files:,}", "", "", "", f"of {acknowledged:,}"),
    ]
    rows.append(("850 orders booked", f"{report.orders:,}", "", "", "", states))
    for one in report.documents:
        told_back = (f"{one.accepted:,}", f"{one.rejected:,}") if one.expects_response else ("", "")
        rows.append((_KINDS.get(one.kind, one.kind), f"{one.written:,}", f"{one.sent:,}", *told_back, ""))
    headings = ("", "count", "delivered", "accepted", "rejected", "")
    yield ""
    if report.again:
        files, orders = counted(report.new_files, "file"), counted(report.new_orders, "order")
        yield f"This run brought {orders} in {files}; the table counts all runs in this folder."
        yield ""
    yield table(headings, rows, right=frozenset({"count", "delivered", "accepted", "rejected"}), width=width)
    yield ""
    yield from _retailers(report, width)
    yield ""
    yield from _cases(report, width)
    yield ""
    yield from _verdicts(report)


def _retailers(report: DemoReport, width: int) -> Iterator[str]:
    headings = ("what each retailer saw", "orders sent", "accepted", "changed", "ship notices", "invoices", "problems")
    rows = [
        (
            one.name,
            f"{one.orders_sent:,}",
            f"{one.answers.get('AD', 0):,}",
            f"{one.answers.get('AC', 0):,}",
            f"{one.ship_notices:,}",
            f"{one.invoices:,}",
            f"{len(one.problems):,}",
        )
        for one in report.retailers
    ]
    yield table(headings, rows, right=frozenset(headings[1:]), width=width)


def _cases(report: DemoReport, width: int) -> Iterator[str]:
    number = sum(one.count for one in report.cases)
    held = sum(one.money_held for one in report.cases)
    if not report.cases:
        yield "Nothing waits for a person."
        return
    yield f"{counted(number, 'case')} {'waits' if number == 1 else 'wait'} for a person" + (
        f", {money(held)} held:" if held else ":"
    )
    rows = [
        (f"{one.count:,}", money(one.money_held) if one.money_held else "", one.kind, one.reason)
        for one in report.cases
    ]
    headings = ("count", "money held", "kind", "why (the first of them)")
    yield table(headings, rows, right=frozenset({"count", "money held"}), width=width)


def _verdicts(report: DemoReport) -> Iterator[str]:
    if report.problems:
        yield f"The retailers found {counted(len(report.problems), 'problem')}:"
        yield from (f"  {safe(problem)}" for problem in report.problems)
    else:
        yield "The retailers checked every document that they received and found nothing wrong."
    if report.audit:
        yield f"The audit of the store found {counted(len(report.audit), 'fault')}:"
        yield from (f"  {safe(fault)}" for fault in report.audit)
    else:
        yield "The audit of the store found every promise kept."
    if not report.finished:
        yield "Time ran out before everything was answered; run it again and it goes on where it stopped."
    yield f"It took {report.seconds:.0f} s; everything is in {report.folder}."
