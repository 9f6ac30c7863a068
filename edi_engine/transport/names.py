"""File names as bytes: which of them may be joined to a folder, and how they are shown."""

from __future__ import annotations

from edi_engine.errors import TransportError


def plain(name: bytes) -> bool:
    """Say whether `name` can only mean an entry of its own folder: not empty, ".", ".." and without slash or NUL."""
    return name not in {b"", b".", b".."} and b"/" not in name and b"\0" not in name


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
    return f'"{safe}"'
