"""File names as bytes: which of them can stand in a folder at all."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 1024
"""Bytes of the longest name that any file system holds (255 letters, in UTF-8); a longer one is an attack or a bug."""


def plain(name: bytes) -> bool:
    """Say whether `name` can only mean an entry of its own folder: not empty, ".", "..", and without slash or NUL."""
    return 0 < len(name) <= LONGEST and name not in {b".", b".."} and b"/" not in name and b"\0" not in name
