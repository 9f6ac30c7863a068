"""A set read into an order by the map of its partner, whoever asks and whatever becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from edi_engine.finding import Finding, Severity
from edi_engine.flow.books import Books
from edi_engine.flow.placing import names_a_field, placed
from edi_engine.flow.received import Received, in_bytes, in_letters, odd_letters
from edi_engine.flow.wording import a_or_an
from edi_engine.mapping.language import ReadingMap
from edi_engine.mapping.read import Reading, read
from edi_engine.x12.tree import parse
from edi_engine.x12.values import Loop

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner


def read_order(books: Books, received: Received, partner: Partner | None) -> tuple[Reading | None, ReadingMap | None]:
    """Read a set by the partner's map, or the base map where no partner is known; None where no map makes orders.

    Of several maps, the first is taken whose own reading gives an order that fits its `where`. The set is read in the
    partner's letters; what is no letter of theirs holds it.
    """
    spoken, odd = in_letters(received, partner), odd_letters(received, partner)
    tree = _tree(books, spoken, partner)
    version = books.version_of(received.version, partner) or ""
    tables = partner.tables if partner else {}
    for choice in books.reading_choices(received.outline.set_id, partner):
        chosen = choice.map
        if tree is None or not isinstance(chosen, ReadingMap) or chosen.makes != "order":
            continue
        reading = read(chosen, tree, received.delimiters, version, tables, received.where)
        if not choice.where or (reading.order is not None and choice.fits(reading.order)):
            return replace(reading, findings=(*odd, *in_bytes(received, spoken, partner, reading.findings))), chosen
    return None, None


def number_of(books: Books, received: Received, partner: Partner) -> str | None:
    """Give the number of an order that is refused, so that people can name it to the partner."""
    reading, _ = read_order(books, received, partner)
    return reading.order.po_number if reading is not None and reading.order is not None else None


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
    spoken = in_letters(received, partner)
    tree = _tree(books, spoken, partner)
    if chosen is None or tree is None:
        return tuple(findings)
    found = zip(findings, placed(findings, tree, received.delimiters, chosen, received.where), strict=True)
    return tuple(old if new is old else in_bytes(received, spoken, partner, (new,))[0] for old, new in found)


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
