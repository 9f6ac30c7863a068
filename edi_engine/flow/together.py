"""What becomes of a sound set because of others that came with it, where the partner wants them taken together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.wording import a_or_an
from edi_engine.x12.acknowledge import TOGETHER
from edi_engine.x12.values import SetOutline

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner, Reception

BY_SET = "by_set"
_REFUSING = frozenset({"whole_group", "whole_interchange"})
_OF_GROUP = frozenset({"whole_group", "hold_group"})


@dataclass(frozen=True, slots=True)
class Fate:
    """One set or group was refused, `because` names it: what that means for the sound sets beside it."""

    partner: Partner
    because: str

    @property
    def refuses(self) -> bool:
        """Whether they are refused too; else they wait for a person."""
        return self.partner.reception.acceptance in _REFUSING

    def of_set(self, found: SetOutline, where: Position) -> Finding:
        """Say it of a sound set; `where` is what its envelopes are."""
        where = replace(where, byte=found.start, segment=found.number, in_set=1, segment_id="ST")
        what = a_or_an(found.set_id).capitalize()
        which = f"{what} that is sound came together with {self.because}, which was refused"
        if self.refuses:
            return Finding(
                TOGETHER,
                Severity.REFUSE,
                f"{which}: {self.partner.title} wants all of it taken or nothing, so it was refused as well.",
                where,
                fix="ask the partner to repair that one and to send all of it again",
                source=self.partner.source,
            )
        return Finding(
            "x12.together.held",
            Severity.HOLD,
            f"{which}: by what was agreed with {self.partner.title}, it was acknowledged and waits for a person.",
            where,
            fix="retry the case to book it; dismiss it if it is not to count",
            source=self.partner.source,
        )

    def of_group(self, group: str) -> tuple[Finding, ...]:
        """Say it of a whole group that is refused without a fault of its own.

        It gives AK9 no code: each of element 716 (AK905) names a fault of GS, GE or security that this group does not
        have, and its sender would look for it there. AK905 is optional, and the AK5 R of each set says that it failed.
        """
        if not self.refuses:
            return ()
        message = f"Group {group} is refused together with {self.because}."
        where = Position(group=group)
        return (Finding(TOGETHER, Severity.REFUSE, message, where, source=self.partner.source),)


def stands_alone(reception: Reception) -> bool:
    """Say whether no set is touched by what becomes of the others."""
    return reception.acceptance == BY_SET


def by_group(reception: Reception) -> bool:
    """Say whether what counts as together is the group; else it is the interchange."""
    return reception.acceptance in _OF_GROUP
