"""A finding drawn as a good compiler draws it: what, where, the segment itself with a mark below it, and what to do."""

from __future__ import annotations

import textwrap
from mmap import mmap
from typing import TYPE_CHECKING, Final

import click

from edi_engine.cli.excerpt import Excerpt, excerpt
from edi_engine.cli.plain import ordinal, safe
from edi_engine.finding import Finding, Position, Severity
from edi_engine.x12.acknowledge import code_in, details
from edi_engine.x12.values import Delimiters
from edi_engine.x12.writer import COMPONENT

if TYPE_CHECKING:
    from edi_engine.app.answering import Speech

LABELS: Final = {
    Severity.NOTE: "note",
    Severity.WARNING: "warning",
    Severity.HOLD: "hold",
    Severity.REFUSE: "error",
}
COLORS: Final = {
    Severity.NOTE: "cyan",
    Severity.WARNING: "yellow",
    Severity.HOLD: "magenta",
    Severity.REFUSE: "red",
}

NARROWEST: Final = 40
_SETS: Final = {"850": "order", "860": "order change", "810": "invoice", "856": "ship notice"}
_EVERY_CODE: Final = "999999"
"""A version later than all, for a fault of which nobody knows in which version it is answered."""


def render(
    finding: Finding,
    data: bytes | mmap | None = None,
    delimiters: Delimiters | None = None,
    *,
    speech: Speech | None = None,
    color: bool,
    width: int = 100,
) -> str:
    """Draw `finding`, in lines without a last line end. `data` is its file, `width` the terminal's columns.

    `speech` says in what words its sender is told; without it, in a 997 and TA1 that have them all.

    Any bytes and any position give a drawing; the segment is left out where `data` has nothing at that place.
    """
    width = max(width, NARROWEST)
    where = finding.where
    found = excerpt(data, delimiters, finding) if data is not None else None
    number = str(where.segment) if where.segment is not None else ""
    margin = " " * (max(len(number), 2) + 2)
    lines = [_headline(finding, color=color)]
    spot = place(where)
    if spot:
        lines.append(f"{margin[1:]}--> {spot}")
    if found is not None:
        lines += _drawn(found, finding, number, margin, width, color=color)
    remarks = [("ack", _acknowledged(finding, delimiters or Delimiters(), speech)), ("rule", finding.source)]
    if found is None or _beside(found, finding, margin, width) is None:
        remarks.append(("wanted", finding.wanted))
    remarks.append(("fix", finding.fix))
    for word, text in remarks:
        if text:
            lines += _remark(word, safe(text), margin, width, color=color)
    return "\n".join(lines)


def in_a_line(finding: Finding, *, color: bool = False) -> str:
    """Write `finding` in one line, as for a file of text: `file:line:column: hold[code]: message`."""
    where = finding.where
    spot = ":".join(str(part) for part in (where.file, where.line_no, where.column) if part is not None)
    return (f"{safe(spot)}: " if spot else "") + _headline(finding, color=color)


def remarked(finding: Finding, *, color: bool = False, width: int = 100) -> str:
    """Write `finding` in one line, and below it the rule that judged and what to do."""
    lines = [in_a_line(finding, color=color)]
    for word, text in (("rule", finding.source), ("fix", finding.fix)):
        if text:
            lines += _remark(word, safe(text), "    ", width, color=color)
    return "\n".join(lines)


def place(where: Position) -> str:
    """Say where something stands, with all that the position knows; "" where it knows nothing."""
    if where.line_no is not None:
        spot = f"{where.file or ''}:{where.line_no}" + (f":{where.column}" if where.column is not None else "")
        return safe(spot)
    in_file = []
    if where.segment is not None:
        in_file.append(f"segment {where.segment}" + (f" ({_in_set(where)})" if where.in_set is not None else ""))
    elif where.in_set is not None:
        in_file.append(_in_set(where))
    elif where.set_control is not None:
        in_file.append(f"ST {where.set_control}")
    elif where.group is not None:
        in_file.append(f"GS {where.group}")
    elif where.interchange is not None:
        in_file.append(f"ISA {where.interchange}")
    if where.byte is not None:
        in_file.append(f"byte {where.byte}")
    path = where.path or (f"order line {where.line}" if where.line is not None else where.segment_id)
    element = f"(element {where.element_id})" if where.element_id is not None else ""
    parts = (where.file, ", ".join(in_file), " ".join(part for part in (path, element) if part))
    widths = ("  ", "   ", "")
    text = "".join(part + gap for part, gap in zip(parts, widths, strict=True) if part)
    return safe(text.rstrip())


