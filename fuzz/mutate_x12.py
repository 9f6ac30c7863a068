"""Changes to X12 that know what a segment and an element are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from fuzz.mutate_bytes import change_bytes, cut_off

_ENVELOPE: Final = (b"ISA", b"GS", b"ST", b"SE", b"GE", b"IEA", b"TA1")
_IDS: Final = (*_ENVELOPE, b"HL", b"LS", b"LE", b"N1", b"PO1", b"REF", b"DTM", b"CTT", b"SDQ", b"AK1", b"AK2", b"AK3")
_MORE_IDS: Final = (b"AK4", b"AK5", b"AK9", b"IK3", b"IK4", b"IK5", b"CTX", b"ZZZ", b"", b"B", b"\xc4", b"BEG", b"isa")
_VALUES: Final = (
    (b"", b"0", b"-1", b"1", b"9" * 9, b"9" * 10, b"9" * 5000, b"1e999", b"+5", b"1_0", b".", b"-", b"-.0", b"00000000")
    + (
        b"\xb2\xb3\xb9",
        "\u0663\u0664".encode(),
        b"NaN",
        b"\x00",
        b"\x1a",
        b"\x7f\x80\xff",
        b"\r\n",
        b"\t",
        b" ",
        b"  A  ",
    )
    + (b"A" * 300, b"A" * 70_000, b"20251332", b"000229", b"240000", b"99", b"EA", b"ZZ", b"\xef\xbb\xbf", b"\xc3\x28")
)
_DELIMITERS: Final = b"*|~\n\r>:^!A 0\x1c\x1d\x1e\x1f\x85\xa0\x00\\.&U@'"
_VERSIONS: Final = (b"003040", b"004010", b"004030VICS", b"005010", b"006030", b"004010X", b"009999", b"")


def change_x12(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:
    """Change one thing."""
    return random.choice(_CHANGES)(random, data, donors)


def _signs(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Give element, component, segment and repetition sign of the first ISA, or the usual ones."""
    at = data.find(b"ISA")
    if at < 0 or len(data) < at + 106:
        return b"*", b">", b"~", b"^"
    return data[at + 3 : at + 4], data[at + 104 : at + 105], data[at + 105 : at + 106], data[at + 82 : at + 83]


def _segments(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:
    """Drop, repeat, swap, double, or take over segments."""
    _, _, terminator, _ = _signs(data)
    parts = data.split(terminator)
    at, other = random.randrange(len(parts)), random.randrange(len(parts))
    match random.randrange(6):
        case 0:
            del parts[at : at + random.choice((1, 1, 2, 10))]
        case 1:
            parts[at:at] = [parts[at]] * random.choice((1, 2, 20, 200))
        case 2:
            parts[at], parts[other] = parts[other], parts[at]
        case 3:
            donor = random.choice(donors) if donors else data
            pieces = donor.split(_signs(donor)[2])
            first = random.randrange(len(pieces))
            parts[at:at] = pieces[first : first + random.choice((1, 2, 10, 50))]
        case 4:
            parts[at:at] = parts[min(at, other) : max(at, other)]
        case _:
            parts[at] = random.choice((*_IDS, *_MORE_IDS)) + parts[at][len(parts[at][:3].rstrip(b"*")) :]
    return terminator.join(parts)


def _elements(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """Change one element of one segment."""
    element, component, terminator, repetition = _signs(data)
    parts = data.split(terminator)
    at = random.randrange(len(parts))
    row = parts[at].split(element)
    n = random.randrange(len(row))
    match random.randrange(7):
        case 0 | 1 | 2:
            row[n] = random.choice(_VALUES)
        case 3:
            row[n] = random.choice((component, repetition, b":", b"^")).join([row[n]] * random.choice((2, 3, 30, 500)))
        case 4:
            row[n:n] = [random.choice(_VALUES)] * random.choice((1, 1, 2, 40, 300))
        case 5:
            del row[n:]
        case _:
            row[n] += random.choice((element, component, terminator, repetition, b"\r\n", b"\x00", b"\xe9", b" "))
    parts[at] = element.join(row)
    return terminator.join(parts)


def _envelope(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """Change a count, a control number, a version or a set id."""
    element, _, terminator, _ = _signs(data)
    parts = data.split(terminator)
    places = [at for at, part in enumerate(parts) if part.lstrip().split(element)[0] in _ENVELOPE]
    if not places:
        return data
    at = random.choice(places)
    row = parts[at].split(element)
    n = random.randrange(1, len(row)) if len(row) > 1 else 0
    row[n] = random.choice(
        (*_VALUES, *_VERSIONS, *_VERSIONS, b"850", b"856", b"810", b"997", b"999", b"855", b"860", b"PO", b"FA")
    )
    parts[at] = element.join(row)
    return terminator.join(parts)


def _delimiters(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """Put another sign in place of one of the delimiters, everywhere or in the ISA alone."""
    old = random.choice(_signs(data))
    new = bytes([random.choice(_DELIMITERS)])
    if random.random() < 0.7:
        return data.replace(old, new) if old else data
    at = data.find(b"ISA") + random.choice((3, 82, 104, 105))
    return data[:at] + new + data[at + 1 :] if 3 <= at < len(data) else data


def _whole(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:
    """Glue, wrap, encode or prefix the whole file."""
    terminator = _signs(data)[2]
    match random.randrange(9):
        case 0:
            return data + (random.choice(donors) if donors else data)
        case 1:
            return data[: random.randrange(len(data) + 1)] + data
        case 2:
            return random.choice((b"\xef\xbb\xbf", b"\r\n\r\n", b"\x00" * 20, b"  ", b"GARBAGE")) + data
        case 3:
            return data.decode("latin-1").encode(random.choice(("utf-16", "utf-16-be", "utf-8", "utf-7")))
        case 4:
            return data.replace(terminator, terminator + random.choice((b"\r\n", b"\n", b" ", b"\r", b"\t\n", b"\x00")))
        case 5:
            width = random.choice((1, 2, 7, 80, 128))
            end = random.choice((b"\n", b"\r\n"))
            return end.join(data[at : at + width] for at in range(0, min(len(data), 20_000), width))
        case 6:
            return data.lower()
        case 7:
            return data * random.choice((2, 3, 8))
        case _:
            return data.replace(b"\r", b"").replace(b"\n", b"")


def _levels(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:  # noqa: ARG001
    """Put a chain of HL, or LS and LE, between two segments."""
    element, _, terminator, _ = _signs(data)
    parts = data.split(terminator)
    at, many = random.randrange(len(parts)), random.choice((2, 5, 50, 400))
    shape = random.randrange(4)
    made = []
    for n in range(1, many + 1):
        row = {
            0: (
                b"HL",
                b"%d" % n,
                b"%d" % (n - 1) if n > 1 else b"",
                random.choice((b"S", b"O", b"P", b"I", b"T", b"ZZ")),
            ),
            1: (b"HL", b"%d" % n, b"%d" % random.randrange(many), b"I"),
            2: (b"LS", b"%d" % n),
            3: (b"LE", b"%d" % n),
        }[shape]
        made.append(element.join(row))
    parts[at:at] = made
    return terminator.join(parts)


def _bytes(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:  # noqa: ARG001
    return change_bytes(random, data)


def _cut(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:  # noqa: ARG001
    return cut_off(random, data)


_Change = Callable[[Random, bytes, Sequence[bytes]], bytes]
_CHANGES: Final[tuple[_Change, ...]] = (
    *(_segments, _segments, _elements, _elements, _elements, _envelope, _envelope),
    *(_delimiters, _whole, _levels, _bytes, _cut),
)
