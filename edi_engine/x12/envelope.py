"""The ISA: 106 characters in fixed places. Reads one, learns the delimiters, and judges its elements."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from mmap import mmap
from typing import Final

from edi_engine.finding import AckCode, Finding, Position, Severity
from edi_engine.x12.check_value import bad_time, date_fault
from edi_engine.x12.unwrap import unwrap
from edi_engine.x12.values import Delimiters, InterchangeOutline
from edi_engine.x12.wording import counted, named, quoted

LENGTH: Final = 106
"""Characters of an ISA, its terminator included."""
WIDTHS: Final = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
"""Characters of ISA01 to ISA16."""
_STARTS: Final = tuple(4 + sum(WIDTHS[:n]) + n for n in range(16))
_SEPARATORS: Final = tuple(start - 1 for start in _STARTS)

ELEMENT_IDS: Final = {
    "ISA": (
        "I01",
        "I02",
        "I03",
        "I04",
        "I05",
        "I06",
        "I05",
        "I07",
        "I08",
        "I09",
        "I65",
        "I11",
        "I12",
        "I13",
        "I14",
        "I15",
    ),
    "IEA": ("I16", "I12"),
    "GS": ("479", "142", "124", "373", "337", "28", "455", "480"),
    "GE": ("97", "28"),
    "ST": ("143", "329", "1705"),
    "SE": ("96", "329"),
}

_GAPS: Final = b"".join(rb"\1.{%d}" % width for width in WIDTHS)
PLAUSIBLE: Final = re.compile(rb"ISA([^0-9A-Za-z \r\n])" + _GAPS[2:], re.DOTALL)
"""An ISA with its separators in place, whatever stands around it."""
LAYOUT: Final = re.compile(rb"ISA(.)" + _GAPS[2:], re.DOTALL)
"""The same with any character as separator, even one that cannot be."""

_AUTHORIZATIONS: Final = frozenset({"00", "01", "02", "03", "04", "05", "06", "07", "08"})
_SECURITIES: Final = frozenset({"00", "01"})
_NOTED: Final = Severity.WARNING
_DIGITS: Final = re.compile(r"[0-9]+")
_OF_SEVERAL_BYTES: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""One character of UTF-8 that is no ASCII."""


def is_date(text: str) -> bool:
    """Say whether `text` is a day of the calendar as YYMMDD or CCYYMMDD."""
    return date_fault(text) is None


@dataclass(frozen=True, slots=True)
class Header:
    """One ISA as read, segment `number` of the file: `elements[1]` is ISA01 with its padding (`elements[0]` is "ISA").

    `walkable` is False where the delimiters are such that nothing after the ISA can be cut into segments. `findings`
    are the faults of the ISA itself.
    """

    elements: tuple[str, ...]
    delimiters: Delimiters
    walkable: bool
    start: int
    number: int
    findings: tuple[Finding, ...]

    @property
    def control(self) -> str:
        """ISA13 without padding."""
        return self.elements[13].strip()

    def opens(self, ordinal: int, end: int) -> InterchangeOutline:
        """Give the interchange that this ISA opens, still without its groups; `end` is the byte after it."""
        return InterchangeOutline(
            ordinal=ordinal,
            delimiters=self.delimiters,
            sender_qualifier=self.elements[5].strip(),
            sender=self.elements[6].strip(),
            receiver_qualifier=self.elements[7].strip(),
            receiver=self.elements[8].strip(),
            date=self.elements[9],
            time=self.elements[10],
            version=self.elements[12],
            control=self.control,
            wants_ta1=self.elements[14] == "1",
            usage=self.elements[15],
            start=self.start,
            end=end,
            number=self.number,
            groups=(),
            findings=self.findings,
        )


