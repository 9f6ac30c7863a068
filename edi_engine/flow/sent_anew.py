"""Documents that go to the partner once more: how it is done, in words; and calling back what they need no more."""

from __future__ import annotations

from shlex import quote

from edi_engine.flow.cases import settle_cases
from edi_engine.flow.documents import OUT, note_document
from edi_engine.flow.office import Office
from edi_engine.flow.ports import Unit
from edi_engine.flow.records import DocumentRecord


def sent_anew(unit: Unit, document: DocumentRecord, way: str, does: str) -> str:
    """Say how a document is sent anew: by `edi outbox resend` with the option `way`, which `does` what is wanted.

    What was written into a folder goes to the partner by no connection.
    """
    out, _, number = document.connection.partition(":")
    if out != OUT:
        return f"`edi outbox resend {document.id} {way}` {does}"
    file = unit.files.get(int(number)).name if number else "FILE"
    return (
        "make a new folder NEW; `edi db bump --db sqlite:///NEW/edi.db --by 0 --archive OLD` lets its control numbers "
        f"go on from those in the folder OLD, where this {document.kind} stands, and `edi process {quote(file)} --out "
        f"NEW` then writes all answers to that file anew: pass its {document.kind} on"
    )


def call_back(office: Office, unit: Unit, document: DocumentRecord) -> None:
    """Let nothing go out again that the partner has accepted before it went: nobody needs it any more."""
    waiting = unit.documents.select(source=document.source, kind=document.kind, state=("READY", "PARKED"))
    for again in waiting:
        if again.resend_of is not None and again.id != document.id:
            void = unit.documents.change(again, state="VOID", held_at=None, held_by=None)
            settle_cases(office, unit, f"document:{again.id}", how="the partner has accepted it")
            note_document(office, unit, void, "not sent again", f"the partner has accepted document {document.id}")
