"""A set read into an order by the map of its partner, whoever asks and whatever becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edi_engine.finding import Finding, Position, Severity
from edi_engine.flow.books import Books
from edi_engine.flow.placing import names_a_field, placed
from edi_engine.flow.wording import a_or_an
from edi_engine.mapping.language import ReadingMap
from edi_engine.mapping.read import Reading, read
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Delimiters, Loop, SetOutline

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner


@dataclass(frozen=True, slots=True)
class Received:
    """One set as it stands in its file: text (one character a byte), outline, delimiters, GS08, its shared place."""

    text: str
    outline: SetOutline
    delimiters: Delimiters
    version: str
    where: Position


def read_order(books: Books, received: Received, partner: Partner | None) -> tuple[Reading | None, ReadingMap | None]:
    """Read a set by the partner's map, or the base map where no partner is known; None where no map makes orders.

    Of several maps, the first is taken whose own reading gives an order that fits its `where`.
    """
    tree = _tree(books, received, partner)
    version = books.version_of(received.version, partner) or ""
    tables = partner.tables if partner else {}
    for choice in books.reading_choices(received.outline.set_id, partner):
        chosen = choice.map
        if tree is None or not isinstance(chosen, ReadingMap) or chosen.makes != "order":
            continue
        reading = read(chosen, tree, received.delimiters, version, tables, received.where)
        if not choice.where or (reading.order is not None and choice.fits(reading.order)):
            return reading, chosen
    return None, None


def _tree(books: Books, received: Received, partner: Partner | None) -> Loop | None:
    version = books.version_of(received.version, partner) or ""
    standard = books.dictionary.set(version, received.outline.set_id)
    return None if standard is None else parse(received.text, received.delimiters, standard, received.outline)


def in_the_file(
    books: Books, findings: Sequence[Finding], received: Received, partner: Partner | None
) -> tuple[Finding, ...]:
    """Point findings of the rules at the elements that their fields were read from."""
    if not names_a_field(findings):
        return tuple(findings)
    _, chosen = read_order(books, received, partner)
    tree = _tree(books, received, partner)
    if chosen is None or tree is None:
        return tuple(findings)
    return placed(findings, tree, received.delimiters, chosen, received.where)


def no_map(received: Received, partner: Partner) -> Finding:
    """Say that a sound set waits for a person, because no map of its partner reads it."""
    set_id = received.outline.set_id
    return Finding(
        "mapping.missing.set",
        Severity.HOLD,
        f"{partner.title} sent {a_or_an(set_id)}; it is sound, but no map of theirs reads it.",
        received.where,
        seen=set_id,
        fix=f"read it with `edi show`, do what it asks and dismiss the case; or add a map for it to {partner.source}",
    )
