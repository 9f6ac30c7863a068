"""A day on which everything goes wrong that can be told beforehand, and people who put it right again.

It reaches the commits that an ordinary day does not. Each command is given again for as long as it is killed.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import update

from edi_engine.app.restoring import water_mark
from edi_engine.errors import TransportError
from edi_engine.finding import Finding, Severity
from edi_engine.flow.fulfilled import Unfit
from edi_engine.flow.records import DocumentRecord
from edi_engine.resources import shipped
from edi_engine.store.schema import BLOB
from tests.crash.child import Failing
from tests.crash.day import AHEAD, Day, order
from tests.crash.judge import audited
from tests.crash.partner import about, without_numbers

BOX: Final = "edi_engine.transport.folder.FolderMailbox"
BUG: Final = Failing(RuntimeError("a bug"))
DOWN: Final = Failing(TransportError("no answer", code="transport.timeout"))
STRANGER: Final = (b"*08*6119290001     *", b"*08*9999999999     *")
SOON: Final = {
    "edi_engine.app.trouble.FIRST_PAUSE": timedelta(seconds=0.05),
    "edi_engine.flow.deliver.FIRST_RETRY": timedelta(seconds=0.05),
    "edi_engine.runtime.embedded._LONGEST_PAUSE": 0.05,
}
"""What failed is tried again soon, so that a day is no longer than it must be."""


class BadDay:
    """The day, and the people. `killed` is the file of the points at which a process was killed; None kills none."""

    def __init__(self, day: Day, killed: Path | None) -> None:
        self.day, self.killed = day, killed
        self.kills = 0

    def edi(
        self,
        *words: str,
        expect: Collection[int] = (0,),
        planted: Mapping[str, Any] | None = None,
        done: Callable[[], bool] = lambda: False,
    ) -> None:
        """Give a command, again and again until it lives; or until what it was given for is seen to be `done`.

        What was done by a command that was killed may not be done again: that is 2, a usage that makes no sense.
        """
        self.day.planted = {**SOON, **(planted or {})}
        once = {"EDI_CRASH_ONCE": str(self.killed)} if self.killed else {}
        again = False
        while not (again and done()):
            asked = {*expect, 2} if again and words[0] != "run" else expect
            if self.day.edi(*words, expect=asked, **once) != -signal.SIGKILL:
                return
            self.kills += 1
            again = True
            audited(self.day)

    def run(self, planted: Mapping[str, Any] | None = None, expect: Collection[int] = (0, 4, 5, 70)) -> None:
        self.edi("run", "--once", planted=planted, expect=expect)

    def retry(self, *cases: str) -> None:
        """Try once more what stopped; 1 says that it stopped again."""
        self.edi("exceptions", "retry", *cases, expect=(0, 1))

    def run_until(self, word: str, planted: Mapping[str, Any]) -> None:
        """Run the daemon until it logs a word, and then end it."""
        self.day.planted = {**SOON, **planted}
        once = {"EDI_CRASH_ONCE": str(self.killed)} if self.killed else {}
        while True:
            daemon = self.day.start(**once)
            until = time.monotonic() + 300
            while daemon.alive and word not in daemon.said():
                assert time.monotonic() < until, daemon.said()
                time.sleep(0.05)
            daemon.signal(signal.SIGTERM)
            if daemon.ended() == 0:
                return
            assert daemon.status == -signal.SIGKILL, daemon.said()
            self.kills += 1
            audited(self.day)

    def write(self, file: str, old: str, new: str) -> Callable[[], object]:
        """Change one of the partner files; give what changes it back."""
        path = self.day.home / "partners" / file
        text = path.read_text()
        assert old in text, old
        path.write_text(text.replace(old, new))
        return partial(path.write_text, text)

    def later(self, **ahead: float) -> None:
        self.day.ahead = AHEAD + timedelta(**ahead).total_seconds()

    def cases(self, *kinds: str, state: str = "OPEN") -> list[str]:
        with self.day.reading() as unit:
            return [str(case.id) for case in unit.cases.select(state=state) if case.kind.startswith(kinds)]

    def documents(self, **fits: object) -> list[DocumentRecord]:
        with self.day.reading() as unit:
            return list(unit.documents.select(**fits))


def what_became_of_it(day: Day) -> dict[str, Any]:
    """Tell how a day ended, without numbers and times: what the partner and the ERP got, and what is in the store."""
    got = [path for path in (day.mailbox / "in").iterdir() if path.suffix == ".edi"]
    with day.reading() as unit:
        documents = unit.documents.select()
        files = [one for one in unit.files.select() if one.state != "DUPLICATE"]  # given again after a kill
        return {
            "partner": Counter((*about(path.read_bytes()), without_numbers(path.read_bytes())) for path in got),
            "unfinished": sorted(path.suffix for path in (day.mailbox / "in").iterdir() if path.suffix != ".edi"),
            "erp": sorted(path.name.split("_")[0] for path in (day.home / "erp").rglob("*") if path.is_file()),
            "left": sorted(path.name for path in (day.mailbox / "out").iterdir()),
            "files": sorted((one.name, one.state, one.cleared_at is None) for one in files),
            "orders": sorted((one.po_number, one.state) for one in unit.orders.select()),
            "documents": Counter(
                (one.kind, one.po_number or "", one.connection.partition(":")[0], one.state) for one in documents
            ),
            "cases": Counter((one.kind, one.po_number or "") for one in unit.cases.select(state="OPEN")),
            "timers": unit.timers.count(state="WAITING"),
        }


def partner_refuses(bad: BadDay) -> None:
    """The partner's server denies every rename; and cuts a file off while it is fetched."""
    bad.day.drop(1)
    bad.run({f"{BOX}.rename": Failing(TransportError("permission denied", code="transport.postaction"))})
    bad.run()
    bad.day.drop(2)
    bad.run({f"{BOX}.fetch": Failing(TransportError("it was cut off", code="transport.partial"), times=1)})


