"""Text of X12 to values and back. Nothing is rounded, nothing is guessed: what does not fit is None."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import Final

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,30}")
_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})")
_DIGITS: Final = re.compile(r"[0-9]+")
_PART: Final = re.compile(r"YYYY|YY|MM|DD")
_CENTURY_TURNS: Final = 70
"""Two-digit years from here on are 19xx, those below are 20xx."""

Value = str | Decimal | date | time | int


def implied_decimals(kind: str) -> int | None:
    """Give n of X12's type Nn (`N` alone is N0), None for every other type."""
    if not kind.startswith("N"):
        return None
    return int(kind[1:]) if len(kind) > 1 else 0


def read_decimal(text: str, kind: str) -> Decimal | None:
    """Read a number of X12's type `kind`: in N2, `2350` is 23.50. None where it is no such number."""
    implied = implied_decimals(kind)
    if implied is None:
        return Decimal(text) if _PLAIN.fullmatch(text) else None
    return Decimal(text).scaleb(-implied) if _WHOLE.fullmatch(text) else None


def read_date(text: str, pattern: str = "") -> date | None:
    """Read a date of 6 or 8 digits, or of `pattern` (YYYY, YY, MM, DD, and what stands between); else give None."""
    if not pattern:
        pattern = {6: "YYMMDD", 8: "YYYYMMDD"}.get(len(text), "")
        if not pattern:
            return None
    if len(text) != len(pattern):
        return None
    parts: dict[str, int] = {}
    at = 0
    for part in _PART.finditer(pattern):
        digits = text[part.start() : part.end()]
        between = slice(at, part.start())
        if not _DIGITS.fullmatch(digits) or text[between] != pattern[between]:
            return None
        parts[part[0]] = int(digits)
        at = part.end()
    if text[at:] != pattern[at:]:
        return None
    year = parts.get("YYYY")
    if year is None:
        short = parts.get("YY")
        if short is None:
            return None
        year = short + (1900 if short >= _CENTURY_TURNS else 2000)
    try:
        return date(year, parts.get("MM", 0), parts.get("DD", 0))
    except ValueError:
        return None


def is_date_pattern(pattern: str) -> bool:
    """Say whether `pattern` names a year, month and day, each once."""
    return sorted(_PART.findall(pattern.replace("YYYY", "YY"))) == ["DD", "MM", "YY"]


def write_date(value: date, pattern: str) -> str:
    """Write a date by `pattern`, such as YYYYMMDD or MM/DD/YY."""
    parts = {"YYYY": f"{value.year:04d}", "YY": f"{value.year % 100:02d}", "MM": f"{value.month:02d}"}
    return _PART.sub(lambda part: parts.get(part[0], f"{value.day:02d}"), pattern)


def plain(value: Decimal) -> str:
    """Write a decimal without exponent and without zeros that say nothing: 2.50 is `2.5`, 1E+3 is `1000`."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def write_decimal(value: Decimal, kind: str) -> str | None:
    """Write a number as X12's type `kind` wants it; None where its decimals do not fit (23.505 in N2)."""
    implied = implied_decimals(kind)
    if implied is None:
        return plain(value)
    scaled = value.scaleb(implied)
    if scaled != scaled.to_integral_value():
        return None
    return plain(scaled)


def write_text(value: Value) -> str:
    """Write any value as plain text: dates as YYYYMMDD, times as HHMM."""
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return write_date(value, "YYYYMMDD")
    if isinstance(value, time):
        return f"{value.hour:02d}{value.minute:02d}"
    return str(value)
