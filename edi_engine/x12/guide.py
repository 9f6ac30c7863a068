"""A partner's guide to one set: what it narrows of the standard, and what it visibly relaxes.

A fault against a guide is a case for people, never an X12 error: its finding has a code `partner.guide.*`, holds the
set and carries no code for the acknowledgment. What a rule allows turns the standard's own finding into a note.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from edi_engine.x12.path import Path

ALLOWABLE: Final = frozenset(
    {"missing", "length", "character", "code", "date", "time", "condition", "extra", "repeated", "components"}
    | {"misplaced", "unknown", "foreign", "parent", "children", "bounds", "empty", "trailing"}
)
"""What `allow` may name: the last words of the findings `x12.element.*`, `segment.*`, `loop.*` and `level.*`."""


@dataclass(frozen=True, slots=True)
class GuideRule:
    """What a partner says of one place.

    `path` starts at the set. It names an element (`BEG07`, `REF(DP)03`), a segment (`REF(DP)`, `PO1/PID`), a loop
    (`N1(ST)`) or a value in pairs (`PO1(VN)`, which every PO1 is asked for). `codes`, `minimum` and `maximum` judge the
    element, or the value that the qualifier qualifies; lengths are in characters. `allow` names findings of the
    standard that are only noted here. `source` is the rule's place in the partner's file, such as `partner.yaml:41`.
    """

    path: Path
    required: bool = False
    not_used: bool = False
    codes: frozenset[str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    allow: frozenset[str] = field(default=frozenset())
    source: str = ""

    @property
    def narrows(self) -> bool:
        """Say whether the rule asks for more than the standard does."""
        limited = self.codes is not None or self.minimum is not None or self.maximum is not None
        return self.required or self.not_used or limited


@dataclass(frozen=True, slots=True)
class Guide:
    """All rules of a partner for one set, such as `850`."""

    set_id: str
    rules: tuple[GuideRule, ...] = ()
