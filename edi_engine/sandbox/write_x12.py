"""How the retailer writes X12: by its own few lines, so that our reader is judged by somebody else's writer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from edi_engine.sandbox.profile import Profile
from edi_engine.x12.writer import COMPONENT

Segments = Sequence[Sequence[str]]
"""The segments of one set without ST and SE, each its id and elements; COMPONENT stands inside composites."""


def interchange(
    profile: Profile, kind: str, sets: Sequence[tuple[str, Segments]], *, control: int, now: datetime, usage: str
) -> bytes:
    """Write one interchange with one group of `kind` (GS01) around `sets` (set id, segments).

    The interchange, its group and its sets are numbered from `control`; `now` dates them.
    """
    group = str(control)
    body: list[Sequence[str]] = []
    for ordinal, (set_id, segments) in enumerate(sets, 1):
        number = f"{ordinal:04}"
        body.append(("ST", set_id, number))
        body.extend(segments)
        body.append(("SE", str(len(segments) + 2), number))
    isa = (
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        profile.our_qualifier,
        profile.our_id.ljust(15),
        profile.their_qualifier,
        profile.their_id.ljust(15),
        now.strftime("%y%m%d"),
        now.strftime("%H%M"),
        profile.repetition,
        profile.interchange_version,
        f"{control:09}",
        "0",
        usage,
        profile.component,
    )
    gs = (
        "GS",
        kind,
        profile.our_group_id,
        profile.their_group_id,
        now.strftime("%Y%m%d"),
        now.strftime("%H%M"),
        group,
        "X",
        profile.version,
    )
    written = (isa, gs, *body, ("GE", str(len(sets)), group), ("IEA", "1", f"{control:09}"))
    text = "".join(profile.element.join(segment) + profile.segment for segment in written)
    return text.replace(COMPONENT, profile.component).encode(profile.charset)
