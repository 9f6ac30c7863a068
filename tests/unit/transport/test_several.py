"""Several sessions for one folder: they are never two at once in the hands of one session."""

from __future__ import annotations

import threading
import time
from contextlib import closing

from edi_engine.transport.memory import MemoryMailbox
from edi_engine.transport.several import WORTH_IT, Sessions


class Slow(MemoryMailbox):
    """A session that takes its time over each file, and notes whether it was ever asked for two at once."""

    def __init__(self) -> None:
        super().__init__()
        self.at_work, self.most = 0, 0
        self.lock = threading.Lock()

    def fetch(self, folder: str, name: bytes, limit: int) -> bytes:
        with self.lock:
            self.at_work += 1
            self.most = max(self.most, self.at_work)
        time.sleep(0.05)
        try:
            return super().fetch(folder, name, limit)
        finally:
            with self.lock:
                self.at_work -= 1


def test_a_session_is_free_when_fetching_is_broken_off() -> None:
    opened: list[Slow] = []

    def enter() -> Slow:
        mailbox = Slow()
        for number in range(40):
            mailbox.put("out", f"{number}.edi", b"x")
        opened.append(mailbox)
        return mailbox

    sessions = Sessions(enter(), enter, 2)
    names = [f"{number}.edi".encode() for number in range(2 * WORTH_IT)]
    for _ in range(3):
        with closing(sessions.fetch_all("out", names, 10)) as fetched:
            next(fetched)
        sessions.fetch("out", names[0], 10)
    assert [one.most for one in opened] == [1, 1]
