"""Changes to files of lines and words: YAML, the dictionary's texts, XML."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from fuzz.mutate_bytes import change_bytes, cut_off

_WORD: Final = re.compile(rb"[^\s\"'<>{}\[\],:=|]+")


def text_changes(words: Sequence[bytes]) -> Callable[[Random, bytes, Sequence[bytes]], bytes]:
    """Give the change that knows lines and words; `words` are those that a file of this kind may trip over."""

    def change(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:
        match random.randrange(12):
            case 0 | 1 | 2 | 3:
                return _lines(random, data, donors)
            case 4 | 5 | 6 | 7:
                return _put(random, data, random.choice(words))
            case 8:
                return _swapped(random, data)
            case 9:
                return random.choice((b"\xef\xbb\xbf", b"\xff\xfe", b"%", b"\t", b"---\n", b"\x00")) + data
            case 10:
                return cut_off(random, data)
            case _:
                return change_bytes(random, data)

    return change


def _lines(random: Random, data: bytes, donors: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(7):
        case 0:
            del lines[at : at + random.choice((1, 1, 2, 8))]
        case 1:
            lines[at:at] = [lines[at]] * random.choice((1, 2, 30))
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = b" " * random.choice((1, 2, 2, 4, 60)) + lines[at]
        case 4:
            lines[at] = lines[at].removeprefix(b"  ")
        case 5:
            donor = (random.choice(donors) if donors else data).split(b"\n")
            first = random.randrange(len(donor))
            lines[at:at] = donor[first : first + random.choice((1, 1, 3, 20))]
        case _:
            lines[at:at] = lines[min(at, other) : max(at, other)]
    return b"\n".join(lines)


def _put(random: Random, data: bytes, word: bytes) -> bytes:
    """Put `word` in place of one that stands there, or before or behind it."""
    found = [match.span() for match in _WORD.finditer(data[:50_000])]
    if not found:
        return data + word
    start, end = random.choice(found)
    match random.randrange(4):
        case 0:
            return data[:start] + word + data[start:]
        case 1:
            return data[:end] + word + data[end:]
        case _:
            return data[:start] + word + data[end:]


def _swapped(random: Random, data: bytes) -> bytes:
    """Put a word of the file in place of another."""
    found = [match.group() for match in _WORD.finditer(data[:50_000])]
    return _put(random, data, random.choice(found)) if found else data
