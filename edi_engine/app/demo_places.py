"""Where the demo trades: its mailboxes, who meets there, and the home that knows them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edi_engine.resources import shipped
from edi_engine.sandbox.keys import ed25519_key
from edi_engine.sandbox.mailbox import Folders, Mailbox
from edi_engine.sandbox.retailer import BLUEBIRD, DUNLIN, SISKIN, Kind, Retailer
from edi_engine.sandbox.server import SftpServer

USER = "greenline"


@dataclass(frozen=True, slots=True)
class Place:
    """One mailbox of the demo: its connection, the name of our key for it, its folders, and who trades there."""

    connection: str
    key: str
    folders: Folders
    kinds: Mapping[str, Kind]


PLACES = (
    Place("bluebird-sftp", "bluebird", Folders("out", "out/done", "in"), {"bluebird": BLUEBIRD}),
    Place(
        "mailhouse-sftp",
        "mailhouse",
        Folders("from-partners", "from-partners/taken", "to-partners", direct=True),
        {"siskin": SISKIN, "dunlin": DUNLIN},
    ),
)

_HEAD = "# Written by `edi demo`: the mailboxes of this run. Their host keys are pinned here, as any partner's is.\n"
_CONNECTION = """
{connection}:
  sftp:
    host: 127.0.0.1
    port: {port}
    user: {user}
    key: {key}
    host_key: "{fingerprint}"
  in:
    folder: /{out}
    match: "*"
    settle: 1 s
    after: move /{taken}
    claim: none
    wait_incomplete: 3 s
    wait_empty: 3 s
  out:
    folder: /{into}
    deliver: {deliver}
  every: 1 s
  sessions: 1
"""


def open_mailbox(home: Path, place: Place, now: Callable[[], datetime]) -> Mailbox:
    """Open a mailbox below `home`, with the books of the retailers who trade there."""
    folder = home / "retailers"
    retailers = [Retailer(folder / name, kind, now=now) for name, kind in place.kinds.items()]
    return Mailbox(folder / place.key, retailers, place.folders)


def open_server(home: Path, place: Place, mailbox: Mailbox) -> SftpServer:
    """Prepare the server of a mailbox; it lets us in with our key."""
    host_key = home / "retailers" / place.key / "host_key"
    return SftpServer(mailbox.root, host_key=host_key, user=USER, client_key=ed25519_key(home / "keys" / place.key))


def lay_out(home: Path) -> None:
    """Copy the shipped partners into the demo's home once; what a reader changes there is kept."""
    for partner in (name for place in PLACES for name in place.kinds):
        target = home / "partners" / partner
        if not target.exists():
            unfinished = home / f".{partner}.unfinished"  # a demo that is ended in the middle leaves no half a partner
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(shipped("partners") / partner, unfinished)
            target.parent.mkdir(exist_ok=True)
            unfinished.rename(target)
    (home / "erp").mkdir(exist_ok=True)
    (home / "keys").mkdir(mode=0o700, exist_ok=True)


def pin(home: Path, servers: Mapping[str, SftpServer]) -> None:
    """Write connections.yaml for the servers of this run."""
    texts = [
        _CONNECTION.format(
            connection=place.connection,
            port=servers[place.connection].port,
            user=USER,
            key=place.key,
            fingerprint=servers[place.connection].fingerprint,
            out=place.folders.out,
            taken=place.folders.taken,
            into=place.folders.into,
            deliver="direct" if place.folders.direct else "rename",
        )
        for place in PLACES
    ]
    (home / "partners" / "connections.yaml").write_text(_HEAD + "".join(texts), encoding="utf-8")
