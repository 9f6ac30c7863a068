"""The control numbers of partners, as they came."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from edi_engine.store.schema import INTERCHANGE

MOST: Final = 50_000
"""The newest interchanges that are looked at, both ways: whoever asks often waits no longer for a long history."""


class Between(NamedTuple):
    """Who sent interchanges to whom: qualifiers and ids as in the ISA, and the partner that this is."""

    partner: str | None
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str


def numbers_of_theirs(connection: Connection, since: datetime) -> dict[Between, list[int]]:
    """Give the numbers of the interchanges that came since a moment, by sender and receiver, as they came."""
    table = INTERCHANGE.c
    begin = (connection.execute(select(func.max(table.id))).scalar() or 0) - MOST
    pair = (table.partner, table.sender_qualifier, table.sender, table.receiver_qualifier, table.receiver)
    wanted = select(*pair, table.control).where(table.direction == "in", table.id > begin, table.at >= since)
    found: dict[Between, list[int]] = defaultdict(list)
    for *names, control in connection.execute(wanted.order_by(table.id)):
        if control.isascii() and control.isdigit():
            found[Between(*names)].append(int(control))
    return dict(found)
