"""Numbers, dates and times as X12 writes them, matched in ASCII before anything in Python gets to see them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

INTEGER: Final = re.compile(r"-?([0-9]+)")
DECIMAL: Final = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+)")
_DIGITS: Final = re.compile(r"[0-9]+")
_TIME: Final = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9](?:[0-9]{1,2})?)?")


def digits_of(text: str) -> int:
    """Count the digits of a number: sign and decimal point do not count in its length."""
    return sum(letter not in "-." for letter in text)


def bad_number(text: str, least: int, most: int) -> bool:
    """Say whether `text` is no whole number (Nn) of `least` to `most` digits."""
    match = INTEGER.fullmatch(text)
    return match is None or not least <= len(match[1]) <= most


def bad_decimal(text: str, least: int, most: int) -> bool:
    """Say whether `text` is no decimal number (R) of `least` to `most` digits. An exponent is not taken."""
    return DECIMAL.fullmatch(text) is None or not least <= digits_of(text) <= most


def date_fault(text: str) -> str | None:
    """Say in a few words why the digits of `text` (YYMMDD or CCYYMMDD) are no day of the calendar, None if they are."""
    if not _DIGITS.fullmatch(text) or len(text) not in {6, 8}:
        return "it is not all digits"
    # Which century YY means is not ours to say; 2000 is a leap year, so 29 February passes in any year 00 04 08 ...
    year, month, day = int(text[:-4]) + (2000 if len(text) == 6 else 0), int(text[-4:-2]), int(text[-2:])
    if not 1 <= month <= 12:
        return f"there is no month {text[-4:-2]}"
    try:
        date(year, month, day)
    except ValueError:
        return f"there is no day {text[-2:]} in month {text[-4:-2]} of {text[:-4]}"
    return None


def _bad_date_6(text: str) -> bool:
    return len(text) != 6 or date_fault(text) is not None


def _bad_date_8(text: str) -> bool:
    return len(text) != 8 or date_fault(text) is not None


bad_date: Final = {6: _bad_date_6, 8: _bad_date_8}


def bad_time(text: str) -> bool:
    """Say whether `text` is no time of day: HHMM, HHMMSS, or with one or two decimals of a second."""
    return _TIME.fullmatch(text) is None
