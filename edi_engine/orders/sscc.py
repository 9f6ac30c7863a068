"""SSCC-18: the number on a carton or pallet that no other one has, as GS1 defines it."""

from __future__ import annotations

import re
from typing import Final

from edi_engine.errors import UsageError

_SSCC: Final = re.compile(r"[0-9]{18}", re.ASCII)
_PREFIX: Final = re.compile(r"[0-9]{6,12}", re.ASCII)
_EXTENSION: Final = re.compile(r"[0-9]", re.ASCII)


def sscc(company_prefix: str, extension: str, serial: int) -> str:
    """Make the 18 digits: extension digit, company prefix (6 to 12 digits), serial, check digit.

    Raises UsageError for a prefix or extension that is not one, and when the serials of this prefix are used up.
    """
    if not _PREFIX.fullmatch(company_prefix) or not _EXTENSION.fullmatch(extension):
        message = (
            f"an SSCC needs a company prefix of 6 to 12 digits and one digit, not {company_prefix} and {extension}"
        )
        raise UsageError(message)
    width = 16 - len(company_prefix)
    if not 0 <= serial < 10**width:
        message = f"serial {serial} does not fit the {width} digits that company prefix {company_prefix} leaves"
        raise UsageError(message)
    body = f"{extension}{company_prefix}{serial:0{width}d}"
    return body + check_digit(body)


def check_digit(digits: str) -> str:
    """Give the GS1 check digit: from the right, digits count three times and once in turn."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def is_sscc(text: str) -> bool:
    """Say whether `text` is 18 digits of which the last one checks."""
    return _SSCC.fullmatch(text) is not None and check_digit(text[:-1]) == text[-1]
