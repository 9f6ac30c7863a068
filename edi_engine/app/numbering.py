"""The number of an order in a set that is refused, so that people can name it to the partner."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edi_engine.flow.books import Books
from edi_engine.flow.received import Received, in_letters
from edi_engine.mapping.language import FROM_LOOP, FROM_TOP, Place, ReadingMap
from edi_engine.x12.unpack import padding

if TYPE_CHECKING:  # a file of a stranger is looked at without loading what a partner is
    from edi_engine.partners.partner import Partner


def number_in(books: Books, received: Received, partner: Partner | None) -> str | None:
    """Read the PO number where the partner's map reads it, and nothing else of the set; None where there is none.

    It needs no grammar: a set of a version that nobody knows tells its number, too.
    """
    spoken = in_letters(received, partner)
    for chosen in books.reading_maps(spoken.outline.set_id, partner):
        for place in _places(chosen):
            for row in _rows(spoken):
                at = place.step.element
                if row[0] == place.step.segment and at is not None and len(row) > at:
                    if number := row[at].strip():
                        return number
                    break
    return None


def _places(chosen: object) -> Iterator[Place]:
    """Give the places of the number that name an element of the heading by its segment alone, such as BEG03."""
    if not isinstance(chosen, ReadingMap) or chosen.makes != "order":
        return
    for row in chosen.root.rows:
        if row.field.attribute == "po_number":
            yield from (place for place in row.places if _plain(place))


def _plain(place: Place) -> bool:
    step = place.step
    named = (step.qualifier, step.number, step.repetition, step.component) == (None, None, None, None)
    return place.start in {FROM_TOP, FROM_LOOP} and not place.loops and named


def _rows(received: Received) -> Iterator[list[str]]:
    """Give the segments of a set one by one: the number stands near the beginning of what may be long."""
    text, signs = received.text, received.delimiters
    noise, start = padding(signs), 0
    while start < len(text):
        end = text.find(signs.segment, start)
        end = len(text) if end < 0 else end
        if body := text[start:end].strip(noise):
            yield body.split(signs.element)
        start = end + 1
