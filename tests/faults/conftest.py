"""A partner's server that misbehaves, a store, and our way between them, one poll and one drain at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edi_engine.partners.connection import SftpPlace
from edi_engine.sandbox.keys import ed25519_key
from edi_engine.sandbox.server import SftpServer
from tests.faults.server import Script, faulty
from tests.faults.trade import Trade
from tests.fixtures.exchange import Exchange
from tests.fixtures.mailbox import folders_below

Begin = Callable[..., Trade]


@pytest.fixture
def begin(tmp_path: Path, exchange: Exchange) -> Iterator[Begin]:
    """Start a server with a script, and trade with it: `begin(script)`."""
    begun: list[tuple[Script, SftpServer]] = []

    def start(script: Script | None = None, **how: object) -> Trade:
        script = script or Script()
        root = folders_below(tmp_path / f"server{len(begun)}")
        key = ed25519_key(tmp_path / "client")
        server = SftpServer(
            root, host_key=tmp_path / "host", user="supplier", client_key=key, files=faulty(script)
        ).start()
        begun.append((script, server))
        place = SftpPlace("127.0.0.1", "supplier", "client", (server.fingerprint,), server.port)
        exchange.connection = replace(exchange.connection, sftp=place, folder=None, **how)
        return Trade(exchange, script, server, root, tmp_path)

    yield start
    for script, server in begun:
        script.over.set()
        server.stop()