def odd_things_stand_there(bad: BadDay) -> None:
    """A file that is too large, a link, and a file that nobody wants."""
    out = bad.day.mailbox / "out"
    with (out / "large.edi").open("wb") as file:
        file.truncate(2 * 1024 * 1024)
    (out / "link.edi").symlink_to("/nowhere")
    (out / "upload.tmp").write_bytes(b"ISA")
    bad.run({"edi_engine.flow.look.LEFT_ALONE": timedelta(0)})
    for name in ("large.edi", "link.edi", "upload.tmp"):
        (out / name).unlink()
    bad.run()


def name_is_taken(bad: BadDay) -> None:
    """Another file stands under the name of our document, and somebody takes it away."""
    bad.day.drop(3)
    bad.run({f"{BOX}.put": DOWN})
    ours = next(one for one in bad.documents(kind="855") if one.state != "CONFIRMED")
    taken = bad.day.mailbox / "in" / ours.name
    taken.write_bytes(b"of somebody else")
    bad.run()
    taken.unlink()
    bad.retry(*bad.cases("document.collision"))
    bad.run()


def write_is_refused(bad: BadDay) -> None:
    """The partner's server refuses a file under its final name. After a kill, a person says that they have nothing."""
    back = bad.write("connections.yaml", 'deliver: rename, temporary: ".part"', "deliver: direct")
    bad.day.drop(4)
    bad.run({f"{BOX}.put": Failing(TransportError("no room", code="document.deliver"))})
    bad.run()
    for case in bad.cases("document.unknown-outcome"):
        bad.retry(case)
    bad.run()
    back()


def partner_wants_to_be_told(bad: BadDay) -> None:
    """The partner wants an empty file beside each document that is whole."""
    back = bad.write("connections.yaml", 'deliver: rename, temporary: ".part"', "deliver: done-file")
    bad.day.drop(13)
    bad.run()
    back()


def partner_moves(bad: BadDay) -> None:
    """Documents wait for a connection that no file names any more, until one does again."""
    bad.day.drop(5)
    bad.run({f"{BOX}.put": DOWN})
    backs = [
        bad.write("connections.yaml", "bluebird-sftp", "bluebird-new"),
        bad.write("bluebird/partner.yaml", "bluebird-sftp", "bluebird-new"),
    ]
    bad.run()
    for back in backs:
        back()
    bad.run()


def file_is_broken(bad: BadDay) -> None:
    """A partner file has a slip, which is corrected."""
    back = bad.write("bluebird/partner.yaml", "status: live", "status: lively")
    bad.run()
    back()
    bad.run()


def our_bugs(bad: BadDay) -> None:
    """Our own program breaks while it judges, decides and ships, and a lane of it does for a while."""
    bad.day.drop(6)
    bad.run({"edi_engine.flow.judge.check_set": BUG})
    bad.retry(*bad.cases("system.bug"))
    bad.day.drop(8)
    bad.run({"edi_engine.app.work.decide_order": BUG})
    bad.retry(*bad.cases("system.bug"))
    bad.day.drop(9)
    unfit = Finding("order.shipment.number", Severity.HOLD, "the number was used before")
    bad.run({"edi_engine.flow.fulfil._must_not_wait": Failing(partial(Unfit, (unfit,)))})
    bad.retry(*bad.cases("order.shipment"))
    bad.run_until('"drain works again"', {"edi_engine.app.lanes.fire_timers": Failing(RuntimeError("a bug"), times=3)})
    bad.run()


