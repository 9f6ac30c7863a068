"""`edi doctor`: everything that may keep the daemon from working well. It looks, and changes nothing."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Final

from edi_engine.app.care import check_partners
from edi_engine.app.health_look import Health, Look
from edi_engine.app.health_store import look_at_store
from edi_engine.app.room import disks
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import current_edition, folders
from edi_engine.errors import TransportError
from edi_engine.finding import Severity
from edi_engine.flow.wording import counted
from edi_engine.partners.edition import Edition

_SOUND_SQLITE: Final = (3, 51, 3)
"""From this version on, SQLite itself keeps two connections from damaging a store that both write and checkpoint."""


def doctor(settings: Settings) -> Health:
    """Look at programs, partner files, keys, folders, disks, the store, its cases and the daemon's lanes."""
    look = Look(settings)
    _programs(look)
    edition = _partners(look)
    if edition is not None:
        _fulfilment(look, edition)
        _unconnected(look, edition)
        _keys(look, edition)
        _weak(look, edition)
        _folders(look, edition)
    _disks(look)
    look_at_store(look, edition)
    return Health(tuple(look.well), tuple(dict.fromkeys(look.findings)), look.facts)


def _programs(look: Look) -> None:
    python = sys.version.split()[0]
    look.facts.update(python=python, home=str(look.settings.home))
    if not look.settings.db.startswith("sqlite"):
        look.well.append(f"Python {python}")
        return
    look.facts["sqlite"] = sqlite3.sqlite_version
    look.well.append(f"Python {python}, SQLite {sqlite3.sqlite_version}")
    if sqlite3.sqlite_version_info < _SOUND_SQLITE:
        look.warn(
            "system.sqlite.old",
            f"SQLite {sqlite3.sqlite_version} may damage a store that two programs write and checkpoint at one moment. "
            "The lock file beside the store keeps ours apart; write to it with no other program.",
            f"use a Python with SQLite {'.'.join(map(str, _SOUND_SQLITE))} or newer when there is one for this system",
            Severity.NOTE,
        )


def _partners(look: Look) -> Edition | None:
    checked = check_partners(look.settings)
    look.findings.extend(checked.findings)
    if not checked.edition:
        return None
    edition = current_edition(look.settings)
    _, folder = folders(look.settings)
    examples = sum(len(partner.examples) for partner in edition.partners.values())
    tried = f"{counted(examples, 'example')} tried" if examples else "no examples to try"
    look.well.append(f"{counted(len(edition.partners), 'partner')} in {folder}: the files are sound, {tried}")
    look.facts["partners"] = {
        "edition": checked.edition,
        "folder": str(folder),
        "names": sorted(edition.partners),
        "examples": examples,
    }
    if look.settings.home not in folder.parents:
        look.warn(
            "partner.shipped",
            f"There is no partners/ in {look.settings.home}, so the sample partner that ships is used.",
            "name the home with --home or EDI_HOME, or put your partners/ there",
            Severity.NOTE,
        )
    return edition


def _fulfilment(look: Look, edition: Edition) -> None:
    """Name every partner whose orders ship by themselves, and the words that allow it for live ones."""
    for partner in edition.partners.values():
        if partner.fulfilment.mode == "auto":
            live = partner.fulfilment.auto_live
            what = (
                f", live orders too, by the words “{live.rstrip('.')}”." if live else "; live orders wait for people."
            )
            look.warn(
                "partner.fulfilment.auto",
                f"{partner.title} ships by itself whatever is acknowledged (fulfilment: auto){what}",
                "this is for the sandbox; set `fulfilment: none` where people or an ERP ship",
                source=partner.source,
            )


def _unconnected(look: Look, edition: Edition) -> None:
    """Name every live partner for whom there is no mailbox."""
    for partner in edition.partners.values():
        if partner.live and partner.connection is None:
            look.warn(
                "partner.connection.none",
                f"{partner.title} is live and has no connection: its files come in by `edi process` alone, and what is "
                "written for it goes into that command's folder.",
                "write `connection:` in the partner file if there is a mailbox to watch",
                Severity.NOTE,
                partner.source,
            )


def _keys(look: Look, edition: Edition) -> None:
    """Load each key that a partner's connection names, as the connection would."""
    sound = 0
    for connection in edition.connections.values():
        if connection.sftp is None or connection.name not in edition.used:
            continue
        name = connection.sftp.key
        path = look.settings.keys / name
        if not path.is_file():
            look.warn(
                "system.key.missing",
                f"The connection {connection.name} wants the private key {name}, and {look.settings.keys} has none.",
                f"put the key there, readable by you alone: ssh-keygen -t ed25519 -N '' -f {path}",
                source=connection.source,
            )
        elif path.stat().st_mode & 0o077:
            look.warn("system.key.open", f"The private key {name} can be read by others.", f"chmod 600 {path}")
        else:
            sound += _key_loads(look, name, path)
    if sound:
        look.well.append(f"{counted(sound, 'private key')} in {look.settings.keys}")


def _weak(look: Look, edition: Edition) -> None:
    """Name each connection that may use old algorithms."""
    for connection in edition.connections.values():
        weak = connection.sftp.weak if connection.sftp is not None else None
        if weak is not None:
            over = look.now.date() > weak.until
            look.warn(
                "transport.weak",
                f"{connection.name} {'was allowed to' if over else 'may'} use {', '.join(weak.allow)} "
                f"until {weak.until}: {weak.because.rstrip('.')}.",
                "ask the partner for newer algorithms, and take `weak` out",
                Severity.WARNING if over else Severity.NOTE,
                connection.source,
            )


def _key_loads(look: Look, name: str, path: Path) -> bool:
    from edi_engine.transport.keys import private_key

    try:
        private_key(name, lambda _: path)
    except TransportError as error:
        look.warn(
            "system.key.unusable", f"{str(error)[:1].upper()}{str(error)[1:]}.", "put a key there that is not locked"
        )
        return False
    return True


def _folders(look: Look, edition: Edition) -> None:
    """See whether the folders of this machine are there, and whether those that we write to can be written to."""
    places = {"erp": look.settings.erp}
    for connection in edition.connections.values():
        if connection.folder is None:
            continue
        places[connection.name] = look.settings.home / connection.folder
        below = (*connection.intake.folders, connection.delivery.folder)
        for name in below if places[connection.name].is_dir() else ("",):
            place = places[connection.name] / name.lstrip("/")
            if not place.is_dir():
                look.warn(
                    "system.folder.missing",
                    f"The folder {place} of the connection {connection.name} is not there.",
                    "make it, or mount the disk that holds it; a partner's folders are never made by themselves",
                    source=connection.source,
                )
    for name, folder in places.items():
        standing = next((one for one in (folder, *folder.parents) if one.exists()), folder)
        if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
            look.warn(
                "system.folder.closed",
                f"The folder {folder} of the connection {name} cannot be written to.",
                f"give the daemon's user the right to write to {standing}",
            )


def _disks(look: Look) -> None:
    """See how much room is left where the home and the store are."""
    look.facts["disks"] = []
    for room in disks(look.settings):
        look.facts["disks"].append({"folder": str(room.folder), "free": room.free, "total": room.total})
        if not room.short:
            free = f"{room.free / 2**30:.1f} GiB of the disk of {room.folder} are free ({room.share:.0f} %)"
            look.well.append(free)
            continue
        message = f"Only {room.share:.1f} % of the disk of {room.folder} are free; nothing new is fetched."
        fix = f"make room on the disk of {room.folder}; fetching goes on by itself"
        look.warn("system.disk", message, fix, Severity.HOLD)
