"""Settings and wiring: the only room that knows everyone. What each command does is one function here.

Each function imports what it needs when it is called, so that `edi --help` and `edi validate` start fast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from edi_engine.app.settings import Settings

if TYPE_CHECKING:
    from mmap import mmap

    from edi_engine.app.acts import Acted
    from edi_engine.app.answering import Speech
    from edi_engine.app.bumping import Bumped
    from edi_engine.app.care import PartnerCheck
    from edi_engine.app.cases import CaseView, Decided, Listed
    from edi_engine.app.comparable import Given
    from edi_engine.app.comparing import Compared
    from edi_engine.app.demonstration import DemoReport
    from edi_engine.app.gaps import Missing
    from edi_engine.app.guides import GuideText
    from edi_engine.app.health_look import Health
    from edi_engine.app.keeping import Purged
    from edi_engine.app.processing import Processed
    from edi_engine.app.replaying import Replayed
    from edi_engine.app.surveying import Survey
    from edi_engine.app.validating import CheckedSet, Validation
    from edi_engine.app.views import OrderView
    from edi_engine.desk.choosing import Chosen
    from edi_engine.desk.groups import Group
    from edi_engine.desk.outbox import DocumentEntry, DocumentsWanted
    from edi_engine.desk.outbox import Story as DocumentStory
    from edi_engine.desk.resend import Resent, Way
    from edi_engine.desk.tending import Rest
    from edi_engine.desk.together import Tried
    from edi_engine.desk.wanted import Wanted
    from edi_engine.finding import Finding
    from edi_engine.flow.records import CaseRecord, EventRecord
    from edi_engine.store.seals import Seal
    from edi_engine.x12.dictionary import Dictionary
    from edi_engine.x12.pyx12.compare import Comparison

__all__ = ["Settings"]


def dictionary(settings: Settings) -> Dictionary:
    """Give the X12 standard."""
    from edi_engine.app import shelf

    return shelf.dictionary(settings.home)


def validate(settings: Settings, data: bytes, name: str, partner: str | None = None, *, jobs: int = 1) -> Validation:
    """Check a file and answer what the walk would find."""
    from edi_engine.app import validating as room

    return room.validate(settings, data, name, partner, jobs=jobs)


def survey(settings: Settings, data: bytes | mmap, name: str, partner: str | None = None) -> Survey:
    """Look at the envelopes of a file, before its sets are checked one at a time."""
    from edi_engine.app import surveying as room

    return room.survey(settings, data, name, partner)


def checked_sets(found: Survey, jobs: int) -> Iterator[CheckedSet]:
    """Check the sets of a file, by `jobs` processes; each is given when it is done, in the order of the file."""
    from edi_engine.app import validating as room

    return room.checked_sets(found, jobs)


def spoken(found: Survey, fault: Finding) -> Speech | None:
    """Give the words in which the sender of a file is told of a fault."""
    from edi_engine.app import answering

    return answering.spoken(found, fault)


def is_stranger(found: Survey) -> bool:
    """Say whether nobody whom a partner file claims sent any of a file."""
    from edi_engine.app import answering

    return not any(answering.asker(found, one) for one in found.envelopes)


def referee(settings: Settings, found: Validation) -> Comparison:
    """Have pyx12 validate the same file, and hold both verdicts beside each other."""
    from edi_engine.app import refereeing

    return refereeing.referee(settings, found)


def export_maps(settings: Settings, version: str, set_ids: tuple[str, ...], out: Path) -> tuple[Path, ...]:
    """Write some sets of the standard as pyx12 maps."""
    from edi_engine.app import refereeing

    return refereeing.export_maps(settings, version, set_ids, out)


def guide_from_pyx12(settings: Settings, path: Path, version: str | None = None) -> GuideText:
    """Read a pyx12 map as a partner's guide."""
    from edi_engine.app import guides

    return guides.guide_from_pyx12(settings, path, version)


def process(
    settings: Settings, data: bytes, name: str, out: Path, *, own_store: bool = True, wrap: int | None = None
) -> Processed:
    """Run the whole pipeline on one file."""
    from edi_engine.app import processing as room

    return room.process(settings, data, name, out, own_store=own_store, wrap=wrap)