def people_decide(bad: BadDay) -> None:
    """People hold, release, assign, decide, think better of it, and send a document again."""
    bad.day.drop(7, held=True)
    stranger = order(10).replace(*STRANGER)
    assert stranger != order(10)
    bad.day.put("stranger.edi", stranger)
    samples = shipped("samples") / "bluebird"
    bad.day.put("no-department.edi", (samples / "missing-department" / "in.edi").read_bytes())
    whole = (samples / "wanted-on-three-days" / "in.edi").read_bytes()
    second, rest = whole.index(b"PO1*2*"), whole.index(b"CTT*2~")
    bad.day.put("later.edi", whole[:second] + whole[rest:].replace(b"CTT*2~", b"CTT*1~").replace(b"SE*18*", b"SE*16*"))
    bad.run()
    (price,) = bad.cases("order.price")
    bad.edi("exceptions", "assign", price, "Ann")
    bad.edi("exceptions", "snooze", price, "--until", "2d", "--why", "the buyer is asked")
    bad.edi("exceptions", "resolve", price, "accept-theirs", "--commit")
    (guide,) = bad.cases("x12.", "partner.guide", "order.guide", "mapping.")
    bad.retry(guide)
    (unknown,) = bad.cases("envelope.")
    bad.retry(unknown)
    (unknown,) = bad.cases("envelope.")
    bad.edi("exceptions", "resolve", unknown, "dismiss", "--commit")
    bad.edi("exceptions", "reopen", unknown)
    bad.run()
    first = bad.documents(kind="855", state="CONFIRMED")[0]
    again = partial(bad.documents, resend_of=first.id)
    bad.edi("outbox", "resend", str(first.id), "--commit", done=lambda: bool(again()))
    (copy,) = again()
    bad.edi("outbox", "hold", str(copy.id), "--why", "they did not ask for it")
    bad.run()
    bad.edi("outbox", "release", str(copy.id))
    bad.run()


def at_a_terminal(bad: BadDay) -> None:
    """A person gives a file at a terminal."""
    given = bad.day.home / "given.edi"
    given.write_bytes(order(11))
    bad.edi("process", str(given), "--out", str(bad.day.home / "answers"))


def disk_is_full(bad: BadDay) -> None:
    """There is too little room on the disk for a while."""
    bad.run({"edi_engine.app.room.FREE": 101})
    bad.run()


def time_passes(bad: BadDay) -> None:
    """Nothing comes from a silent partner; stored bytes are damaged and heal; what is old is purged."""
    back = bad.write(
        "connections.yaml", "every: 1 s", "every: 1 s\n  expect: files every day by 09:00 America/New_York"
    )
    bad.run()
    back()
    bad.later(days=8)
    bad.run()
    with bad.day.store() as store:
        with store.view() as unit:
            sha256 = unit.files.get(1).sha256
            data = unit.blobs.get(sha256 or "")
        for days, stored in ((16, b"ISA damaged"), (24, data)):
            with store.writing("damage") as connection:
                connection.execute(update(BLOB).where(BLOB.c.sha256 == sha256).values(bytes=stored))
            bad.later(days=days)
            bad.run()
    bad.later(days=120)
    bad.run()
    bad.edi("db", "purge", "--older-than", "30", "--commit")


def store_goes_back(bad: BadDay) -> None:
    """The store is taken back from a copy while a document waits, and a person raises the numbers."""
    bad.day.drop(12)
    bad.run({f"{BOX}.put": DOWN})
    mark = water_mark(bad.day.settings())
    assert mark is not None
    mark.write_text("999999\n")
    bad.run()
    bad.edi("db", "bump", "--by", "10")
    held = [str(one.id) for one in bad.documents(state="READY") if one.held_at is not None]
    bad.edi("outbox", "release", *held)
    bad.run()
    bad.run()


SCENES: Final = (
    partner_refuses,
    odd_things_stand_there,
    name_is_taken,
    write_is_refused,
    partner_wants_to_be_told,
    partner_moves,
    file_is_broken,
    our_bugs,
    people_decide,
    at_a_terminal,
    disk_is_full,
    store_goes_back,
    time_passes,
)
