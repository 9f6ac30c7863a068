"""Values as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from edi_engine.cli.shape import document, shape
from edi_engine.finding import AckCode, Finding, Position, Severity


@dataclass(frozen=True)
class Row:
    name: str
    amount: Decimal | None
    body_json: str | None
    at: datetime


def test_a_document_names_its_schema_first() -> None:
    text = document(
        "orders-list", {"orders": (Row("a", Decimal("1.50"), '{"x": [1]}', datetime(2026, 1, 2, tzinfo=UTC)),)}
    )
    assert json.loads(text) == {
        "schema": "edi-engine.orders-list/1",
        "orders": [{"name": "a", "amount": "1.50", "body": {"x": [1]}, "at": "2026-01-02T00:00:00+00:00"}],
    }
    assert next(iter(json.loads(text))) == "schema"


def test_a_finding_leaves_out_what_it_does_not_know() -> None:
    finding = Finding("x12.a.b", Severity.HOLD, "No.", Position(byte=0, path="PO1"), ack=AckCode("AK4", "7"))
    assert shape(finding) == {
        "code": "x12.a.b",
        "severity": "HOLD",
        "message": "No.",
        "where": {"byte": 0, "path": "PO1"},
        "ack": {"level": "AK4", "code": "7"},
    }


def test_amounts_are_text_without_exponent_and_nothing_is_lost() -> None:
    assert shape([Decimal("1E+3"), Path("a/b"), b"\xff", None, True, 3, {"k": (1, 2)}]) == [
        "1000",
        "a/b",
        "ÿ",
        None,
        True,
        3,
        {"k": [1, 2]},
    ]


def test_what_has_no_shape_is_a_bug_and_not_a_guess() -> None:
    with pytest.raises(TypeError, match="object has no shape"):
        shape(object())
