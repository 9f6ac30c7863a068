"""The letters of a file: what its bytes say in the character set that a partner writes.

X12 is read as Latin-1, one character a byte, so that places in the text are places in the file. Where a partner writes
other letters, the text of a set is read anew, and places in it are led back to bytes.
"""

from __future__ import annotations

import re
from typing import Final

CHARSETS: Final = ("ascii", "latin-1", "cp1252", "utf-8")
"""The character sets that partners write and read, as Python calls them; all say the same in their first 128 bytes."""

_WIDE: Final = re.compile("[^\x00-\xff]")
_CONTROL: Final = re.compile("[\x80-\x9f]")
"""No letters of anybody: most often what Windows writes for quotes and the euro sign."""


def said(text: str, charset: str) -> str | None:
    """Give what `text`, one character a byte, says in `charset`; None where some of its bytes say nothing in it."""
    if text.isascii():
        return text
    try:
        found = text.encode("latin-1").decode(charset)
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(found) else found


def byte_of(text: str, at: int, charset: str) -> int:
    """Give the byte at which character `at` of `text` begins when it is written in `charset`."""
    return len(text[:at].encode(charset))


def narrow(text: str) -> str:
    """Give `text` for a check of lengths and codes: as many characters, with a mark for each that Latin-1 lacks."""
    return _WIDE.sub("?", text)
