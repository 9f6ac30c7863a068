"""Places in a transaction set as people write them: `BEG03`, `REF(DP)03`, `N1(ST)/REF(2I)`, `/REF(MR)`, `SLN05-1`.

    path = [ "/" ] step { "/" step }
    step = segment [ "(" qualifier ")" ] [ "[" number "]" ] [ element [ "[" repetition "]" ] [ "-" component ] ]

Round brackets say which by code, square ones which by number. A slash in front starts at the top of the set. A step is
never ambiguous: 4 or 5 characters in front are a segment of 2 or 3 and an element of 2 digits. What follows a space in
a row of a mapping (`REF dc`) is a label and no part of the path: `split_label` takes it off.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_STEP: Final = re.compile(
    r"(?P<segment>[A-Z][A-Z0-9]{1,2})"
    r"(?:\((?P<qualifier>[!-'*-.0-Z\\^-~]+)\))?"  # anything printable but blanks, brackets and the slash
    r"(?:\[(?P<number>[0-9]{1,6})\])?"
    r"(?:(?P<element>[0-9]{2})(?:\[(?P<repetition>[0-9]{1,6})\])?(?:-(?P<component>[0-9]{1,2}))?)?"
)
_HINT: Final = "write it like BEG03, REF(DP), REF(ZZ)[2], PO1/N1(ST)/N104 or SLN05-1"


class PathError(ValueError):
    """A text is not a place in X12; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path. `number`, `element`, `repetition` and `component` count from 1; None means not named."""

    segment: str
    qualifier: str | None = None
    number: int | None = None
    element: int | None = None
    repetition: int | None = None
    component: int | None = None

    def __str__(self) -> str:
        """Write the step as it is read."""
        parts = [self.segment]
        if self.qualifier is not None:
            parts.append(f"({self.qualifier})")
        if self.number is not None:
            parts.append(f"[{self.number}]")
        if self.element is not None:
            parts.append(f"{self.element:02d}")
        if self.repetition is not None:
            parts.append(f"[{self.repetition}]")
        if self.component is not None:
            parts.append(f"-{self.component}")
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Path:
    """A place: the steps to it, whether it starts at the top of the set, and the text it was read from."""

    steps: tuple[Step, ...]
    from_top: bool
    text: str

    @property
    def last(self) -> Step:
        """The step that names the place itself."""
        return self.steps[-1]

    def __str__(self) -> str:
        """Give the text it was read from."""
        return self.text


def split_label(key: str) -> tuple[str, str | None]:
    """Cut the key of a row into the text of a path and its label: `REF dc` gives `REF` and `dc`."""
    place, _, label = key.strip().partition(" ")
    return place, label.strip() or None


def parse(text: str) -> Path:
    """Read `text` as a path. Raises PathError with a message in plain words where it is none."""
    from_top = text.startswith("/")
    pieces = _pieces(text[1:] if from_top else text)
    steps = tuple(_step(piece, text) for piece in pieces)
    for step in steps[:-1]:
        if step.element is not None:
            message = (
                f'"{text}" goes on after the element {step.segment}{step.element:02d}: only the last step may name one'
            )
            raise PathError(message)
    return Path(steps, from_top, text)


def _pieces(text: str) -> list[str]:
    if not text:
        message = f"an empty text is no place in X12; {_HINT}"
        raise PathError(message)
    return text.split("/")


def _step(piece: str, text: str) -> Step:
    if not piece:
        message = f'"{text}" has a slash with nothing on one side of it'
        raise PathError(message)
    match = _STEP.fullmatch(piece)
    if match is None:
        raise PathError(_complaint(piece, text))
    counted = {
        name: int(match[name]) for name in ("number", "element", "repetition", "component") if match[name] is not None
    }
    for name, value in counted.items():
        if value == 0:
            message = f'"{text}" names {name} 0: we count from 1'
            raise PathError(message)
    return Step(match["segment"], match["qualifier"], **counted)


def _complaint(piece: str, text: str) -> str:
    where = f'"{piece}"' if piece == text.removeprefix("/") else f'"{piece}" in "{text}"'
    if " " in piece:
        return f"{where} holds a blank, and a place in X12 has none; {_HINT}"
    if piece != piece.upper() and _STEP.fullmatch(piece.upper()):
        return f"{where} is in small letters; X12 is written in capitals: {piece.upper()}"
    if piece.count("(") != piece.count(")"):
        return f"{where} opens a round bracket and does not close it (or the other way round)"
    if piece.count("[") != piece.count("]"):
        return f"{where} opens a square bracket and does not close it (or the other way round)"
    return f"{where} is no place in X12; {_HINT}"
