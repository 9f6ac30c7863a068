"""How the messages of this room show values and counts."""

from __future__ import annotations

from typing import Final

_LONGEST: Final = 40


class _Shown(dict[int, str]):
    """What a character is shown as, by its number; those of one byte are kept."""

    def __missing__(self, number: int) -> str:
        """Work it out."""
        shown = chr(number) if chr(number).isprintable() else f"\\x{number:02X}"
        if number < 256:
            self[number] = shown
        return shown


_SHOWN: Final = _Shown()


def quoted(text: str) -> str:
    r"""Give `text` in double quotes, cut at 40 characters, with what cannot be printed written as \xNN."""
    if len(text) <= _LONGEST and text.isprintable():
        return f'"{text}"'
    shown = text[:_LONGEST].translate(_SHOWN)
    return f'"{shown}..."' if len(text) > _LONGEST else f'"{shown}"'


def counted(number: int, noun: str) -> str:
    """Give `1 segment`, `2 segments`, `1,000 segments`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def named(letter: str) -> str:
    """Give a delimiter as people call it: `"*"`, `a line feed`, `the byte 1D`."""
    names = {"\r": "a carriage return", "\n": "a line feed", "\t": "a tab", " ": "a blank"}
    if letter in names:
        return names[letter]
    return f'"{letter}"' if " " < letter <= "~" else f"the byte {ord(letter):02X}"