def _in_set(where: Position) -> str:
    of = f"ST {where.set_control}" if where.set_control is not None else "its set"
    return f"{ordinal(where.in_set or 0)} of {of}"


def _headline(finding: Finding, *, color: bool) -> str:
    label = f"{LABELS[finding.severity]}[{finding.code}]"
    message = safe(finding.message)
    if not color:
        return f"{label}: {message}"
    return f"{click.style(label, fg=COLORS[finding.severity], bold=True)}: {click.style(message, bold=True)}"


def _drawn(found: Excerpt, finding: Finding, number: str, margin: str, width: int, *, color: bool) -> list[str]:
    window = found.window(width - len(margin) - 3)
    mark = "^" * window.length
    beside = _beside(found, finding, margin, width)
    if color:
        mark = click.style(mark, fg=COLORS[finding.severity], bold=True)
    below = " " * window.start + mark + (f" {beside}" if beside else "")
    return [
        f"{margin}|",
        f" {number:>{len(margin) - 2}} |  {window.text}",
        f"{margin}|  {below}",
    ]


def _beside(found: Excerpt, finding: Finding, margin: str, width: int) -> str | None:
    """Give what stands beside the mark, None where it would not fit."""
    if not finding.wanted:
        return ""
    window = found.window(width - len(margin) - 3)
    text = f"wanted {safe(finding.wanted)}"
    return text if len(margin) + 4 + window.start + window.length + len(text) <= width else None


def _remark(word: str, text: str, margin: str, width: int, *, color: bool) -> list[str]:
    begin = f"{margin}= {word}: "
    styled = f"{margin}= {click.style(word, bold=True)}: " if color else begin
    room = max(width - len(begin), NARROWEST // 2)
    first, *rest = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    return [styled + first, *(" " * len(begin) + line for line in rest)]


def _acknowledged(finding: Finding, delimiters: Delimiters, speech: Speech | None) -> str | None:
    """Say with which segments the acknowledgment would tell this fault, and what it would do to the set."""
    if finding.ack is None or finding.severity not in {Severity.WARNING, Severity.REFUSE}:
        return None
    where, level, code = finding.where, finding.ack.level, finding.ack.code
    refuses = finding.severity is Severity.REFUSE
    if level == "TA1":
        if speech is not None and not speech.ta1:
            return f"TA1 with note {code} {'refuses' if refuses else 'notes'} this, but none would be sent here"
        fate = "refuse this interchange" if refuses else "accept this interchange with a note"
        return f"TA1 with note {code}  the TA1 would {fate}"
    set_id = speech.set_id if speech is not None else "997"
    if not set_id:
        return None
    if speech is not None and speech.version:
        code = code_in(level, code, speech.version, set_id)
        if not code:
            return None  # this version has no word for it
    if level == "AK9":
        fate = "refuse this group" if refuses else "accept this group with a note"
        return f"AK9*{'R' if refuses else 'E'}*...*{code}  the {set_id} would {fate}"
    subject = _SETS.get(where.set_id or "", "set")
    fate = f"refuse this {subject}" if refuses else f"accept this {subject} with a note"
    letters = "IK" if set_id == "999" else "AK"
    if level == "AK5":
        told = [f"{letters}5*{'R' if refuses else 'E'}*{code}"]
    else:
        version = (speech.version if speech is not None else "") or _EVERY_CODE
        segments = details(finding, version, set_id, delimiters)
        told = ["*".join(one).replace(COMPONENT, delimiters.component) for one in segments] or [f"{level} {code}"]
    return "  ".join([*told, f"the {set_id} would {fate}"])
