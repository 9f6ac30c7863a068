"""How a partner wants what we send to be written, beside its delimiters and its character set."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from edi_engine.x12.values import Delimiters

_NOT_BASIC: Final = re.compile(r"""[^A-Z0-9 !"&'()*+,\-./:;?=]""")


@dataclass(frozen=True, slots=True)
class Style:
    """How values and numbers are written.

    `replace` says what is written in the place of a character of a value. `basic`: values hold no characters but those
    of X12's basic set (capitals, digits, blanks and ``!"&'()*+,-./:;?=``). `trim`: empty elements and components at
    the end of a segment and blanks at the end of a value are left out. `group_digits` and `set_digits`: GS06 and ST02
    have at least so many digits, filled with zeros in front.
    """

    replace: Mapping[str, str] = field(default_factory=dict)
    basic: bool = False
    trim: bool = True
    group_digits: int = 1
    set_digits: int = 4


PLAIN_STYLE: Final = Style()
"""What is usual: nothing replaced, everything trimmed, numbers no longer than they are."""


def unsendable(text: str, delimiters: Delimiters, charset: str, *, basic: bool = False) -> str | None:
    """Give the first character of a value that would break a segment or cannot be read, None where all are sound."""
    bad = _forbidden(delimiters).search(text)
    if bad is None and basic:
        bad = _NOT_BASIC.search(text)
    if bad is not None:
        return bad[0]
    if text.isascii():
        return None
    return next((letter for letter in text if not _encodable(letter, charset)), None)


def roles(delimiters: Delimiters) -> dict[str, str]:
    """Give each delimiter with what it is called; of two that are the same character, the last."""
    return dict(in_order(delimiters))


def in_order(delimiters: Delimiters) -> list[tuple[str, str]]:
    """Give the delimiters that are set, each with what it is called."""
    found = [
        (delimiters.element, "element separator"),
        (delimiters.component, "component separator"),
        (delimiters.segment, "segment terminator"),
    ]
    return found if delimiters.repetition is None else [*found, (delimiters.repetition, "repetition separator")]


@lru_cache(maxsize=64)
def _forbidden(delimiters: Delimiters) -> re.Pattern[str]:
    """Match a delimiter or a control character."""
    used = "".join(re.escape(letter) for letter, _ in in_order(delimiters))
    return re.compile(rf"[\x00-\x1f\x7f-\x9f{used}]")


def _encodable(letter: str, charset: str) -> bool:
    try:
        letter.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
