"""Text that is safe and pleasant in a terminal: escapes, counts, money, moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def safe(text: str) -> str:
    r"""Give `text` with what could move the cursor or hide itself written as \x1B or \u202E; blanks stay blanks."""
    return text if text.isprintable() else "".join(shown(letter) for letter in text)


def shown(letter: str) -> str:
    """Give one character as it may be printed."""
    if letter.isprintable():
        return letter
    number = ord(letter)
    return f"\\x{number:02X}" if number < 0x100 else f"\\u{number:04X}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Give `1 order`, `2 orders`, `1,000 orders`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def ordinal(number: int) -> str:
    """Give `1st`, `2nd`, `3rd`, `4th`, `11th`."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in {11, 12, 13} else "th"
    return f"{number}{ending}"


def money(amount: Decimal | None, currency: str | None = None) -> str:
    """Give `1,234.50 USD`; "" where there is no amount. At least two decimals, more only where the amount has them."""
    if amount is None:
        return ""
    exponent = amount.as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 2)
    return f"{amount:,.{decimals}f}" + (f" {currency}" if currency else "")


def number(amount: Decimal | None) -> str:
    """Give a quantity without needless zeros: `1,200`, `2.5`."""
    if amount is None:
        return ""
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(at: datetime | None) -> str:
    """Give a moment in UTC to the second, "" where there is none."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if at is not None else ""


def span(length: timedelta) -> str:
    """Give a length of time by its two largest units: `2 h 10 min`, `3 days 4 h`, `under a minute`."""
    seconds = int(abs(length).total_seconds())
    if seconds < _MINUTE:
        return "under a minute"
    days, hours, minutes = seconds // _DAY, seconds % _DAY // _HOUR, seconds % _HOUR // _MINUTE
    if days:
        return counted(days, "day") + (f" {hours} h" if hours and days < 10 else "")
    if hours:
        return f"{hours} h" + (f" {minutes} min" if minutes else "")
    return f"{minutes} min"


def due(deadline: datetime | None, now: datetime) -> str:
    """Say when something is due: `in 2 h 10 min`, `overdue by 3 days`; "" where it has no deadline."""
    if deadline is None:
        return ""
    return f"overdue by {span(now - deadline)}" if deadline < now else f"in {span(deadline - now)}"
