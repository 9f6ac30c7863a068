"""What an order comes to as we have answered it: what our answer promises, at the prices that it stands for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from edi_engine.erp.json import from_json
from edi_engine.flow.book import worth
from edi_engine.flow.books import Books
from edi_engine.flow.records import OrderRecord
from edi_engine.orders.decision import Answer
from edi_engine.orders.order import OrderLine
from edi_engine.partners.facts import gather


def decided_total(books: Books, record: OrderRecord) -> Decimal | None:
    """Give what the answer to an order promises to ship and bill; None before it is answered, or where nobody can say.

    Charges are left out, as they are of what was ordered (`record.total`), and so is what is backordered.
    """
    if record.answer_json is None:
        return None
    said = json.loads(record.answer_json)["answer"]
    if record.state == "CANCELLED" or said == "rejected":
        return Decimal("0.00")
    if said == "accepted" and record.total is not None:
        return record.total
    partner = books.edition.partners.get(record.partner)
    if partner is None:
        return None
    answer = from_json(Answer, record.answer_json)
    promised = replace(answer.order, lines=tuple(_promised(answer)))
    return worth(promised, gather(promised, partner, books.today(partner)))[0]


def _promised(answer: Answer) -> Iterator[OrderLine]:
    for one in answer.lines:
        if one.quantity_accepted:
            yield replace(one.line, quantity=one.quantity_accepted, unit_price=one.unit_price)
