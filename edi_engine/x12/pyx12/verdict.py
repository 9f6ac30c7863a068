"""pyx12's own validator over a whole file, with maps of ours: what it said, one complaint for each line of its log.

Its log is the only place where it tells everything: its other reports leave out what is wrong with elements of the
envelope, and none is written when it stops.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from typing import Final

KNOWN: Final = ("00401", "00501")
"""The interchange versions that pyx12 reads."""

_LEVELS: Final = {"ISA": "interchange", "GS": "group", "ST": "set", "SEG": "segment", "ELE": "element"}
_LINE: Final = re.compile(
    r"(?:No current segment in error_handler\. )?(?:Line:(?P<number>[0-9]+) )?"
    r"(?P<level>ISA|GS|ST|SEG|ELE):(?P<code>[0-9A-Z]+) - (?P<text>.*)",
    re.DOTALL,
)
_PLACE: Final = r"\((?P<segment>[A-Z][A-Z0-9]{1,2})(?P<element>[0-9]{2})(?:-(?P<component>[0-9]{2}))?\)"
_NAMED: Final = re.compile(rf'(?:Mandatory )?(?:data element|composite) "[^"]*" {_PLACE}', re.IGNORECASE)
_CODED: Final = re.compile(rf"is not a valid code for .*?{_PLACE}", re.DOTALL)
_ABOUT_ELEMENTS: Final = frozenset({"8", "SEG1", "HL1", "HL2"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that pyx12 says. `level` is file, interchange, group, set, segment or element; `code` is its own, which
    follows the codes of TA1, AK9, AK5, AK3 and AK4. `segment` counts segments of the file from 1.
    """

    level: str
    code: str
    text: str
    segment: int | None = None
    element: int | None = None
    component: int | None = None

    @property
    def somewhere_inside(self) -> bool:
        """Say whether it is about elements of the segment without saying which."""
        return self.level == "segment" and self.code in _ABOUT_ELEMENTS


class _Named(StringIO):
    """The text of a file under its name: pyx12 writes what it reads from into what it says of it."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text, newline="")
        self._name = name

    def __str__(self) -> str:
        return self._name


def validate(data: bytes, folder: str, name: str = "the file") -> tuple[bool | None, str | None]:
    """Have pyx12 validate a file by the maps in `folder`; give its yes or no, or None and a sentence on why it stopped.

    What it says meanwhile goes to its log, under the name `pyx12`; `heard` reads a line of it.
    """
    from pyx12.params import ParamsBase
    from pyx12.x12n_document import x12n_document

    text = _Named(data.decode("latin-1"), name)
    try:
        return bool(x12n_document(ParamsBase(), text, None, None, map_path=folder)), None
    except Exception as failure:  # noqa: BLE001 (whatever breaks it is its verdict)
        why = f": {failure}" if str(failure) else ""
        return None, f"pyx12 stopped: {type(failure).__name__}{why}"


def unread(data: bytes) -> str | None:
    """Give the interchange version of a file that pyx12 cannot read at all, None where it can try."""
    version = data[84:89].decode("latin-1")
    return version if data.startswith(b"ISA") and version.isdigit() and version not in KNOWN else None


def heard(line: str) -> Complaint:
    """Read one line of pyx12's log."""
    match = _LINE.fullmatch(line)
    if match is None:
        return Complaint("file", "", line)
    text = match["text"]
    place = (_NAMED.match(text) or _CODED.search(text)) if match["level"] == "ELE" else None
    return Complaint(
        _LEVELS[match["level"]],
        match["code"],
        text,
        int(match["number"]) if match["number"] else None,
        int(place["element"]) if place else None,
        int(place["component"]) if place and place["component"] else None,
    )
