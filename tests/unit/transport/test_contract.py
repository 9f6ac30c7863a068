"""The contract of a mailbox, kept by each kind: in memory, on disk, and over SFTP against the sandbox's server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edi_engine.partners.connection import Connection, Delivery, Intake, SftpPlace
from edi_engine.sandbox.keys import ed25519_key
from edi_engine.sandbox.server import SftpServer
from edi_engine.transport import sftp
from edi_engine.transport.folder import FolderMailbox
from edi_engine.transport.memory import MemoryMailbox
from tests.fixtures.mailbox import DiskMailboxContract, DiskSite, MailboxContract, folders_below


@dataclass
class MemorySite:
    mailbox: MemoryMailbox

    def drop(self, folder: str, name: bytes, data: bytes) -> None:
        self.mailbox.drop(folder, name, data)

    def files(self, folder: str) -> dict[bytes, bytes]:
        return self.mailbox.files(folder)


class TestMemory(MailboxContract):
    @pytest.fixture
    def site(self) -> MemorySite:
        return MemorySite(MemoryMailbox())


class TestFolder(DiskMailboxContract):
    @pytest.fixture
    def site(self, tmp_path: Path) -> DiskSite:
        folders_below(tmp_path)
        return DiskSite(FolderMailbox(tmp_path), tmp_path)


class TestSftp(DiskMailboxContract):
    @pytest.fixture
    def site(self, tmp_path: Path) -> Iterator[DiskSite]:
        root = folders_below(tmp_path / "server")
        key = ed25519_key(tmp_path / "client")
        with SftpServer(root, host_key=tmp_path / "host", user="supplier", client_key=key) as server:
            place = SftpPlace("127.0.0.1", "supplier", "client", (server.fingerprint,), server.port)
            connection = Connection("sandbox", place, None, Intake("/out"), Delivery("/in"))
            mailbox = sftp.connect(connection, lambda name: tmp_path / name)
            yield DiskSite(mailbox, root)
            mailbox.close()
