"""The order rules, one file each.

A rule's `check(order, facts, policy)` gives findings; one about a line carries the line's position in `where.line`.
`OFFERS` names, for a finding's code or its kind (the code's first two words), the choices that make sense and what each
one does, as a sentence. `REASON` is what we answer for a line that a person rejects on this ground. A rule that offers
keep-ours says in `keep_ours(promise, line, facts, policy)` what that does to our promise on a line.
"""

from __future__ import annotations

from typing import Final

from edi_engine.orders.rules import (
    charges,
    components,
    currency,
    dates,
    destinations,
    item,
    pack,
    price,
    purpose,
    quantity,
    route,
    schedules,
    ship_to,
    stock,
    terms,
    totals,
    unit,
)

IN_TURN: Final = (
    ship_to, route, currency, item, components, pack, unit, quantity, destinations, schedules, price, dates, totals,
    charges, terms,
)  # fmt: skip
"""Rules that judge each order that is served, in the order in which people read what they find."""
RULES: Final = (purpose, *IN_TURN, stock)
"""All of them: first whether it is an order to serve, last what is there to promise."""
