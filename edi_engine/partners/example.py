"""The examples of a partner file as values: a message, the day it comes on, the documents that it must give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from edi_engine.finding import Position
from edi_engine.partners.form import Form
from edi_engine.partners.measures import read_date
from edi_engine.partners.shelf import Shelf

ORDER: Final = "order"
"""The word for the order as our ERP gets it; the other words are the sets that we send."""
WANTED: Final = (ORDER, "997", "999", "855", "856", "810")
WORDS: Final = ("in", "today", *WANTED)


@dataclass(frozen=True, slots=True)
class Example:
    """One example. Paths are those of the edition, such as `partners/bluebird/examples/stock.edi`.

    `wants` gives the file of each kind of document that is compared. `today` is the day on which it is tried; None
    means the day on which the message was made, as its ISA says. `where` is its place in the partner file.
    """

    message: str
    wants: Mapping[str, str]
    today: date | None
    where: Position


def read_examples(file: Form, name: str, shelf: Shelf) -> tuple[Example, ...]:
    """Read `examples:` of the partner `name`. Each file that it names must be there."""
    found: list[Example] = []
    for form in file.forms("examples"):
        form.only(WORDS, unbuilt=("change", "865"))
        form.text("in", needed=True)
        paths = {word: shelf.beside(name, form.text(word)) for word in ("in", *WANTED) if form.text(word)}
        for word, path in paths.items():
            if path not in shelf.files:
                form.complain("partner.file.missing", form.mark_of(word), f"there is no file {path}")
        message = paths.pop("in", "")
        if message in shelf.files and not paths:
            wanted = ", ".join(WANTED)
            form.complain("partner.value.missing", form.mark, f"an example says what must come of it: one of {wanted}")
        found.append(Example(message, paths, read_date(form, "today"), form.mark.position))
    return tuple(found)
