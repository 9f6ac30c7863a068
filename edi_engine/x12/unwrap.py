"""Files that somebody cut into lines of a fixed width: joined again, but only where the connection says so.

A wrapped file has a line end after each 80 characters (or whatever the width is), in the middle of segments and of
elements. Nothing in the bytes tells it from a file whose segments end with a line end, so it is never guessed.
"""

from __future__ import annotations

_ENDS = (b"\r\n", b"\n", b"\r")


def unwrap(data: bytes, width: int | None) -> bytes:
    """Take out the line ends that stand after every `width` bytes; None means that nothing is cut.

    A file that is not cut that way comes back as it is: all lines but the last must have exactly `width` bytes, else
    some line end may be a segment's own.
    """
    if width is None:
        return data
    end = next((end for end in _ENDS if data[width : width + len(end)] == end), None)
    if end is None:
        return data
    step = width + len(end)
    pieces: list[bytes] = []
    for start in range(0, len(data), step):
        piece = data[start : start + step]
        whole = len(piece) == step
        if whole and piece[width:] != end:
            return data
        line = piece[:width] if whole else piece.rstrip(b"\r\n")
        if b"\n" in line or b"\r" in line:
            return data
        pieces.append(line)
    return b"".join(pieces)
