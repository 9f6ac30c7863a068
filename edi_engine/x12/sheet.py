"""Segments as they will be written: delimiters between their values, and no value that would break them.

In the elements of a body COMPONENT stands between the components of a composite and REPETITION between repetitions, so
that a body does not depend on the delimiters of whoever gets it. No other control character may occur.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.style import PLAIN_STYLE, Style, roles, unsendable
from edi_engine.x12.values import Delimiters
from edi_engine.x12.wording import named, quoted

COMPONENT: Final = "\x1f"
"""Stands between the components of a composite element in a body."""
REPETITION: Final = "\x1e"
"""Stands between the repetitions of an element in a body."""

_LETTER: Final = "A"
"""Neither a delimiter nor a control character, and in every character set: joined by it, values stay as they are."""
_MOST: Final = 100
_FIX: Final = (
    "correct the value where it comes from, or say in `envelope.replace` of the partner file what is to stand in the "
    "place of the character"
)


@dataclass(slots=True)
class Sheet:
    """The segments written so far, what is wrong with them, and in how many values a character was replaced."""

    delimiters: Delimiters
    charset: str = "ascii"
    style: Style = PLAIN_STYLE
    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    replaced: int = 0
    _table: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self._table = str.maketrans(dict(self.style.replace))

    def put_plain(self, segment: Sequence[str]) -> bool:
        """Write a segment in whose values nothing is parted, replaced, cut off or wrong; False where it is not one.

        Most segments are, and this is told of a whole one at once. `put` takes all others.
        """
        if self._table or any(text[-1:] == " " for text in segment):
            return False
        if unsendable(_LETTER.join(segment), self.delimiters, self.charset, basic=self.style.basic) is not None:
            return False
        self._join(list(segment))
        return True

    def put(self, segment: Sequence[str], where: Position) -> None:
        """Write one segment of a body; what is wrong with it is noted."""
        self._join([self._element(text, where, n) for n, text in enumerate(segment)])

    def envelope(self, *segment: str) -> None:
        """Write one segment of an envelope: its values are no one's text, and were judged before."""
        self._join(list(segment))

    def fault(self, code: str, message: str, where: Position, seen: str | None = None, fix: str | None = None) -> None:
        """Note why nothing can be sent."""
        if len(self.findings) < _MOST:
            self.findings.append(Finding(code, Severity.HOLD, message, where, seen, fix=fix))

    def text(self) -> str:
        """Give all that was written, each segment with its terminator and what follows it."""
        end = self.delimiters.segment + self.delimiters.suffix
        return "".join(line + end for line in self.lines)

    def _join(self, texts: list[str]) -> None:
        self.lines.append(self.delimiters.element.join(self._trimmed(texts)))

    def _trimmed(self, texts: list[str]) -> list[str]:
        while self.style.trim and texts and not texts[-1]:
            texts.pop()
        return texts

    def _element(self, text: str, where: Position, n: int) -> str:
        if n == 0 or not text:
            return text
        if COMPONENT not in text and REPETITION not in text:
            return self._value(text, where, n)
        if REPETITION in text and self.delimiters.repetition is None:
            place = _place(where, n)
            message = f"{place.path} repeats, but this partner has no repetition separator (ISA11)."
            self.fault("document.character", message, place, text)
        repeats = []
        for repeat in text.split(REPETITION):
            parts = [self._value(part, where, n, m) for m, part in enumerate(repeat.split(COMPONENT), 1)]
            repeats.append(self.delimiters.component.join(self._trimmed(parts)))
        return (self.delimiters.repetition or "").join(self._trimmed(repeats))

    def _value(self, text: str, where: Position, n: int, component: int | None = None) -> str:
        """Give a value as it is written. One that would break the segment, or of which nothing is left, is noted."""
        written = text.translate(self._table)
        self.replaced += written != text
        if self.style.trim:
            written = written.rstrip(" ")
        bad = unsendable(written, self.delimiters, self.charset, basic=self.style.basic)
        if bad is not None:
            place = _place(where, n, component)
            message = f"{place.path} {quoted(written)} {self._reason(bad)}."
            self.fault("document.character", message, place, text, _FIX)
        elif not written.strip(" ") and text.strip(" "):
            place = _place(where, n, component)
            message = f"{place.path} {quoted(text)} is only blanks once `envelope.replace` has been applied to it."
            fix = "correct the value where it comes from, or let another character stand there than a blank"
            self.fault("document.character", message, place, text, fix)
        return written

    def _reason(self, bad: str) -> str:
        role = roles(self.delimiters).get(bad)
        if role is not None:
            return f"holds {named(bad)}, which is the {role} of this partner"
        if not bad.isprintable() and bad < "\xa0":
            return f"holds a control character ({named(bad)})"
        charset = "basic" if self.style.basic else self.charset
        return f'holds "{bad}", which the partner\'s character set {charset} does not have'


def _place(where: Position, n: int, component: int | None = None) -> Position:
    path = f"{where.segment_id}{n:02d}" + (f"-{component}" if component is not None else "")
    return replace(where, path=path, element=n, component=component)
