"""An interchange in work: what was stored of it, its bytes, and what the first pass saw of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from edi_engine.flow.cases import Waiting
from edi_engine.flow.office import Office
from edi_engine.flow.receive import text_of
from edi_engine.flow.received import Received, take
from edi_engine.flow.records import FileRecord, GroupRecord, InterchangeRecord, SetRecord
from edi_engine.flow.together import Fate
from edi_engine.partners.partner import Address, Partner
from edi_engine.x12.reader import outline
from edi_engine.x12.values import GroupOutline, InterchangeOutline, SetOutline


@dataclass(frozen=True, slots=True)
class Opened:
    """An interchange in work: its records, its bytes and what the first pass saw of it.

    `fates` says, by the ordinals of groups, what becomes of the sound sets in them because of others.
    """

    file: FileRecord
    record: InterchangeRecord
    data: bytes
    outline: InterchangeOutline
    partner: Partner
    fates: Mapping[int, Fate] = field(default_factory=dict)

    def group(self, record: GroupRecord) -> GroupOutline:
        """Give the outline of one of its groups."""
        return next(group for group in self.outline.groups if group.ordinal == record.ordinal)

    def received(self, group: GroupOutline, found: SetOutline) -> Received:
        """Give one of its sets, ready to be read."""
        return take(self.data, self.file.name, self.outline, group, found)

    @property
    def sender(self) -> Address:
        """The address that it came from."""
        return Address(self.outline.sender_qualifier, self.outline.sender)


def take_up(office: Office, record: InterchangeRecord) -> Opened | None:
    """Read an opened interchange back from the store; None if its partner is no longer in the edition."""
    partner = office.edition.partners.get(record.partner or "")
    if record.file_id is None or partner is None:
        return None
    with office.ledger.reading() as unit:
        file = unit.files.get(record.file_id)
        data = text_of(unit, file)
    seen = next(one for one in outline(data, file=file.name).interchanges if one.ordinal == record.ordinal)
    return Opened(file, record, data, seen, partner)


def of_interchange(opened: Opened) -> Waiting:
    """Say what a case about the whole interchange is about."""
    subject = f"interchange:{opened.record.id}"
    return Waiting(subject, "judge", opened.file.at, partner=opened.partner.name, file_id=opened.file.id)


def waiting_for(opened: Opened, record: SetRecord) -> Waiting:
    """Say what a case about this set is about."""
    return Waiting(f"set:{record.id}", "judge", opened.file.at, partner=opened.partner.name, file_id=opened.file.id)
