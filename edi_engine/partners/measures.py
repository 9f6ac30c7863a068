"""Measures as people write them in partner files: `24 h`, `50 MB`, `2 %`, `0.05`, `2026-11-22`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final
from unicodedata import category

from edi_engine.partners.form import Form

_NUMBER: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_DURATION: Final = re.compile(r"([0-9]{1,5}) ?(s|min|h|d)")
_UNITS: Final = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SIZE: Final = re.compile(r"([0-9]{1,6}) ?(KB|MB|GB)")
_SIZES: Final = {"KB": 1024, "MB": 1024**2, "GB": 1024**3}


def number(text: str) -> Decimal | None:
    """Give a plain number that is not negative (`12`, `0.05`), None where `text` is none."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def read_number(form: Form, word: str, default: Decimal, *, percent: bool = False) -> Decimal:
    """Read a number; a percent may carry its sign: `2 %`."""
    text = form.text(word)
    if not text:
        return default
    value = number(text.removesuffix("%").rstrip() if percent else text)
    if percent and value and not text.endswith("%"):
        message = f"{form.named(word)} {text} could be a percent or an amount of money; write {text} % for a percent"
        fix = f"write {text} %; a gap in money is the word amount"
        form.complain("partner.value.number", form.mark_of(word), message, fix=fix)
        return default
    if value is None:
        example = "a percent such as 2 % or 0.5 %" if percent else "a number such as 12 or 0.05"
        message = f"{form.named(word)} wants {example}, not {text}{without_sign(text)}"
        form.complain("partner.value.number", form.mark_of(word), message)
        return default
    return value


def without_sign(text: str) -> str:
    """Give the end of a complaint about an amount that carries a currency sign, "" where it carries none."""
    return "; no currency sign" if any(category(sign) == "Sc" for sign in text) else ""


def read_whole(form: Form, word: str, default: int, *, least: int = 0, most: int = 999_999) -> int:
    """Read a whole number between `least` and `most`."""
    text = form.text(word)
    if not text:
        return default
    if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
        message = f"{form.named(word)} wants a whole number from {least} to {most}, not {text}"
        form.complain("partner.value.number", form.mark_of(word), message)
        return default
    return int(text)


def read_duration(form: Form, word: str, default: timedelta, *, zero: bool = True) -> timedelta:
    """Read a duration: `10 s`, `30 min`, `24 h`, `2 d`. Without `zero`, one of nothing is refused."""
    text = form.text(word)
    if not text:
        return default
    match = _DURATION.fullmatch(text)
    if match is None:
        message = f"{form.named(word)} wants a duration such as 10 s, 30 min, 24 h or 2 d, not {text}"
        form.complain("partner.value.duration", form.mark_of(word), message)
        return default
    if not zero and not int(match[1]):
        message = f"{form.named(word)} gives no time at all: {text}; all would be overdue at once"
        form.complain(
            "partner.value.duration", form.mark_of(word), message, fix="write the time that is agreed, as 24 h"
        )
        return default
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def read_size(form: Form, word: str, default: int, *, most: int) -> int:
    """Read a size in bytes: `500 KB`, `50 MB`, `1 GB`. `most` is in bytes."""
    text = form.text(word)
    if not text:
        return default
    match = _SIZE.fullmatch(text)
    if match is None or not int(match[1]):
        message = f"{form.named(word)} wants a size such as 500 KB, 50 MB or 1 GB, not {text}"
        form.complain("partner.value.size", form.mark_of(word), message)
        return default
    size = int(match[1]) * _SIZES[match[2]]
    if size > most:
        message = f"{form.named(word)} is at most {most // _SIZES['MB']} MB, for a file is read as a whole; not {text}"
        form.complain("partner.value.size", form.mark_of(word), message)
        return default
    return size


def read_date(form: Form, word: str) -> date | None:
    """Read a day: `2026-11-22`; None where the word is absent."""
    text = form.text(word)
    if not text:
        return None
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        message = f"{form.named(word)} wants a day such as 2026-11-22, not {text}"
        form.complain("partner.value.date", form.mark_of(word), message)
        return None
