"""The machine: what partner, engine, people and the world may do, in any order, and a judge after each step."""

from __future__ import annotations

import itertools
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edi_engine.app.settings import Settings
from edi_engine.app.workplace import ERP
from edi_engine.desk.holding import hold, release
from edi_engine.desk.queue import choices_for
from edi_engine.desk.reopen import reopen
from edi_engine.desk.resend import Way, resend
from edi_engine.desk.together import resolve_all, retry_all
from edi_engine.errors import UNKNOWN, Outrun, UsageError
from edi_engine.flow.office import Office
from edi_engine.partners.edition import Edition
from tests.fixtures.homes import new_folder
from tests.fixtures.walks import FrozenClock
from tests.machine import writing
from tests.machine.homes import edition, template
from tests.machine.judge import Judge, Known, left, sound
from tests.machine.place import (
    CONNECTION,
    DONE,
    FAULTS,
    IN,
    OUT,
    POINTS,
    Engine,
    Process,
    Server,
    Trouble,
    hooked,
)

BEGIN: Final = datetime(2026, 11, 23, 15, tzinfo=UTC)
COUNTED: Final[Counter[str]] = Counter()
REACHED: Final[set[str]] = set()
"""Figures of all machines of this process, and the crash points at which it was killed."""

Index = st.integers(0, 200)


ACTS: Final = {
    "upload": 10, "upload again": 2, "upload other": 1, "remove": 1, "take": 2, "answer": 2, "answer all": 1,
    "answer nothing": 1, "run": 12, "run one": 4, "run on": 3, "restart": 1, "crash": 1, "edit": 1, "clock": 2,
    "decide": 4, "hold": 1, "send again": 1,
}  # fmt: skip
"""What may happen in a step, and how often beside the others."""
BY_PEOPLE: Final = ("decide", "hold", "send again")
"""What people do in a process of their own: it does not die where the daemon is told to."""

PAUSES: Final = (0, 1, 12, 12, 12, 70, 1000)
MEANWHILE: Final = ("overwrite", "remove", "take", "answer", "decide", "hold", "resend", "takeover")

Wrong = tuple[int | str | None, tuple[str, str] | None, int, int, str, int]
Troubles = st.tuples(
    st.none() | st.integers(0, 15) | st.sampled_from(POINTS) | st.sampled_from(POINTS),
    st.none() | st.sampled_from(FAULTS),
    st.integers(1, 3),
    st.sampled_from([1, 2, 3, 4, 5, 7, 10]),
    st.just("") | st.sampled_from(MEANWHILE),
    Index,
)
"""What goes wrong in a step of the engine; see `Trouble`."""


