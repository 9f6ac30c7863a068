"""The outbox at a terminal: looking at documents, holding them back, sending them again."""

from __future__ import annotations

from collections.abc import Sequence

from edi_engine.app.naming import need_connection, need_document_kind, need_partner
from edi_engine.app.settings import Settings
from edi_engine.app.views import looking
from edi_engine.app.workplace import edition_in_force, opened
from edi_engine.desk import holding
from edi_engine.desk import outbox as desk
from edi_engine.desk.outbox import DocumentEntry, DocumentsWanted, Story
from edi_engine.desk.resend import Resent, Way, preview, resend


def documents(settings: Settings, wanted: DocumentsWanted) -> tuple[DocumentEntry, ...]:
    """Give documents, oldest first. Raises UsageError for a name that nothing has."""
    with looking(settings) as place, place.office().ledger.reading() as unit:
        need_partner(place, unit, wanted.partner)
        need_connection(place, unit, wanted.connection)
        need_document_kind(unit, wanted.kind)
        return desk.list_documents(unit, wanted, place.clock.now())


def document(settings: Settings, number: int) -> Story:
    """Tell one document. Raises UsageError if there is none of this number."""
    with looking(settings) as place, place.office().ledger.reading() as unit:
        return desk.story(place.office(), unit, number)


def hold(settings: Settings, numbers: Sequence[int], why: str) -> tuple[DocumentEntry, ...]:
    """Hold documents back; give them, and what waits behind them."""
    with opened(settings, edition_in_force(settings)) as place:
        return holding.hold(place.office(), numbers, why)


def release(settings: Settings, numbers: Sequence[int]) -> tuple[DocumentEntry, ...]:
    """Let held documents go."""
    with opened(settings, edition_in_force(settings)) as place:
        return holding.release(place.office(), numbers)


def preview_resend(settings: Settings, number: int, way: Way) -> Resent:
    """Show what sending a document again would send."""
    with looking(settings) as place:
        return preview(place.office(), number, way)


def send_again(settings: Settings, number: int, way: Way) -> Resent:
    """Put a document into the outbox again. New text needs partner files that load today; the same bytes do not."""
    edition = edition_in_force(settings) if way is Way.SAME else None
    with opened(settings, edition) as place:
        return resend(place.office(), number, way)
