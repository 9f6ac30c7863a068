"""The condition of a hold rule, such as `order.total > 50000 and order.type != "blanket"`: the one expression there is.

Allowed are the fields of the order, numbers, quoted texts, lists of them, `and or not`, comparisons, `in`, and `+ - *`.
Dates are texts such as "2026-11-20". Everything else is refused when the file is loaded, and simpleeval, which works
the condition out, is given no function, no operator and no name beyond these.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from simpleeval import SimpleEval

from edi_engine.mapping import fields
from edi_engine.orders.facts import Facts
from edi_engine.orders.money import extended, half_up
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.policy import HoldRule
from edi_engine.text.nearest import nearest_or_all

NUMBER, TEXT, TRUTH = "a number", "a text", "true or false"

_LONGEST: Final = 300
_MOST_PARTS: Final = 120
_DECIMAL: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_OPERATORS: Final[dict[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, items: item in items,
    ast.NotIn: lambda item, items: item not in items,
}
_SIZES: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _kinds() -> dict[str, str]:
    kinds = {"total": NUMBER, "line_count": NUMBER}
    plain = {fields.TEXT: TEXT, fields.DATE: TEXT, fields.DECIMAL: NUMBER}
    for name, field in fields.fields_of(PurchaseOrder).items():
        if field.kind in plain and not field.many:
            kinds[name] = plain[field.kind]
    return kinds


FIELDS: Final[Mapping[str, str]] = _kinds()
"""What a condition may name after `order.`, and whether it is a number or a text."""


class ConditionError(ValueError):
    """A text is no condition; the message says why in plain words."""


def check(expression: str) -> None:
    """Accept `expression` as a condition. Raises ConditionError."""
    if len(expression) > _LONGEST:
        message = f"a condition has at most {_LONGEST} characters, this one has {len(expression)}"
        raise ConditionError(message)
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        message = f'"{expression}" cannot be read; write it like order.total > 50000 and order.type != "blanket"'
        raise ConditionError(message) from None
    if sum(1 for _ in ast.walk(tree)) > _MOST_PARTS:
        message = "a condition of this many parts is better written as several rules"
        raise ConditionError(message)
    kind = _kind(tree, expression.strip())
    if kind != TRUTH:
        message = f'"{expression}" is {kind}, where a condition is true or false; compare it with something'
        raise ConditionError(message)


def describe_order(order: PurchaseOrder, facts: Facts | None = None) -> dict[str, Any]:
    """Give what a condition may know of `order`: its fields, its value `total`, and `line_count`.

    `facts` tell how many pieces a case holds; without them an order in cases at a price per piece has no total.
    """
    known: dict[str, Any] = {"total": _total(order, facts), "line_count": Decimal(len(order.lines))}
    for name in FIELDS.keys() - known.keys():
        value = getattr(order, name)
        known[name] = value.isoformat() if isinstance(value, date) else value
    return {"order": known}


def _total(order: PurchaseOrder, facts: Facts | None) -> Decimal | None:
    """Add up the lines at their prices; None where one of them cannot be worked out."""
    total = Fraction(0)
    for line in order.lines:
        fact = facts.items.get(line.position) if facts is not None else None
        case_pack = fact.case_pack if fact is not None else None
        if line.unit_price is None or line.quantity is None:
            return None
        amount = extended(line.unit_price, line.quantity, line.unit, line.price_basis, case_pack)
        if amount is None:
            return None
        total += amount
    return half_up(total)


def evaluate(rule: HoldRule, order: PurchaseOrder | Mapping[str, Any], facts: Facts | None = None) -> bool:
    """Say whether `rule` holds an order, given itself or as `describe_order` describes it.

    Where a number or date that is compared is missing, nobody can say that the order may pass: it is held.
    """
    known = describe_order(order, facts) if isinstance(order, PurchaseOrder) else order
    expression = rule.when.strip()
    worker = _Worker(expression, {"order": dict(known["order"])})
    try:
        return bool(worker.eval(expression))
    except (TypeError, ArithmeticError):
        return True


class _Worker(SimpleEval):  # type: ignore[misc]
    """simpleeval without functions, with exact numbers, and with a dot that only looks into dicts."""

    def __init__(self, expression: str, names: dict[str, Any]) -> None:
        super().__init__(operators=dict(_OPERATORS), functions={}, names=names)
        self.expression = expression
        self.nodes: dict[type[ast.AST], Callable[[Any], Any]] = {
            ast.Expr: self._eval_expr,
            ast.BoolOp: self._eval_boolop,
            ast.UnaryOp: self._eval_unaryop,
            ast.BinOp: self._eval_binop,
            ast.Compare: self._eval_compare,
            ast.Name: self._eval_name,
            ast.Constant: self._constant,
            ast.Attribute: self._look_up,
            ast.Tuple: self._all,
            ast.List: self._all,
        }

    def _constant(self, node: ast.Constant) -> Any:  # noqa: ANN401
        return node.value if isinstance(node.value, str) else Decimal(_spelled(node, self.expression))

    def _look_up(self, node: ast.Attribute) -> Any:  # noqa: ANN401
        owner = self._eval(node.value)
        if not isinstance(owner, dict):
            message = f"{node.attr} is no field of the order"
            raise ConditionError(message)
        return owner[node.attr]

    def _all(self, node: ast.Tuple | ast.List) -> tuple[Any, ...]:
        return tuple(self._eval(item) for item in node.elts)


def _spelled(node: ast.Constant, expression: str) -> str:
    return ast.get_source_segment(expression, node) or ""


def _kind(node: ast.expr, expression: str) -> str:
    """Give what `node` is worth: a number, a text, or true or false."""
    match node:
        case ast.Constant(value=str()):
            return TEXT
        case ast.Constant(value=int() | float()) if _DECIMAL.fullmatch(_spelled(node, expression)):
            return NUMBER
        case ast.Attribute(value=ast.Name(id="order"), attr=name):
            return _kind_of_field(name)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _wants(NUMBER, "-", _kind(inner, expression))
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            _kind(inner, expression)
            return TRUTH
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult(), left=left, right=right):
            _wants(NUMBER, "+ - *", _kind(left, expression))
            return _wants(NUMBER, "+ - *", _kind(right, expression))
        case ast.BoolOp(values=values):
            for value in values:
                _kind(value, expression)
            return TRUTH
        case ast.Compare():
            return _compared(node, expression)
        case ast.Name(id=name):
            message = f"{name} is not known here; write order.{name}" if name in FIELDS else _unknown(name)
            raise ConditionError(message)
    segment = ast.get_source_segment(expression, node) or expression
    message = (
        f'"{segment}" is not allowed in a condition: only fields of the order, numbers, "texts", and or not, + - *'
    )
    raise ConditionError(message)


def _kind_of_field(name: str) -> str:
    if name not in FIELDS:
        message = f"order has no {name}; {nearest_or_all(name, FIELDS)}"
        raise ConditionError(message)
    return FIELDS[name]


def _unknown(name: str) -> str:
    return f"{name} is not known here; a condition speaks of order, as in order.total"


def _wants(wanted: str, sign: str, seen: str) -> str:
    if seen != wanted:
        message = f"{sign} wants {wanted}; here stands {seen}"
        raise ConditionError(message)
    return seen


def _compared(node: ast.Compare, expression: str) -> str:
    left = _kind(node.left, expression)
    for sign, right in zip(node.ops, node.comparators, strict=True):
        if type(sign) not in _OPERATORS:
            message = "compare with == != < <= > >= in, not in"
            raise ConditionError(message)
        if isinstance(sign, ast.In | ast.NotIn):
            if not isinstance(right, ast.List | ast.Tuple) or not right.elts:
                message = 'in wants a list such as ["rush", "blanket"]'
                raise ConditionError(message)
            kinds = {_kind(item, expression) for item in right.elts}
        else:
            kinds = {_kind(right, expression)}
        if kinds != {left} or (isinstance(sign, _SIZES) and left == TRUTH):
            message = f"{left} is compared with {' and '.join(sorted(kinds))}; only like can be compared with like"
            raise ConditionError(message)
    return TRUTH