def replay(settings: Settings, target: str, *, commit: bool = False, given: bytes | None = None) -> Replayed:
    """Show what a file would become with today's partner files; `given` are its bytes where it has no path."""
    from edi_engine.app import replaying as room

    return room.replay(settings, target, commit=commit, given=given)


def list_cases(settings: Settings, wanted: Wanted, *, tried: bool = False) -> Listed:
    """Give the exception queue; with `tried`, only choices that can be carried out."""
    from edi_engine.app import cases

    return cases.listed(settings, wanted, tried=tried)


def group_cases(settings: Settings, wanted: Wanted) -> tuple[Group, ...]:
    """Give the exception queue by cause."""
    from edi_engine.app import cases

    return cases.grouped(settings, wanted)


def export_cases(settings: Settings, wanted: Wanted) -> tuple[tuple[dict[str, str], ...], str]:
    """Give the exception queue as rows for a spreadsheet, and as CSV."""
    from edi_engine.app import cases

    return cases.exported(settings, wanted)


def show_case(settings: Settings, case_id: int) -> CaseView:
    """Give one case with all it stands on."""
    from edi_engine.app import cases

    return cases.case(settings, case_id)


def alike(settings: Settings, case_id: int) -> tuple[int, ...]:
    """Give the open cases of the same cause as a case."""
    from edi_engine.app import cases

    return cases.with_alike(settings, case_id)


def preview_resolution(settings: Settings, wishes: Mapping[int, Chosen]) -> Decided:
    """Show what choices for some cases would do to the documents."""
    from edi_engine.app import cases

    return cases.preview_resolution(settings, wishes)


def resolve(settings: Settings, wishes: Mapping[int, Chosen], *, why: str = "", seen: str = "") -> Decided:
    """Act on choices for some cases."""
    from edi_engine.app import cases

    return cases.resolve_cases(settings, wishes, why, seen)


def retry(settings: Settings, numbers: Sequence[int]) -> tuple[Tried, ...]:
    """Re-enter the steps that some cases stopped."""
    from edi_engine.app import cases

    return cases.retry_cases(settings, numbers)


def assign(settings: Settings, numbers: Sequence[int], name: str | None, why: str = "") -> tuple[CaseRecord, ...]:
    """Say who looks after some cases."""
    from edi_engine.app import cases

    return cases.assign_cases(settings, numbers, name, why)


def snooze(settings: Settings, numbers: Sequence[int], until: str, why: str) -> tuple[Rest, ...]:
    """Let some cases rest."""
    from edi_engine.app import cases

    return cases.snooze_cases(settings, numbers, until, why)


def wake(settings: Settings, numbers: Sequence[int]) -> tuple[CaseRecord, ...]:
    """End the rest of some cases."""
    from edi_engine.app import cases

    return cases.wake_cases(settings, numbers)


def reopen(settings: Settings, case_id: int, why: str = "") -> CaseRecord:
    """Open a case again."""
    from edi_engine.app import cases

    return cases.reopen_case(settings, case_id, why)


def list_orders(settings: Settings, partner: str | None = None) -> tuple[OrderView, ...]:
    """Give booked orders."""
    from edi_engine.app import views

    return views.orders(settings, partner)


def show_order(settings: Settings, reference: str) -> OrderView:
    """Give one order by its PO number or ours."""
    from edi_engine.app import views

    return views.order(settings, reference)


def timeline(settings: Settings, reference: str) -> tuple[EventRecord, ...]:
    """Give everything that happened to an order."""
    from edi_engine.app import views

    return views.timeline(settings, reference)


def ship(settings: Settings, reference: str, instruction: Path | None = None) -> Acted:
    """Ship an order by hand."""
    from edi_engine.app import acts

    return acts.ship(settings, reference, instruction)


def invoice(settings: Settings, reference: str, instruction: Path | None = None) -> Acted:
    """Bill an order by hand."""
    from edi_engine.app import acts

    return acts.invoice(settings, reference, instruction)


def stored(settings: Settings, reference: str) -> tuple[str, bytes]:
    """Give the name and the bytes of a stored file, or of a document of ours."""
    from edi_engine.app import views

    return views.stored(settings, reference)


