"""What a file is read by: the standard, the partner files and the time."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from edi_engine.errors import UsageError
from edi_engine.mapping.language import ReadingMap
from edi_engine.partners.chosen_map import ChosenMap
from edi_engine.x12.check import SetChecker, checker
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.guide import Guide

if TYPE_CHECKING:  # looking at a file must not load what the ledger and the loaders need
    from edi_engine.flow.ports import Clock
    from edi_engine.partners.edition_value import Edition
    from edi_engine.partners.partner import Partner

ACKNOWLEDGMENT_PLACES = {
    "997": frozenset({"AK102", "AK2/AK202", "AK2/AK501", "AK901"}),
    "999": frozenset({"AK102", "AK2/AK202", "AK2/IK501", "AK901"}),
}
"""What is read of an acknowledgment. Its other codes may be odd: ours repeats what a partner sent, such as an ST01 that
X12 does not know, and what theirs repeats is their affair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What a file is read by: the standard, one edition of the partner files (pinned), the time. Changes nothing.

    `base_map` gives the shipped reading map of a set (such as 850), for files of no partner. `cache` holds compiled
    checks.
    """

    clock: Clock
    edition: Edition
    dictionary: Dictionary
    cache: MutableMapping[str, bytes] = field(default_factory=dict)
    base_map: Callable[[str], ReadingMap | None] = lambda _set_id: None

    def partner(self, name: str | None) -> Partner:
        """Give a partner that something stored belongs to. Raises UsageError if the edition has it no more."""
        found = self.edition.partners.get(name or "")
        if found is None:
            message = f"the partner {name} is no longer in the partner files; put its file back"
            raise UsageError(message)
        return found

    def version_of(self, gs08: str, partner: Partner | None) -> str | None:
        """Give the version that we read a group in: that of its GS08, else what its partner's file puts for it."""
        version = self.dictionary.resolve(gs08)
        return partner.envelope.versions.get(gs08[:6]) if version is None and partner is not None else version

    def today(self, partner: Partner) -> date:
        """Give the partner's day."""
        return partner.local(self.clock.now()).date()

    def checker(
        self, version: str, set_id: str, partner: Partner | None, *, received: bool = False
    ) -> SetChecker | None:
        """Give the check of a set for a partner's guide and maps; None if the dictionary of `version` lacks it.

        In a set that was `received`, and that no map reads, no wrong code matters; in one of ours each does.
        """
        if self.dictionary.set(version, set_id) is None:
            return None
        guide: Guide | None = partner.guides.get(set_id) if partner else None
        reads = self.places_read(version, set_id, partner)
        if reads is None and received:
            reads = frozenset()
        return checker(self.dictionary, version, set_id, guide, reads, self.cache)

    def reading_maps(self, set_id: str, partner: Partner | None) -> tuple[ReadingMap, ...]:
        """Give the maps that may read `set_id`: the partner's, or the base map where no partner is known."""
        chosen = (choice.map for choice in self.reading_choices(set_id, partner))
        return tuple(found for found in chosen if isinstance(found, ReadingMap))

    def reading_choices(self, set_id: str, partner: Partner | None) -> tuple[ChosenMap, ...]:
        """Give the same maps, each with what the order must be that it gives."""
        if partner is not None:
            return partner.maps.get(set_id, ())
        base = self.base_map(set_id)
        return () if base is None else (ChosenMap(base),)

    def places_read(self, version: str, set_id: str, partner: Partner | None) -> frozenset[str] | None:
        """Give the places that maps read; None (everything counts) for a set that no map reads."""
        if set_id in ACKNOWLEDGMENT_PLACES:
            return ACKNOWLEDGMENT_PLACES[set_id]
        maps = self.reading_maps(set_id, partner)
        if not maps:
            return None
        return frozenset().union(*(found.places(version) for found in maps))
