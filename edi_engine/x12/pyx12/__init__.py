"""A second opinion on what we send: pyx12 reads a document and says what it thinks of its envelopes.

The modules beside it go further: `export` writes our grammar as pyx12 maps, `verdict` has pyx12 validate a file by
them, `compare` holds that beside our own verdict, and `guide` reads such maps as guides of partners.

pyx12 is loaded only when it is asked, and only here. It knows the interchange versions 00401 and 00501, and it stops or
fails on some input that it should report, which is told as one more finding.
"""

from __future__ import annotations

from io import StringIO
from typing import Final

from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.wording import quoted

_LEVELS: Final = {"isa": "interchange", "gs": "group", "st": "set", "seg": "segment"}
_VERSIONS: Final = ("00401", "00501")
_MOST: Final = 100


def judge(data: bytes) -> tuple[Finding, ...]:
    """Let pyx12 read `data`, a file of one or more interchanges, and give its complaints about the envelopes.

    Codes are `x12.referee.interchange`, `.group`, `.set` and `.segment`, or `.unable` where pyx12 could not read on.
    None of them is ever sent as an acknowledgment.
    """
    from pyx12.errors import X12Error
    from pyx12.x12file import X12Reader

    text = data.decode("latin-1")
    version = text[84:89]
    if version.isdigit() and version not in _VERSIONS:
        known = " and ".join(_VERSIONS)
        message = f"pyx12 knows only the interchange versions {known}, so it has no opinion on {version}."
        return (Finding("x12.referee.unable", Severity.NOTE, message, seen=version),)
    complaints: list[tuple[str, str, str]] = []
    segments = 0
    try:
        reader = X12Reader(StringIO(text, newline=""))
        for _ in reader:
            segments += 1
            complaints.extend((kind, code, message) for kind, code, message, *_ in reader.pop_errors())
        reader.cleanup()
        complaints.extend((kind, code, message) for kind, code, message, *_ in reader.pop_errors())
    except (X12Error, IndexError, KeyError, TypeError, ValueError, AttributeError) as failure:
        why = str(failure) or type(failure).__name__
        message = f"pyx12 could not read on after segment {segments}: {why[:200]}"
        unable = Finding("x12.referee.unable", Severity.HOLD, message, Position(segment=segments + 1))
        return (*map(_finding, complaints[:_MOST]), unable)
    return tuple(map(_finding, complaints[:_MOST]))


def _finding(complaint: tuple[str, str, str]) -> Finding:
    kind, code, message = complaint
    text = f"pyx12 says: {message} (its code {quoted(code)})."
    return Finding(f"x12.referee.{_LEVELS.get(kind, 'segment')}", Severity.HOLD, text, seen=code)
