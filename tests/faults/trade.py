"""Trading with a misbehaving server: files in, documents out, until all is done; then what must be true is counted."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from edi_engine.errors import TransportError
from edi_engine.flow.deliver import deliver
from edi_engine.flow.pickup import pick_up
from edi_engine.flow.ports import Mailbox
from edi_engine.flow.records import DocumentRecord
from edi_engine.sandbox.server import SftpServer
from edi_engine.transport.sftp import Patience, connect_all
from tests.faults.server import Script
from tests.fixtures.exchange import NOW, PARTNER, Exchange

HASTY = Patience(connect=5, banner=5, auth=5, channel=5, answer=0.4, opening=10, act=0.8, rate=1_000_000)
ROUND = timedelta(seconds=11)


def content(number: int) -> bytes:
    """A small interchange, whole as far as its end says, and another one for each number."""
    isa = b"ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *260101*1200*U*00401*%09d*0*P*>~"
    return isa % number + b"NTE**%s~" % (b"x" * (number * 37 % 3000)) + b"IEA*0*%09d~" % number


@dataclass
class Trade:
    """Our side of a connection to a misbehaving server. `errors` counts what a poll or a drain ended with."""

    exchange: Exchange
    script: Script
    server: SftpServer
    root: Path
    keys: Path
    patience: Patience = HASTY
    port: int | None = None
    errors: Counter[str] = field(default_factory=Counter)

    most_sessions: int = 0

    def enter(self) -> Mailbox:
        connection = self.exchange.connection
        return connect_all(connection, lambda name: self.keys / name, connection.sessions, self.patience)

    def drop(self, name: str, data: bytes) -> None:
        (self.root / "out" / name).write_bytes(data)

    def post(self, number: int) -> DocumentRecord:
        with self.exchange.office().ledger.unit("test") as unit:
            data = content(number)
            name = f"855_{number:09d}.edi"
            record = DocumentRecord(
                "855", f"order:{number}", unit.blobs.put(data), len(data), "bluebird-sftp", name, NOW, PARTNER
            )
            return unit.documents.add(record)

    def poll(self) -> int:
        """Let time pass and poll once, over a connection of its own. Gives what was stored, 0 where it broke."""
        self.exchange.clock.move(ROUND)
        with suppress(TransportError):
            return self._counted(lambda box: pick_up(self.exchange.office(), self._there, box, self.exchange.pickup))
        return 0

    def send(self) -> int:
        """Let time pass and drain the outbox once."""
        self.exchange.clock.move(timedelta(minutes=15))
        with suppress(TransportError):
            done = self._counted(lambda box: deliver(self.exchange.office(), self._there, box))
            if done.stopped is not None:
                self.errors[done.stopped.code] += 1
            return done.sent
        return 0

    @property
    def _there(self):
        return self.exchange.connection

    def _counted(self, act):
        try:
            mailbox = self.enter()
            try:
                return act(mailbox)
            finally:
                self.most_sessions = max(self.most_sessions, sum(one.is_active() for one in self.server._sessions))
                mailbox.close()
        except TransportError as error:
            self.errors[error.code] += 1
            raise

    def standing(self, folder: str) -> dict[str, bytes]:
        place = self.root / folder
        return {file.name: file.read_bytes() for file in place.iterdir() if file.is_file()}

    def stored(self) -> Counter[bytes]:
        """Give the bytes of what was stored as a first arrival, with how often."""
        with self.exchange.office().ledger.reading() as unit:
            return Counter(
                unit.blobs.get(record.sha256)
                for record in unit.files.select(state=("STORED", "INTERPRETED", "DONE", "UNREADABLE"))
                if record.sha256
            )

    def repeated(self) -> int:
        return len(self.exchange.files(state="DUPLICATE"))
