"""`edi orders`: what was booked, how far it is, and shipping and billing it by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.diagnostic import remarked
from edi_engine.cli.door import Call, Door, shared
from edi_engine.cli.exits import exit_code
from edi_engine.cli.order_story import STANDINGS, document_rows, order_rows, standing, story
from edi_engine.cli.plain import moment
from edi_engine.cli.table import table

if TYPE_CHECKING:
    from edi_engine.app.acts import Acted

_INSTRUCTION = click.Path(exists=True, dir_okay=False, path_type=Path)


class State(click.Choice[str]):
    """The state of an order as the list writes it; where it has two words, - and _ stand for the blank, too."""

    def __init__(self) -> None:
        """Take what an order may be."""
        super().__init__([one.replace(" ", "-") for one in STANDINGS])

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Give the state as the list writes it."""
        hyphened = value.replace(" ", "-").replace("_", "-")
        return str(super().convert(hyphened, param, ctx)).replace("-", " ")


@click.group(cls=Door)
def orders() -> None:
    """See the booked orders; ship and bill them."""


@orders.command("list")
@click.option("--partner", metavar="NAME", help="Only this partner's.")
@click.option("--state", type=State(), help="Only orders in this state, written as the list writes it.")
@shared
def list_(call: Call, partner: str | None, state: str | None) -> None:
    """List orders with their state and what was sent for them."""
    found = app.list_orders(call.settings(), partner)
    if state is not None:
        found = tuple(one for one in found if standing(one.record) == state)

    def text() -> None:
        if not found:
            terminal.put("No orders." if state is None else f"No order is {state}.")
            return
        terminal.put(order_rows(found))
        terminal.suggest((call.edi("orders", "show", found[0].record.id), "an order, line by line"))

    call.answer("orders-list", {"orders": found}, text)


@orders.command("show", short_help="Show one order, line by line.")
@click.argument("order", metavar="ID|PO")
@shared
def show(call: Call, order: str) -> None:
    """Show one order (our number or theirs) with its lines, documents and cases."""
    view = app.show_order(call.settings(), order)

    def text() -> None:
        terminal.lines(story(view))
        x12 = [one for one in view.documents if not one.kind.startswith("erp-")]
        bytes_of = [(call.edi("show", f"document:{x12[-1].id}"), f"our {x12[-1].kind} as it was sent")] if x12 else []
        terminal.suggest((call.edi("orders", "timeline", view.record.id), "all that happened to it"), *bytes_of)

    call.answer("orders-show", {"order": view}, text)


@orders.command("timeline", short_help="Show all that happened to an order.")
@click.argument("order", metavar="ID|PO")
@shared
def timeline(call: Call, order: str) -> None:
    """Show all that happened to an order, from its file's arrival on."""
    events = app.timeline(call.settings(), order)

    def text() -> None:
        rows = [(moment(one.at), one.who, one.subject.replace(":", " "), one.what, one.detail) for one in events]
        terminal.put(table(("when (UTC)", "who", "about", "what", "detail"), rows, width=terminal.table_width()))

    call.answer("orders-timeline", {"events": events}, text)


@orders.command("ship", short_help="Ship an order and write its 856.")
@click.argument("order", metavar="ID|PO")
@click.argument("instruction", type=_INSTRUCTION, metavar="[FILE]", required=False)
@shared
def ship(call: Call, order: str, instruction: Path | None) -> int:
    """Ship an order and write its 856: as FILE (YAML or JSON) says, else all that was accepted and has not left yet.

    \b
    number: S-1001                      # our number of the shipment, used once
    shipped_on: 2026-11-24              # deliver_on, mode, tracking, weight go beside it
    carrier: UPSN
    bill_of_lading: "0614141000000017"
    lines:                              # without lines: all that was accepted and has not left
      - {line: 1, quantity: 3, unit: CA}

    A line may name its sscc, lot and store. What is backordered leaves only where its line is named.
    """  # noqa: D301 (click wants the backspace itself: it keeps the lines below it as they are)
    return _acted(call, "orders-ship", app.ship(call.settings(), order, instruction))


@orders.command("invoice", short_help="Bill an order and write its 810.")
@click.argument("order", metavar="ID|PO")
@click.argument("instruction", type=_INSTRUCTION, metavar="[FILE]", required=False)
@shared
def invoice(call: Call, order: str, instruction: Path | None) -> int:
    """Bill an order and write its 810: as FILE (YAML or JSON) says, else all that was shipped and not billed.

    \b
    number: INV-2001                    # our number of the invoice, used once
    date: 2026-11-24
    shipment: S-1001                    # which shipment, where there are several
    note: as agreed by telephone
    """  # noqa: D301
    return _acted(call, "orders-invoice", app.invoice(call.settings(), order, instruction))


def _acted(call: Call, command: str, done: Acted) -> int:
    code = exit_code(done.findings)

    def text() -> None:
        color, width = terminal.color(), terminal.width()
        terminal.lines(remarked(finding, color=color, width=width) for finding in done.findings)
        if done.documents:
            terminal.put(document_rows(done.documents))
            terminal.suggest((call.edi("run", "--once"), "send what is ready"))
        elif done.shipments:
            numbers = ", ".join(one.number for one in done.shipments)
            terminal.put(f"Shipment {numbers} is recorded; the partner has no map for an 856, so nothing was written.")
        else:
            terminal.put("Nothing was written or recorded.")

    content = {"exit": code, "documents": done.documents, "findings": done.findings, "shipments": done.shipments}
    call.answer(command, content, text)
    return code