def list_documents(settings: Settings, wanted: DocumentsWanted) -> tuple[DocumentEntry, ...]:
    """Give the outbox."""
    from edi_engine.app import outbox

    return outbox.documents(settings, wanted)


def show_document(settings: Settings, number: int) -> DocumentStory:
    """Tell one document of ours."""
    from edi_engine.app import outbox

    return outbox.document(settings, number)


def hold(settings: Settings, numbers: Sequence[int], why: str) -> tuple[DocumentEntry, ...]:
    """Hold documents back."""
    from edi_engine.app import outbox

    return outbox.hold(settings, numbers, why)


def release(settings: Settings, numbers: Sequence[int]) -> tuple[DocumentEntry, ...]:
    """Let held documents go."""
    from edi_engine.app import outbox

    return outbox.release(settings, numbers)


def preview_resend(settings: Settings, number: int, way: Way) -> Resent:
    """Show what sending a document again would send."""
    from edi_engine.app import outbox

    return outbox.preview_resend(settings, number, way)


def resend(settings: Settings, number: int, way: Way) -> Resent:
    """Put a document into the outbox again."""
    from edi_engine.app import outbox

    return outbox.send_again(settings, number, way)


def given(what: str, data: bytes | None = None) -> Given:
    """Name one of two things to compare: `data` are the bytes of a file, None for what the store keeps."""
    from edi_engine.app.comparable import Given

    return Given(what, data)


def compare(settings: Settings, before: Given, after: Given, *, envelope: bool, orders: bool | None) -> Compared:
    """Compare two files, documents or orders."""
    from edi_engine.app import comparing

    return comparing.compare(settings, before, after, envelope=envelope, orders=orders)


def check_partners(settings: Settings) -> PartnerCheck:
    """Check all partner files, maps and tables."""
    from edi_engine.app import care

    return care.check_partners(settings)


def partner_gaps(settings: Settings, days: int) -> tuple[Missing, ...]:
    """Give the interchange numbers of partners that did not come."""
    from edi_engine.app import gaps

    return gaps.partner_gaps(settings, days)


def doctor(settings: Settings) -> Health:
    """Look at the health of the installation."""
    from edi_engine.app import health

    return health.doctor(settings)


def audit(settings: Settings, kept: str | None = None) -> tuple[Finding, ...]:
    """Check every promise on the store; `kept` is a seal of its history that somebody has written down."""
    from edi_engine.app import care

    return care.audit(settings, kept)


def db_seal(settings: Settings, *, only_look: bool = False) -> tuple[Seal | None, str]:
    """Seal the history, or only say how far it is sealed."""
    from edi_engine.app import care

    return care.db_seal(settings, only_look=only_look)


def db_upgrade(settings: Settings) -> str:
    """Bring the store to this program's tables."""
    from edi_engine.app import care

    return care.db_upgrade(settings)


def db_check(settings: Settings) -> tuple[Finding, ...]:
    """Check the store's integrity."""
    from edi_engine.app import care

    return care.db_check(settings)


def db_backup(settings: Settings, path: Path) -> str:
    """Copy the store."""
    from edi_engine.app import care

    return care.db_backup(settings, path)


def db_bump(settings: Settings, by: int, archive: Path | None) -> Bumped:
    """Raise all control numbers, after the store was taken back from a copy."""
    from edi_engine.app import care

    return care.db_bump(settings, by, archive)


def db_purge(settings: Settings, age: timedelta, *, commit: bool) -> Purged:
    """Let go of the bytes of what was settled long ago."""
    from edi_engine.app import care

    return care.db_purge(settings, age, commit=commit)


def run(settings: Settings, *, once: bool) -> tuple[Finding, ...]:
    """Run the daemon; with `once`, give what kept it from doing all its work."""
    from edi_engine.app import daemon

    return daemon.run(settings, once=once)


def demo(folder: Path, talk: Callable[[str], None]) -> DemoReport:
    """Run the sandbox retailer and the daemon until everything is answered."""
    from edi_engine.app import demonstration as room

    return room.demo(folder, talk)
