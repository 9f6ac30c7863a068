"""Dates and times whose format is told beside them: element 1250 names the format, 1251 holds the period."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from edi_engine.x12.check_value import date_fault

FORMAT: Final = "1250"
PERIOD: Final = "1251"

PICTURES: Final = {
    "CC": "CC",
    "CM": "CCYYMM",
    "CY": "CCYY",
    "D6": "YYMMDD",
    "D8": "CCYYMMDD",
    "DA": "DD-DD",
    "DB": "MMDDCCYY",
    "DD": "DD",
    "DDT": "CCYYMMDD-CCYYMMDDHHMM",
    "DT": "CCYYMMDDHHMM",
    "DTD": "CCYYMMDDHHMM-CCYYMMDD",
    "DTS": "CCYYMMDDHHMMSS-CCYYMMDDHHMMSS",
    "MD": "MMDD",
    "MM": "MM",
    "RD": "MMDDCCYY-MMDDCCYY",
    "RD2": "YY-YY",
    "RD4": "CCYY-CCYY",
    "RD5": "CCYYMM-CCYYMM",
    "RD6": "YYMMDD-YYMMDD",
    "RD8": "CCYYMMDD-CCYYMMDD",
    "RDM": "YYMMDD-MMDD",
    "RDT": "CCYYMMDDHHMM-CCYYMMDDHHMM",
    "RMD": "MMDD-MMDD",
    "RMY": "YYMM-YYMM",
    "RTM": "HHMM-HHMM",
    "RTS": "CCYYMMDDHHMMSS",
    "TM": "HHMM",
    "TQ": "MMYY",
    "TR": "DDMMYYHHMM",
    "TS": "HHMMSS",
    "TT": "MMDDYY",
    "YM": "YYMM",
    "YY": "YY",
}
"""Formats that are all digits of years, months, days and hours; of the others nothing is said."""

_TIMES: Final = frozenset({"TM", "TS", "RTM"})
_WORDS: Final = {"CC": "century", "YY": "year", "DD": "day", "HH": "hour", "SS": "second"}
_HIGHEST: Final = {"hour": 23, "minute": 59, "second": 59}


def is_time(code: str) -> bool:
    """Say whether a format is one of times alone."""
    return code in _TIMES


def bad_period(code: str, text: str) -> bool:
    """Say whether `text` is not written as the format says. An unknown or open format is content with anything."""
    return period_fault(code, text) is not None


def period_fault(code: str, text: str) -> str | None:
    """Say in a few words why `text` is no period of the format, None if it is. Blanks at its end do not count."""
    picture, text = PICTURES.get(code), text.rstrip(" ")
    if picture is None or not text:
        return None
    return judged_period(code, text) if len(text) == len(picture) else f"{code} is {picture}"


@lru_cache(maxsize=4096)
def judged_period(code: str, text: str) -> str | None:
    """Judge a text as long as its format; what is kept is short, whatever a file says."""
    picture = PICTURES[code]
    if re.fullmatch(re.sub("[A-Z]", "[0-9]", picture), text) is None:
        return f"{code} is {picture}"
    at = 0
    for part in picture.split("-"):
        fault = _part_fault(part, text[at : at + len(part)])
        if fault:
            return fault
        at += len(part) + 1
    return None


def _part_fault(picture: str, digits: str) -> str | None:
    named: dict[str, str] = {}
    for start in range(0, len(picture), 2):
        word = _WORDS.get(picture[start : start + 2])
        named[word or ("minute" if "hour" in named else "month")] = digits[start : start + 2]
    for word, highest in _HIGHEST.items():
        if int(named.get(word, "0")) > highest:
            return f"there is no {word} {named[word]}"
    if "month" not in named and "day" not in named:
        return None
    century = named.get("century", "20")
    year = century + named["year"] if "year" in named else "2000"  # any day of a leap year, where no year is told
    return date_fault(f"{year}{named.get('month', '01')}{named.get('day', '01')}")
