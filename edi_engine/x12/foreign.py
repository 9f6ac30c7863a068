"""What a file is that does not begin with an ISA, told by its first bytes."""

from __future__ import annotations

import re
from mmap import mmap
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.wording import counted, quoted

_ASK: Final = "Ask the partner to send the X12 file itself, beginning with ISA."
_SAVE_AGAIN: Final = "Ask the partner to send the file as plain ASCII text."

_ENCODED: Final = (
    (re.compile(rb"\xff\xfe|I\x00S\x00A\x00"), "UTF-16 text (little-endian)"),
    (re.compile(rb"\xfe\xff|\x00I\x00S\x00A"), "UTF-16 text (big-endian)"),
    (re.compile(rb"[\x05\x0d\x15\x25\x40]*\xc9\xe2\xc1"), "EBCDIC text, as mainframes write it"),
)

_KINDS: Final = (
    (re.compile(rb"%PDF-"), "a PDF document"),
    (re.compile(rb"PK\x03\x04|PK\x05\x06"), "a ZIP archive (or an office document)"),
    (re.compile(rb"\x1f\x8b"), "a gzip archive"),
    (re.compile(rb"BZh[1-9]"), "a bzip2 archive"),
    (re.compile(rb"\xfd7zXZ\x00"), "an xz archive"),
    (re.compile(rb"7z\xbc\xaf\x27\x1c"), "a 7-Zip archive"),
    (re.compile(rb"Rar!\x1a\x07"), "a RAR archive"),
    (re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an old office document"),
    (re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*"), "a picture"),
    (re.compile(rb"-----BEGIN PGP"), "a PGP message, still encrypted or signed"),
    (re.compile(rb"-----BEGIN |\x30\x82..\x06\x09\x2a\x86\x48", re.DOTALL), "a certificate or S/MIME message"),
    (re.compile(rb"(?:[\x84\xc1].\x03|\x85..\x03|[\x8c\xc3].\x04)", re.DOTALL), "an encrypted PGP file"),
    (re.compile(rb"(?i:<!doctype html|<html|<head|<body)"), "an HTML page"),
    (re.compile(rb"<[?!A-Za-z]"), "an XML file"),
    (re.compile(rb"[{\[]\s*(?:[\"{}\[\]0-9tfn-]|\Z)"), "a JSON file"),
    (re.compile(rb"UNA......?UNB|UNB[+]", re.DOTALL), "an EDIFACT interchange"),
    (re.compile(rb"STX="), "a TRADACOMS interchange"),
    (re.compile(rb"(?i:mime-version|content-type|content-transfer-encoding|received|message-id):"), "a mail message"),
    (re.compile(rb"(?:GS|ST|GE|SE|IEA|TA1)[^A-Za-z0-9]"), "a piece of X12 without its ISA"),
)

_TEXT: Final = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]*")
_PEEK: Final = 512


def foreign(data: bytes | mmap, at: int, isa: int | None, *, file: str | None) -> Finding:
    """Say why a file cannot be read as X12. `at` is its first byte that is not padding, `isa` where an ISA stands."""
    size = len(data)
    if at >= size:
        what = (
            "The file is empty (0 bytes)."
            if size == 0
            else f"The file holds nothing but blanks ({counted(size, 'byte')})."
        )
        return _finding("envelope.unreadable", f"{what} Ask the partner to send it again.", file, 0, fix=_ASK)
    raw, head = bytes(data[:_PEEK]), bytes(data[at : at + _PEEK])
    for pattern, what in _ENCODED:
        if pattern.match(raw):
            message = f"The file is {what}, which cannot be read as X12."
            return _finding("envelope.charset", message, file, 0, fix=_SAVE_AGAIN, seen=head[:3].hex(" ").upper())
    what = next((kind for pattern, kind in _KINDS if pattern.match(head) or pattern.match(raw)), "")
    if not what:
        what = "plain text" if _TEXT.fullmatch(head) else "binary content of an unknown kind"
    start = quoted(head[:20].decode("latin-1"))
    message = f"This is not an X12 file: it looks like {what} and begins with {start} instead of ISA."
    fix = _ASK
    if isa is not None:
        message += f" An ISA stands at byte {isa:,}."
        fix = f"Have the partner leave out the {counted(isa, 'byte')} before the ISA."
    return _finding("envelope.unreadable", message, file, at, fix=fix, seen=head[:20].decode("latin-1"))


def _finding(code: str, message: str, file: str | None, byte: int, *, fix: str, seen: str | None = None) -> Finding:
    where = Position(file=file, byte=byte)
    return Finding(code, Severity.REFUSE, message, where, seen=seen, wanted="ISA", fix=fix)
