"""A partner and we at one mailbox, in any order of events, with any faults: nothing is lost, nothing comes twice.

The partner uploads, overwrites and takes back files, takes what we deliver and answers it; we poll, work and send, and
may die in between. Whatever happened: when the faults are over, every file that the partner left there is booked once,
and every document was handed over once.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from edi_engine.errors import TransportError, UnknownOutcome
from edi_engine.flow.overdue import fire_timers
from tests.fixtures.exchange import exchange_on, order

NAMES = st.sampled_from(["a.edi", "b.edi", "c.edi"])
SECONDS = st.sampled_from([1, 11, 60, 1_000])
FAULTS = st.tuples(
    st.sampled_from(["listing", "size", "fetch", "put", "rename", "remove"]),
    st.sampled_from(
        [
            TransportError("down", code="transport.connect"),
            TransportError("slow", code="transport.timeout"),
            TransportError("denied", code="transport.postaction"),
            TransportError("short", code="transport.partial"),
            UnknownOutcome("no answer"),
        ]
    ),
    st.booleans(),
)
ANSWER = (
    "ISA*00*          *00*          *08*6119290001     *01*004455667      *261122*1230*U*00401*{0:09d}*0*P*>~"
    "GS*FA*6119290001*004455667*20261122*1230*{0}*X*004010VICS~ST*997*0001~AK1*{1}*{2}~AK9*{3}*1*1*{4}~SE*4*0001~"
    "GE*1*{0}~IEA*1*{0:09d}~"
)


@cache
def fresh_store() -> bytes:
    """The file of a store with all tables and no rows."""
    from edi_engine.store.ledger import open_store

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        open_store(f"sqlite:///{path}").close()
        return path.read_bytes()


class Trade(RuleBasedStateMachine):
    """`uploaded` are the orders that were ever there, `gone` those that the partner took away again."""

    @initialize()
    def open(self) -> None:
        self.stack = ExitStack()
        home = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        (home / "store.db").write_bytes(fresh_store())
        (home / "store.db").chmod(0o600)
        self.exchange = self.stack.enter_context(exchange_on(f"sqlite:///{home / 'store.db'}", home))
        self.count = 0
        self.uploaded: set[int] = set()
        self.gone: set[int] = set()
        self.standing: dict[str, int] = {}
        self.taken: list[str] = []

    @rule(name=NAMES, length=st.sampled_from([None, None, None, 0, 300]))
    def upload(self, name: str, length: int | None) -> None:
        """A whole order under a name, or the beginning of one; what stood there is overwritten."""
        self._lost(name)
        self.count += 1
        self.exchange.drop(name, order(self.count)[:length])
        if length is None:
            self.uploaded.add(self.count)
            self.standing[name] = self.count

    @rule(name=NAMES)
    def take_back(self, name: str) -> None:
        self._lost(name)
        self.exchange.box._in("/out").pop(name.encode(), None)

    def _lost(self, name: str) -> None:
        """Note an order that the partner removes: it may have been read before, but need not."""
        if name.encode() in self.exchange.waiting_files() and name in self.standing:
            self.gone.add(self.standing.pop(name))

    @rule(fault=FAULTS)
    def let_fail(self, fault: tuple[str, TransportError, bool]) -> None:
        method, error, after = fault
        self.exchange.box.fail(method, error, after=after)

    @rule(seconds=SECONDS)
    def poll(self, seconds: int) -> None:
        self._try(lambda: self.exchange.poll(timedelta(seconds=seconds)))

    @rule()
    def work(self) -> None:
        self.exchange.work()

    @rule()
    def send(self) -> None:
        self._try(self.exchange.send)

    @rule()
    def restart(self) -> None:
        self.exchange.restart()

    @precondition(lambda self: self.exchange.delivered())
    @rule(answer=st.sampled_from("ARN"))
    def collect(self, answer: str) -> None:
        """The partner takes what we delivered, and answers it (or not)."""
        for name in [name for name in self.exchange.delivered() if not name.endswith(".part")]:
            self._take(name, answer)

    def _take(self, name: str, answer: str = "N") -> None:
        self.exchange.box._in("/in").pop(name.encode())
        assert name not in self.taken, f"{name} was handed over twice"
        self.taken.append(name)
        (document,) = self.exchange.documents(name=name)
        if answer != "N" and document.kind != "997":
            self.count += 1
            text = ANSWER.format(self.count, document.group_kind, document.group_control, answer, int(answer == "A"))
            self.exchange.drop(f"answer-{self.count}.edi", text.encode())

    def _try(self, act) -> None:
        try:
            act()
        except TransportError:
            self.exchange.restart()

    def teardown(self) -> None:
        if not hasattr(self, "exchange"):
            return
        with self.stack:
            for faults in self.exchange.box._faults.values():
                faults.clear()
            for _ in range(4):
                for _ in range(3):
                    self.exchange.poll(timedelta(minutes=16))
                self.exchange.work()
                self.exchange.send()
            self.exchange.poll(timedelta(hours=25))
            self.exchange.work()
            self.exchange.send()
            fire_timers(self.exchange.office())
            self.judge()

    def judge(self) -> None:
        exchange = self.exchange
        assert exchange.sound()
        assert exchange.waiting_files() == set()
        answers = [document.po_number for document in exchange.documents(kind="855")]
        assert len(set(answers)) == len(answers)
        booked = {int(str(number)[2:]) for number in answers}
        assert self.uploaded - self.gone <= booked <= self.uploaded
        for name in exchange.delivered():
            self._take(name)
        documents = exchange.documents(connection="bluebird-sftp")
        assert sorted(self.taken) == sorted(document.name for document in documents)
        assert {document.state for document in documents} <= {"CONFIRMED", "ACCEPTED", "REJECTED"}


TestTrade = pytest.mark.property(Trade.TestCase)
TestTrade.settings = settings(max_examples=8, stateful_step_count=20)
