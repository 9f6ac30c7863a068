"""Routes: by which carrier of ours an order is to go."""

from __future__ import annotations

from edi_engine.finding import Finding
from edi_engine.mapping.language import OMIT, PASS
from edi_engine.orders.order import PurchaseOrder, Route
from edi_engine.orders.rules.route import unknown
from edi_engine.partners.partner import Partner


def carrier_for(order: PurchaseOrder, partner: Partner) -> str | Finding | None:
    """Give the carrier (SCAC) by which an order is to go, by the partner's table of routes.

    None where it says nothing: no table, no route in the order, or a table that omits what it lacks. A Finding
    (order.route.unknown, HOLD) where a person must say what the route means.
    """
    routes = partner.routes
    stated = [route for route in order.routes if route.carrier or route.text or route.service]
    if routes is None or not stated:
        return None
    found = next((carrier for route in stated if (carrier := routes.carrier(route)) is not None), None)
    if found is not None or routes.on_missing == OMIT:
        return found
    if routes.on_missing == PASS:
        return next((route.carrier for route in stated if route.carrier), None)
    said = "; ".join(_said(route) for route in stated)
    return unknown(said, routes.source)


def _said(route: Route) -> str:
    named = (("TD503", route.carrier), ("TD505", route.text), ("TD512", route.service))
    return ", ".join(f"{place} {value}" for place, value in named if value)
