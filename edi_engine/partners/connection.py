"""A connection as values: one mailbox on somebody's server, and our manners there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from edi_engine.partners.expectation import Expectation

WEAK = ("hmac-sha1", "hmac-sha1-96", "aes128-cbc", "aes192-cbc", "aes256-cbc")
"""Algorithms that no connection uses unless its file allows them by name, up to a day."""


@dataclass(frozen=True, slots=True)
class Weak:
    """An exception for a server that has only old algorithms: which, up to which day (in UTC, itself included), why."""

    allow: tuple[str, ...]
    until: date
    because: str


@dataclass(frozen=True, slots=True)
class SftpPlace:
    """An SFTP account. `key` names a private key in the key store, `host_keys` are pinned fingerprints (SHA256:...)."""

    host: str
    user: str
    key: str
    host_keys: tuple[str, ...]
    port: int = 22
    weak: Weak | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """How files are picked up, from `folder` and `more` of them. Names that match `ignore` are left alone.

    `after`: "delete" or "move" to `done_folder`. `settle`: how long size and time must rest. `wait_incomplete`: how
    long a file without its IEA is watched (A2). `wait_empty`: how long an empty file is watched (B6). `max_bytes`:
    larger files are not fetched. `wrap`: their programs cut files into lines of so many bytes, None where they do not.
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
    wrap: int | None = None

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
    """One mailbox, which may carry several partners. `folder` is the root of a local exchange instead of SFTP.

    `sessions`: how many of ours the server sees at one time. `expect`: the files that come, and when.
    """

    name: str
    sftp: SftpPlace | None
    folder: str | None
    intake: Intake
    delivery: Delivery
    every: timedelta = timedelta(minutes=5)
    sessions: int = 1
    source: str = ""
    expect: tuple[Expectation, ...] = ()

    @property
    def place(self) -> str:
        """Name where it leads to, whatever the connection is called: the account on a server with its key, or the
        folder.
        """
        at = self.sftp
        return self.folder or "" if at is None else f"{at.user}@{at.host}:{at.port} {next(iter(at.host_keys), '')}"

    def leads_to(self, place: str) -> bool:
        """Say whether this is the place: by its address, or by a key that only that server has."""
        address, _, key = place.partition(" ")
        return address == self.place.partition(" ")[0] or (self.sftp is not None and key in self.sftp.host_keys)

    def only(self, folder: str) -> Connection:
        """Give the connection as if it read this folder alone."""
        return replace(self, intake=replace(self.intake, folder=folder, more=()))