def read_header(data: bytes | mmap, start: int, number: int, *, file: str | None = None) -> Header | Finding:
    """Read the ISA that begins at byte `start` as segment `number` of the file.

    Gives a Finding instead where it is cut short or its elements do not stand in their places: nothing in it can be
    trusted then, so that no TA1 can answer it.
    """
    text = bytes(data[start : start + LENGTH]).decode("latin-1")
    where = Position(file=file, byte=start, segment=number, segment_id="ISA")
    if (fault := _misshapen(data, start, text, where)) is not None:
        return fault
    elements = ("ISA", *(text[at : at + width] for at, width in zip(_STARTS, WIDTHS, strict=True)))
    where = Position(file=file, interchange=elements[13].strip(), segment=number, segment_id="ISA")
    delimiters, findings = _learn(text, elements, where, start)
    wide = _OF_SEVERAL_BYTES.match(data, start + LENGTH - 1)
    if wide is not None:
        findings.append(_wide(wide[0], where, start))
    after = re.match(rb"[\r\n]*", bytes(data[start + LENGTH : start + LENGTH + 8]))
    delimiters = replace(delimiters, suffix=after[0].decode("latin-1") if after else "")
    walkable = not (_is_text(text[3]) or _is_text(text[105]) or text[3] == text[105] or wide)
    return Header(elements, delimiters, walkable, start, number, (*findings, *_judge(elements, where, start)))


def _misshapen(data: bytes | mmap, start: int, text: str, where: Position) -> Finding | None:
    """Say what is wrong with the ISA's shape, None if its 16 separators and its terminator are where they must be."""
    size, separator = len(text), text[3:4]
    amiss = next((n for n, at in enumerate(_SEPARATORS) if at < size and text[at] != separator), None)
    if amiss is None and size < LENGTH:
        message = f"The ISA is cut: the file ends after {size} of its {LENGTH} characters."
        fix = "Wait for the rest, or ask the partner to send the file again."
        return Finding("envelope.truncated", Severity.REFUSE, message, where, wanted=f"{LENGTH} characters", fix=fix)
    if amiss is None:
        return None
    if _is_text(separator):
        message = f"After ISA stands {named(separator)}, which cannot be the element separator."
        fix = "Ask the partner for one and the same mark, such as *, after each element."
        return Finding("envelope.unreadable", Severity.REFUSE, message, where, seen=text, fix=fix)
    pieces = bytes(data[start : start + 400]).decode("latin-1").split(separator)[1:17]
    wrong = next((n for n, piece in enumerate(pieces[:15]) if len(piece) != WIDTHS[n]), None)
    if wrong is None:
        detail = f"after ISA{amiss:02d} the separator {named(separator)} is missing"
    else:
        detail = f"ISA{wrong + 1:02d} has {counted(len(pieces[wrong]), 'character')} instead of {WIDTHS[wrong]}"
    message = (
        f"The ISA is not laid out in fixed places: {detail}. Nothing in it can be trusted, so no TA1 can answer it."
    )
    fix = f"Ask the partner to pad each ISA element to its full width ({LENGTH} characters with the terminator)."
    if (width := _wrapped(data)) is not None:
        fix = (
            f"The file is cut into lines of {width} characters. Read it with --wrap {width}; "
            f"for all that come that way, write `wrap: {width}` under `in:` of the connection."
        )
    return Finding("envelope.unreadable", Severity.REFUSE, message, where, seen=text, fix=fix)


def _wrapped(data: bytes | mmap) -> int | None:
    """Give the width of the lines that a file is cut into amid its ISA, None if its lines are not all of one width."""
    begin = bytes(data[: 40 * LENGTH])
    end = re.search(rb"[\r\n]", begin)
    width = end.start() if end is not None else 0
    return width if 0 < width < LENGTH - 1 and unwrap(begin, width) != begin else None