class Machine(RuleBasedStateMachine):
    """A partner, an engine and the people at its desk. Whatever happens, nothing is lost and nothing doubled."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.home = new_folder()
        self.stack.callback(shutil.rmtree, self.home)
        self.known = Known()
        self.count = itertools.count(101)
        self.named = itertools.count(1)
        self.written: list[writing.Upload] = []

    @initialize(which=Index, how=Index)
    def begin(self, which: int, how: int) -> None:
        path = self.home / "store.db"
        shutil.copy(template(), path)
        path.chmod(0o600)
        self.process = Process()
        self.stack.enter_context(hooked(self.process))
        self.clock = FrozenClock(BEGIN)
        self.server = Server(self.process)
        self.erp = Server(self.process)
        self.quick = how % 2 == 1
        self.server.on_cleared = self.known.cleared.append
        servers = {CONNECTION: self.server, ERP: self.erp}
        settings = Settings(self.home, f"sqlite:///{path}")
        self.engine = Engine(settings, self.clock, servers, self.process, self.chosen(which, how))
        self.set_quick()
        self.desk = self.engine.open(owner=False)
        self.stack.callback(self.desk.close)

    @rule(
        what=st.sampled_from([name for name, weight in ACTS.items() for _ in range(weight)]),
        which=Index,
        how=Index,
        trouble=Troubles,
    )
    def step(self, what: str, which: int, how: int, trouble: Wrong) -> None:
        """One rule for all: of many, hypothesis leaves half out of each run, and then nothing much happens."""
        COUNTED["steps"] += 1
        acts: dict[str, Callable[[], None]] = {
            "upload": lambda: self.upload(writing.KINDS[which % len(writing.KINDS)], how, how),
            "upload again": lambda: self.upload_again(which, how, same=True),
            "upload other": lambda: self.upload_again(which, how, same=False),
            "remove": lambda: self.remove(which),
            "take": self.take,
            "answer": lambda: self.answer(which, "AAAR"[how % 4], how),
            "answer all": self.answer_all,
            "answer nothing": lambda: self.answer_what_never_was(how),
            "run": lambda: self.act(list(self.engine.lanes), self.trouble(trouble), PAUSES[how % len(PAUSES)]),
            "run one": lambda: self.act([self.lane(which)], self.trouble(trouble), PAUSES[how % len(PAUSES)]),
            "run on": lambda: self.run_on(1 + which % 4),
            "restart": self.restart,
            "crash": self.engine.crash,
            "edit": lambda: self.edit(which, how),
            "clock": lambda: self.clock.move(timedelta(hours=(-1, 1, 5, 24, 72)[which % 5])),
            "decide": lambda: self.decide(which, how),
            "hold": lambda: self.hold(which),
            "send again": lambda: self.send_again(which, (Way.SAME, Way.RENUMBERED)[how % 2]),
        }
        if what in BY_PEOPLE:
            self.process.beside(acts[what])
        else:
            acts[what]()

    # --- the partner

    def put(self, upload: writing.Upload, where: int) -> None:
        """Upload under a new name, or (two of ten) over a file that stands, or under a name that was used before."""
        self.known.uploads[upload.data] = upload
        standing = sorted(self.server.standing(OUT))
        name = f"f{next(self.named)}.edi"
        if where % 10 == 1 and standing:
            name = standing[where // 10 % len(standing)]
        elif where % 10 == 2:
            name = f"f{where // 10 + 1}.edi"
        self.server.drop(OUT, name, upload.data)
        COUNTED["uploads"] += 1

    def take_number(self) -> int:
        next(self.count)
        return next(self.count)

    def upload(self, kind: str, about: int, where: int) -> None:
        number = self.take_number()
        earlier = self.written[about % len(self.written)].parts[0].number if self.written else number
        made = writing.upload(kind, number, earlier, self.clock.now())
        self.written.append(made)
        self.put(made, where)

    def upload_again(self, which: int, where: int, *, same: bool) -> None:
        """The same bytes again, or other content under the same ISA13."""
        if not self.written:
            return
        before = self.written[which % len(self.written)]
        self.put(before if same else writing.damaged(before, next(self.count)), where)

    def remove(self, which: int) -> None:
        standing = sorted(self.server.standing(OUT))
        if standing:
            self.server.remove(OUT, standing[which % len(standing)].encode())

    def take(self) -> None:
        """Take each document that is whole, as the connection's manner says."""
        waits_for_done = self.engine.edition.connections[CONNECTION].delivery.deliver == "done-file"
        standing = self.server.standing(IN)
        for name, data in standing.items():
            if name.endswith(".edi") and data.endswith(b"~") and b"~IEA*" in data:
                done = f"{name}.done"
                if done in standing or not waits_for_done:
                    self.server.remove(IN, done.encode())
                    self.server.remove(IN, name.encode())

    def answer(self, which: int, code: str, where: int) -> None:
        """Acknowledge one of the documents that arrived, whether it was acknowledged before or not."""
        arrived = [data for _, data in self.server.arrived if b"~ST*997" not in data]
        if arrived:
            self.put(self._answer(arrived[which % len(arrived)], code), where)

    def answer_all(self) -> None:
        for _, data in self.server.arrived:
            group = writing.group_of(data)
            if group[0] != "FA" and f"{group[0]} {group[1]}" not in self.known.answers:
                self.put(self._answer(data, "A"), 0)

    def _answer(self, data: bytes, code: str) -> writing.Upload:
        kind, control, set_id = writing.group_of(data)
        self.known.answers[f"{kind} {control}"].append(code)
        return writing.answer(self.take_number(), kind, control, set_id, code, self.clock.now())

    def answer_what_never_was(self, where: int) -> None:
        self.put(writing.answer(self.take_number(), "PR", "987654", "855", "A", self.clock.now()), where)

    # --- the engine

    def trouble(self, wrong: Wrong) -> Trouble:
        kill, fault, times, when, what, which = wrong
        acts: dict[str, Callable[[], None]] = {
            "overwrite": lambda: self.upload("clean", which, 10 * which + 1),
            "remove": lambda: self.remove(which),
            "take": self.take,
            "answer": lambda: self.answer(which, "A", 0),
            "decide": lambda: self.decide(which, which),
            "hold": lambda: self.hold(which),
            "resend": lambda: self.send_again(which, (Way.SAME, Way.RENUMBERED)[which % 2]),
            "takeover": lambda: self.take_over(which),
        }
        return Trouble(kill, fault, times, (when, acts[what]) if what else None)

    def act(self, names: list[str], trouble: Trouble, pause: int) -> None:
        self.clock.move(timedelta(seconds=pause))
        wants = trouble.meanwhile is not None
        point = self.engine.act(names, trouble)
        COUNTED["kills"] += bool(point)
        COUNTED["meanwhile"] += wants and trouble.meanwhile is None
        COUNTED["faults"] += trouble.fault is not None
        if point:
            REACHED.add(point)

    def lane(self, which: int) -> str:
        return sorted(self.engine.lanes)[which % len(self.engine.lanes)]

    def run_on(self, rounds: int) -> None:
        for _ in range(rounds):
            self.act(list(self.engine.lanes), Trouble(), 12)

    def restart(self) -> None:
        self.engine.stop()
        self.engine.start()

    def edit(self, which: int, how: int) -> None:
        COUNTED["editions"] += 1
        self.engine.publish(self.chosen(which, how))
        self.desk.edition = self.engine.edition
        self.set_quick()

    def set_quick(self) -> None:
        """A quick partner takes what arrives at once; not where they wait for the file that says it is whole."""
        manner = self.engine.edition.connections[CONNECTION].delivery.deliver
        self.server.quick = self.quick and manner != "done-file"

    @staticmethod
    def chosen(which: int, how: int) -> Edition:
        manner = ("rename", "direct", "done-file")[which % 3]
        return edition(manner, (f"move {DONE}", "delete")[how % 3 == 2], tolerant=how % 4 > 1)

    def take_over(self, which: int) -> None:
        """Another daemon takes a lane, because this one seems to be gone, and does its work."""
        other = self.engine.beside()
        lane = sorted(other.lanes)[which % len(other.lanes)]
        other.drain(lane)
        other.place.close()

    # --- the people

    def office(self) -> Office:
        return self.desk.office()

    def decide(self, which: int, how: int) -> None:
        """Do with a case whatever it offers."""
        office = self.office()
        with office.ledger.reading() as unit:
            cases = unit.cases.select()
        if not cases:
            return
        case = cases[which % len(cases)]
        with suppress(UsageError, Outrun):
            if case.state != "OPEN":
                reopen(office, case.id, "on second thoughts")
                return
            names = ["retry", *(one.name for one in choices_for(case))]
            chosen = names[how % len(names)]
            if case.kind == UNKNOWN and case.subject.startswith("document:"):
                self.ask_partner(case.id, case.subject)
            elif chosen == "retry":
                retry_all(office, [case.id])
            else:
                resolve_all(office, {case.id: {None: chosen}}, why="said so")
            COUNTED["decisions"] += 1

    def ask_partner(self, case: int, subject: str) -> None:
        """Ask the partner whether they have a document; they look."""
        office = self.office()
        with office.ledger.reading() as unit:
            name = unit.documents.get(int(subject.partition(":")[2])).name
        if any(f"{IN}/{name}" == there for there, _ in self.server.arrived):
            resolve_all(office, {case: {None: "dismiss"}}, why="they have it")
        else:
            retry_all(office, [case])

    def hold(self, which: int) -> None:
        """Hold a document back, or let it go."""
        office = self.office()
        with office.ledger.reading() as unit:
            waiting = unit.documents.select(state="READY", connection=CONNECTION)
        if waiting:
            one = waiting[which % len(waiting)]
            with suppress(UsageError):
                release(office, [one.id]) if one.held_at else hold(office, [one.id], "wait")

    def send_again(self, which: int, way: Way) -> None:
        office = self.office()
        with office.ledger.reading() as unit:
            sent = unit.documents.select(connection=CONNECTION)
        if sent:
            with suppress(UsageError, Outrun):
                resend(office, sent[which % len(sent)].id, way)
                COUNTED["resends"] += 1

    # --- what must be true

    @invariant()
    def promises(self) -> None:
        if hasattr(self, "engine"):
            sound(self.engine.place.store, self.known)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None and hasattr(self, "engine"):
                self.finish()
        finally:
            if hasattr(self, "engine"):
                self.engine.place.close()
            self.stack.close()

    def finish(self) -> None:
        """Let the world be kind until nothing waits any more, then judge."""
        self.process.at = ""
        with self.office().ledger.reading() as unit:
            held = [one.id for one in unit.documents.select(state="READY") if one.held_at is not None]
        if held:
            release(self.office(), held)
        for minutes in (1, 1, 20, 20, 20, 60, 60, 60 * 25, 20, 60 * 24, 60 * 24 * 9, 20, 60 * 25):
            self.kindly(minutes)
        for _ in range(20):
            with self.office().ledger.reading() as unit:
                rest = left(unit, self.server)
            if not rest:
                break
            self.kindly(20)
        assert not rest, f"work is left: {rest}"
        sound(self.engine.place.store, self.known, deep=True)
        with self.office().ledger.reading() as unit:
            Judge(unit, self.known, self.server, self.erp).judge()
            COUNTED["orders"] += unit.orders.count()
            COUNTED["documents"] += len(self.server.arrived)

    def kindly(self, minutes: int) -> None:
        self.clock.move(timedelta(minutes=minutes))
        for _ in range(4):
            self.act(list(self.engine.lanes), Trouble(), 12)
            self.take()
            office = self.office()
            with office.ledger.reading() as unit:
                unknown = unit.cases.select(kind=UNKNOWN, state="OPEN")
                poison = unit.cases.select(kind="system.poison", state="OPEN")
            COUNTED["poisoned"] += len(poison)
            for case in poison:
                retry_all(office, [case.id])
            for case in unknown:
                self.ask_partner(case.id, case.subject)
