"""JSON: our values as the ledger keeps them, and an answered order as the ERP gets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeVar, cast

from edi_engine.erp.codec import ID, Json, from_plain, to_plain
from edi_engine.orders.decision import Answer, AnswerLine
from edi_engine.orders.facts import ItemFact
from edi_engine.orders.order import PurchaseOrder

SCHEMA: Final = "edi-engine.order/1"
"""Name and version of what the ERP gets. Fields may be added under this name; none changes its meaning or goes."""
_OURS: Final = frozenset({"kept", "span", "in_set", "stated_lines", "stated_total"})
"""Fields that speak of the file an order came in, not of the order."""

_LONG: Final = 32_000
"""Characters beyond which what was read is not kept: about an order of 60 lines."""
_quoted: Final[Callable[[str], str]] = json.encoder.encode_basestring

Value = TypeVar("Value")


def to_json(value: object) -> str:
    """Write one of our frozen dataclasses as JSON text, exactly: `from_json` gives an equal value back."""
    return json.dumps(to_plain(value), separators=(",", ":"))


def from_json(kind: type[Value], text: str) -> Value:
    """Read what `to_json` wrote of a value of `kind`. Raises ValueError if it is not that: a fault of the store.

    The steps of an order read the same text again and again, so what was read last is kept; none of our values changes.
    """
    if len(text) > _LONG:
        return from_plain(kind, json.loads(text), any_shared=f'"{ID}"' in text)
    return cast("Value", _known(cast("Any", kind), text))


@lru_cache(maxsize=128)
def _known(kind: Any, text: str) -> Any:  # noqa: ANN401 - one of our types, and a value of it
    return from_plain(kind, json.loads(text), any_shared=f'"{ID}"' in text)


def indented(plain: Json, margin: str = "\n") -> str:
    """Write a plain value as `json.dumps` does with an indent of 2 and letters as they are, but several times faster.

    `margin` is the line end and the blanks before what stands on the same level.
    """
    if isinstance(plain, dict) and plain:
        inner = margin + "  "
        pairs = [f"{_quoted(name)}: {indented(item, inner)}" for name, item in plain.items()]
        return f"{{{inner}{f',{inner}'.join(pairs)}{margin}}}"
    if isinstance(plain, list) and plain:
        inner = margin + "  "
        return f"[{inner}{f',{inner}'.join([indented(item, inner) for item in plain])}{margin}]"
    return _quoted(plain) if isinstance(plain, str) else json.dumps(plain)


def erp_order(
    order: PurchaseOrder,
    answer: Answer,
    *,
    partner: str,
    live: bool,
    reference: str | None = None,
    replaces: str | None = None,
    items: Mapping[int, ItemFact] | None = None,
) -> dict[str, Json]:
    """Give an answered order as the ERP gets it: what was ordered, what we answered, line by line.

    Numbers are text with all their digits, dates are ISO. Absent is not sent. `reference` is our id of the order,
    `replaces` that of the one whose place it takes; `items` (the facts, by position) fill in our item number where the
    line does not name it.
    """
    heading = _part(order, without=_OURS | {"lines", "replaces"})
    return {
        "schema": SCHEMA,
        "partner": partner,
        "test": not live,
        **({"reference": reference} if reference is not None else {}),
        **({"replaces": replaces} if replaces is not None else {}),
        **heading,
        "answer": {"verdict": answer.answer, **_part(answer, without=frozenset({"order", "lines", "answer"}))},
        "lines": [_line(line, (items or {}).get(line.line.position)) for line in answer.lines],
    }


def _line(answered: AnswerLine, fact: ItemFact | None) -> dict[str, Json]:
    """Give one line: who and what, then `ordered`, `status`, `accepted`, `answers` and `stores` in turn."""
    ordered = _part(answered.line, without=_OURS)
    if fact is not None:
        ordered.setdefault("item", fact.item)
    wanted = {name: ordered.pop(name) for name in ("quantity", "unit", "unit_price", "price_basis") if name in ordered}
    price = next((one.unit_price for one in answered.answers if one.unit_price is not None), answered.line.unit_price)
    accepted: dict[str, Json] = {"quantity": str(answered.quantity_accepted)}
    if answered.line.unit is not None:
        accepted["unit"] = answered.line.unit
    if price is not None:
        accepted["unit_price"] = str(price)
    if answered.line.price_basis is not None:
        accepted["price_basis"] = answered.line.price_basis
    return {
        **ordered,
        "ordered": wanted,
        "status": answered.status,
        "accepted": accepted,
        "answers": [to_plain(one) for one in answered.answers],
        **({"stores": [to_plain(one) for one in answered.allotments]} if answered.allotments else {}),
    }


def _part(value: object, without: frozenset[str]) -> dict[str, Json]:
    """Give the fields of a value that the ERP should see, in their own order, at every depth."""
    plain: dict[str, Json] = _bare(to_plain(value), without)
    return plain


def _bare(plain: Json, without: frozenset[str]) -> Json:
    if isinstance(plain, list):
        return [_bare(item, without) for item in plain]
    if isinstance(plain, dict):
        return {name.rstrip("_"): _bare(item, without) for name, item in plain.items() if name not in without}
    return plain
