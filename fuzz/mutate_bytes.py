"""Changes that know nothing of what they change."""

from __future__ import annotations

from random import Random
from typing import Final

_BYTES: Final = b"\x00\x01\x09\x0a\x0d\x1a\x1b\x20\x7f\x80\x85\xa0\xad\xc0\xe2\xed\xef\xfe\xff"


def change_bytes(random: Random, data: bytes) -> bytes:
    """Change, take out, put in or double some bytes."""
    at = random.randrange(len(data) + 1)
    many = random.choice((1, 1, 1, 2, 4, 16, 100))
    match random.randrange(5):
        case 0:
            return data[:at] + bytes(random.randrange(256) for _ in range(many)) + data[at + many :]
        case 1:
            return data[:at] + data[at + many :]
        case 2:
            return data[:at] + bytes([random.choice(_BYTES)]) * many + data[at:]
        case 3:
            return data[:at] + data[at : at + many] * random.choice((2, 2, 30)) + data[at + many :]
        case _:
            return data[:at] + bytes([random.choice(_BYTES)]) + data[at + 1 :]


def cut_off(random: Random, data: bytes) -> bytes:
    """Let the data end, or begin, somewhere else."""
    at = random.randrange(len(data) + 1)
    return data[:at] if random.random() < 0.8 else data[at:]
