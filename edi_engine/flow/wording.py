"""Numbers, amounts and findings as text: for people, and as JSON for the ledger and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from edi_engine.finding import AckCode, Finding, Position, Severity


def counted(number: int, noun: str) -> str:
    """Give `1 line`, `2 lines`, `1,000 lines`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def amount(value: Decimal, currency: str | None) -> str:
    """Give an amount of money as people write it: `1,234.50 USD`."""
    return f"{value:,.2f}" + (f" {currency}" if currency else "")


def a_or_an(number: str) -> str:
    """Give the number of a set with its article as it is spoken: `an 860`, `a 997`."""
    return f"{'an' if number.startswith('8') else 'a'} {number}"


def plain_position(where: Position) -> dict[str, Any]:
    """Give the parts of a position that are filled in."""
    return {part.name: value for part in fields(where) if (value := getattr(where, part.name)) is not None}


def plain_finding(finding: Finding) -> dict[str, Any]:
    """Give a finding as plain values for JSON; parts that are absent are left out."""
    plain: dict[str, Any] = {
        "code": finding.code,
        "severity": finding.severity.name,
        "message": finding.message,
        "where": plain_position(finding.where),
    }
    if finding.ack is not None:
        plain["ack"] = {"level": finding.ack.level, "code": finding.ack.code}
    for name in ("seen", "wanted", "fix", "source"):
        if (value := getattr(finding, name)) is not None:
            plain[name] = value
    return plain


def findings_to_json(findings: Sequence[Finding]) -> str:
    """Write findings as a JSON list."""
    return json.dumps([plain_finding(finding) for finding in findings], ensure_ascii=False)


def findings_from_json(text: str) -> tuple[Finding, ...]:
    """Read what `findings_to_json` wrote."""
    return tuple(
        Finding(
            code=plain["code"],
            severity=Severity[plain["severity"]],
            message=plain["message"],
            where=Position(**plain["where"]),
            seen=plain.get("seen"),
            wanted=plain.get("wanted"),
            ack=AckCode(**plain["ack"]) if "ack" in plain else None,
            fix=plain.get("fix"),
            source=plain.get("source"),
        )
        for plain in json.loads(text)
    )
