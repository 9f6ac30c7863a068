"""A TCP proxy between us and a server: it delays what passes, goes silent after n bytes, or resets the connection.

with Proxy(server.port, Plan(delay=0.05)) as proxy:
    connect(connection_to(proxy.port, ...))
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

RESET = struct.pack("ii", 1, 0)
PIECE = 16 * 1024


@dataclass(frozen=True)
class Plan:
    """What happens to one connection; counts are bytes from the server to us.

    `delay`: seconds before each piece passes; `piece`: how large one is. `silent_at`: from there on nothing passes, in
    neither direction, and nothing is closed. `reset_at`: both ends are reset there.
    """

    delay: float = 0.0
    piece: int = PIECE
    silent_at: int | None = None
    reset_at: int | None = None


class Proxy:
    """Listens on a free port of 127.0.0.1. `plan` is one for all connections, or makes one for the n-th (from 0)."""

    def __init__(self, target: int, plan: Plan | Callable[[int], Plan] = Plan()) -> None:
        self.target = target
        self.plan = plan if callable(plan) else lambda _number: plan
        self.connections = 0
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, name="proxy", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listener.close()
        for one in self._open:
            one.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                ours, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            plan = self.plan(self.connections)
            self.connections += 1
            try:
                theirs = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                ours.close()
                continue
            ours.settimeout(None)
            self._open += [ours, theirs]
            silent = threading.Event()
            for one, other, counted in ((ours, theirs, False), (theirs, ours, True)):
                threading.Thread(target=self._pass, args=(one, other, plan, silent, counted), daemon=True).start()

    def _pass(
        self, one: socket.socket, other: socket.socket, plan: Plan, silent: threading.Event, counted: bool
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := one.recv(plan.piece):
                if plan.delay:
                    time.sleep(plan.delay)
                if counted and plan.reset_at is not None and passed + len(data) > plan.reset_at:
                    other.sendall(data[: plan.reset_at - passed])
                    break
                if counted and plan.silent_at is not None and passed + len(data) > plan.silent_at:
                    other.sendall(data[: plan.silent_at - passed])
                    silent.set()
                if silent.is_set():
                    self._over.wait()
                    return
                passed += len(data)
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                if counted and plan.reset_at is not None:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR) if not counted or plan.reset_at is None else end.close()
