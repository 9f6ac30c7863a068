"""Two verdicts on one file, ours and that of pyx12, drawn beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edi_engine.cli.plain import counted, safe

if TYPE_CHECKING:
    from edi_engine.finding import Finding
    from edi_engine.x12.pyx12.compare import Comparison
    from edi_engine.x12.pyx12.verdict import Complaint

_MOST: Final = 50
"""Rows of a section that are drawn."""
_MOST_OF_ONE: Final = 5
"""Complaints of pyx12 that are drawn beside one finding of ours."""


def content(found: Comparison) -> dict[str, object]:
    """Give both verdicts for `--json`."""
    return {
        "valid": found.valid,
        "stopped": found.stopped,
        "agreed": [{"ours": finding, "pyx12": complaints} for finding, complaints in found.agreed],
        "only_we": found.ours,
        "only_pyx12": found.theirs,
    }


def drawn(found: Comparison) -> Iterator[str]:
    """Give the lines that tell both verdicts: what both say, what only we say, what only pyx12 says."""
    yield ""
    yield f"The referee, pyx12, by our grammar: {_verdict(found)}"
    if found.stopped is not None and not (found.agreed or found.theirs):
        return
    yield from _section("Both say", [(_ours(finding), [*map(_theirs, more)]) for finding, more in found.agreed])
    yield from _section("Only we say", [(_ours(finding), []) for finding in found.ours])
    yield from _section("Only pyx12 says", [(_theirs(each), []) for each in found.theirs])


def _verdict(found: Comparison) -> str:
    if found.stopped is not None:
        return safe(found.stopped)
    word = "valid" if found.valid else "not valid"
    if found.valid and (found.agreed or found.theirs):
        word = "valid by its last word, though it complains"
    if not found.ours and not found.theirs:
        return f"{word}, and both agree."
    agreed = counted(len(found.agreed), "fault")
    return f"{word}; {agreed} agreed, {len(found.ours):,} told only by us, {len(found.theirs):,} only by pyx12."


def _section(title: str, rows: list[tuple[str, list[str]]]) -> Iterator[str]:
    if rows:
        yield ""
        yield f"{title}:"
    for first, more in rows[:_MOST]:
        yield f"  {first}"
        for each in more[:_MOST_OF_ONE]:
            yield f"    = {each}"
        if len(more) > _MOST_OF_ONE:
            yield f"    = and {len(more) - _MOST_OF_ONE:,} more of the same"
    if len(rows) > _MOST:
        yield f"  and {len(rows) - _MOST:,} more; --json has them all"


def _ours(finding: Finding) -> str:
    where = f"segment {finding.where.segment:,}" if finding.where.segment is not None else "file"
    return safe(f"{where}  {finding.code}  {finding.message}")


def _theirs(complaint: Complaint) -> str:
    where = f"segment {complaint.segment:,}" if complaint.segment is not None else "file"
    code = f"pyx12 {complaint.code}" if complaint.code else "pyx12"
    return safe(f"{where}  {code}: {complaint.text}")
