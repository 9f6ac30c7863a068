"""A connection as values: one mailbox on somebody's server, and our manners there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class SftpPlace:
    """An SFTP account. `key` names a private key in the key store, `host_keys` are pinned fingerprints (SHA256:...)."""

    host: str
    user: str
    key: str
    host_keys: tuple[str, ...]
    port: int = 22


@dataclass(frozen=True, slots=True)
class Intake:
    """How files are picked up, from `folder` and `more` of them. Names that match `ignore` are left alone.

    `after`: "delete" or "move" to `done_folder`. `settle`: how long size and time must rest. `wait_incomplete`: how
    long a file without its IEA is watched (A2). `wait_empty`: how long an empty file is watched (B6). `max_bytes`:
    larger files are not fetched.
    """

    folder: str
    more: tuple[str, ...] = ()
    match: str = "*"
    settle: timedelta = timedelta(seconds=10)
    after: str = "move"
    done_folder: str | None = None
    ignore: tuple[str, ...] = ("*.tmp", "*.part", "*.filepart", "*.writing", ".*")
    wait_incomplete: timedelta = timedelta(minutes=15)
    wait_empty: timedelta = timedelta(hours=24)
    max_bytes: int = 50 * 1024 * 1024

    @property
    def folders(self) -> tuple[str, ...]:
        """Give all folders that are read."""
        return (self.folder, *self.more)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How files are handed over. `rename`: under a temporary name with `temporary` appended, then a plain rename.

    `direct`: under the final name. `done-file`: so too, and then an empty file of that name with `done` appended.
    """

    folder: str
    deliver: str = "rename"
    temporary: str = ".part"
    done: str = ".done"


@dataclass(frozen=True, slots=True)
class Connection:
    """One mailbox, which may carry several partners. `folder` is the root of a local exchange instead of SFTP."""

    name: str
    sftp: SftpPlace | None
    folder: str | None
    intake: Intake
    delivery: Delivery
    every: timedelta = timedelta(minutes=5)
    source: str = ""

    @property
    def place(self) -> str:
        """Name where it leads to, whatever the connection is called: the account on a server, or the folder."""
        at = self.sftp
        return self.folder or "" if at is None else f"{at.user}@{at.host}:{at.port}"

    def only(self, folder: str) -> Connection:
        """Give the connection as if it read this folder alone."""
        return replace(self, intake=replace(self.intake, folder=folder, more=()))