def _learn(text: str, elements: tuple[str, ...], where: Position, start: int) -> tuple[Delimiters, list[Finding]]:
    """Take the delimiters from their places and say which of them cannot be delimiters."""
    element, component, segment = text[3], text[104], text[105]
    findings = []

    def refuse(what: str, letter: str, offset: int, code: str, reason: str) -> None:
        message = f"The {what} is {named(letter)}, which {reason}."
        place = Position(where.file, start + offset, where.interchange, segment=where.segment, segment_id="ISA")
        fix = "Ask the partner for other delimiters, such as * > ~."
        ack = AckCode("TA1", code)
        findings.append(Finding("envelope.delimiter", Severity.REFUSE, message, place, letter, ack=ack, fix=fix))

    meaningful = "cannot be told from the text"
    if _is_text(element):
        refuse("element separator", element, 3, "026", meaningful)
    elif text[:105].count(element) != 16 + (component == element):
        refuse("element separator", element, 3, "026", "also stands inside an element of the ISA")
    if _is_text(component):
        refuse("component separator (ISA16)", component, 104, "027", meaningful)
    elif component in {element, segment}:
        refuse("component separator (ISA16)", component, 104, "027", "is another delimiter already")
    if _is_text(segment):
        refuse("segment terminator (character 106)", segment, 105, "004", meaningful)
    elif segment == element:
        refuse("segment terminator (character 106)", segment, 105, "004", "is the element separator already")
    repetition, version = elements[11], elements[12]
    if not (_DIGITS.fullmatch(version) and version >= "00402") or _is_text(repetition) or repetition == element:
        return Delimiters(element, component, segment), findings  # the element separator inside the ISA is told above
    if repetition in {component, segment}:
        message = f"ISA11 is {named(repetition)}, which is another delimiter already; no element is taken to repeat."
        place = Position(where.file, start + 82, where.interchange, segment=where.segment, segment_id="ISA", element=11)
        findings.append(Finding("envelope.delimiter", Severity.WARNING, message, place, repetition))
        return Delimiters(element, component, segment), findings
    return Delimiters(element, component, segment, repetition), findings


def _wide(letter: bytes, where: Position, start: int) -> Finding:
    """Refuse a segment terminator of several bytes; what the ISA says of its place is only the first of them."""
    name = letter.decode("utf-8")
    message = f'The segment terminator (character 106) is "{name}", which takes {len(letter)} bytes instead of one.'
    place = Position(where.file, start + LENGTH - 1, where.interchange, segment=where.segment, segment_id="ISA")
    fix = "Ask the partner for other delimiters, such as * > ~."
    return Finding("envelope.delimiter", Severity.REFUSE, message, place, name, ack=AckCode("TA1", "004"), fix=fix)


def _is_text(letter: str) -> bool:
    return letter == " " or (letter.isascii() and letter.isalnum())


def _judge(elements: tuple[str, ...], where: Position, start: int) -> list[Finding]:
    """Check the elements of the ISA that decide how the interchange is treated."""
    findings = []

    def say(n: int, code: str, ack: str, message: str, severity: Severity = Severity.REFUSE) -> None:
        place = Position(
            where.file, start + _STARTS[n - 1], where.interchange, segment=where.segment, segment_id="ISA",
            path=f"ISA{n:02d}", element=n, element_id=ELEMENT_IDS["ISA"][n - 1],
        )  # fmt: skip
        text = f"ISA{n:02d} {quoted(elements[n])} {message}"
        findings.append(Finding(code, severity, text, place, elements[n], ack=AckCode("TA1", ack)))

    for n, known, ack in ((1, _AUTHORIZATIONS, "010"), (3, _SECURITIES, "012")):
        if elements[n] not in known:
            say(n, "envelope.qualifier", ack, "is no qualifier that X12 knows; what it speaks of is not read.", _NOTED)
    if not is_date(elements[9]):
        say(9, "envelope.date", "014", "is not a date (YYMMDD).")
    if bad_time(elements[10]):
        say(10, "envelope.time", "015", "is not a time of day (HHMM).")
    if not _DIGITS.fullmatch(elements[12]):
        say(12, "envelope.version", "017", "is not an interchange version of 5 digits, such as 00401.")
    if not _DIGITS.fullmatch(elements[13]):
        say(13, "envelope.control.invalid", "018", "is not a control number of 9 digits.")
    if elements[14] not in {"0", "1"}:
        say(
            14,
            "envelope.ack-requested",
            "019",
            "says neither 1 (send a TA1) nor 0; it is taken as 0.",
            Severity.WARNING,
        )
    if elements[15] not in {"P", "T", "I"}:
        say(15, "envelope.usage", "020", "is neither P (production), T (test) nor I (information).")
    return findings
