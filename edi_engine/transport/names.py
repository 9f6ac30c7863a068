"""File names as bytes: joined to a folder only where they name a file in it, and shown so that they forge nothing."""

from __future__ import annotations

from typing import Final

from edi_engine.errors import TransportError
from edi_engine.flow.names import plain

_SHOWN: Final = 300
"""Letters of a name that are shown: more than any file system holds, and less than fills a log."""


def checked(name: bytes) -> bytes:
    """Give `name` back. Raises TransportError (transport.filename) if it could lead out of its folder."""
    if not plain(name):
        message = f"the name {shown(name)} does not name a file in its folder; it is not touched"
        raise TransportError(message, code="transport.filename", retry=False)
    return name


def shown(name: bytes) -> str:
    """Write `name` for people: quoted, with what is not printable or not UTF-8 escaped."""
    text = name.decode("utf-8", "backslashreplace")
    safe = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
    return f'"{safe}"' if len(safe) <= _SHOWN else f'"{safe[:_SHOWN]}..." ({len(name)} bytes)'


def quoted(folder: str) -> str:
    """Write a folder for people, so that its end is seen: quoted, as names are."""
    return shown(folder.encode("utf-8", "surrogateescape"))
