"""Care for an installation: check the partner files, look at its health, audit the store, migrate and back it up."""

from __future__ import annotations

import shutil
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from edi_engine.app.examples import tried_edition
from edi_engine.app.settings import Settings
from edi_engine.app.shelf import current_edition, folders
from edi_engine.app.workplace import opened
from edi_engine.errors import ConfigurationError, EngineError
from edi_engine.finding import Finding, Severity
from edi_engine.partners.edition import Edition


@dataclass(frozen=True, slots=True)
class PartnerCheck:
    """The partners of the files in use: (name, title, status, connection), and what is wrong or doubtful with them."""

    partners: tuple[tuple[str, str, str, str], ...]
    findings: tuple[Finding, ...]
    edition: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What the doctor saw: one line for each thing that is well, one finding for each that is not."""

    well: tuple[str, ...]
    findings: tuple[Finding, ...]


def check_partners(settings: Settings) -> PartnerCheck:
    """Load all partner files, maps and tables, and try their examples. Each fault is a finding with its place."""
    try:
        edition = tried_edition(settings)
    except ConfigurationError as error:
        return PartnerCheck((), error.findings)
    rows = tuple(
        (partner.name, partner.title, partner.status, partner.connection or "") for partner in edition.partners.values()
    )
    return PartnerCheck(rows, edition.findings, edition.name)


def doctor(settings: Settings) -> Health:
    """Look at everything that may keep the daemon from working well; nothing is changed."""
    well: list[str] = [f"Python {sys.version.split()[0]}"]
    findings: list[Finding] = []
    checked = check_partners(settings)
    findings.extend(checked.findings)
    if checked.edition:
        maps, partners = folders(settings)
        well.append(f"{len(checked.partners)} partner files in {partners} are sound (edition {checked.edition[:12]})")
        edition = current_edition(settings)
        findings.extend(_fulfilment(edition))
        findings.extend(_keys(settings, edition))
        del maps
    findings.extend(_disk(settings, well))
    findings.extend(_store(settings, well))
    return Health(tuple(well), tuple(dict.fromkeys(findings)))


def _fulfilment(edition: Edition) -> list[Finding]:
    """Name every partner whose live orders ship by themselves."""
    return [
        Finding(
            "partner.fulfilment.auto",
            Severity.WARNING,
            f"{partner.title} ships by itself whatever is acknowledged (fulfilment: auto)"
            + (f", live orders too: “{partner.fulfilment.auto_live}”." if partner.fulfilment.auto_live else "."),
            source=partner.source,
            fix="this is for the sandbox; set `fulfilment: none` where people or an ERP ship",
        )
        for partner in edition.partners.values()
        if partner.fulfilment.mode == "auto"
    ]


def _keys(settings: Settings, edition: Edition) -> list[Finding]:
    found: list[Finding] = []
    for connection in edition.connections.values():
        if connection.sftp is None:
            continue
        key = settings.keys / connection.sftp.key
        if not key.is_file():
            found.append(
                Finding(
                    "system.key.missing",
                    Severity.WARNING,
                    f"The connection {connection.name} wants the private key {connection.sftp.key}; "
                    f"there is none in {settings.keys}.",
                    source=connection.source,
                    fix=f"put the key there, readable by you alone: ssh-keygen -t ed25519 -N '' -f {key}",
                )
            )
        elif key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            found.append(
                Finding(
                    "system.key.open",
                    Severity.WARNING,
                    f"The private key {connection.sftp.key} can be read by others.",
                    fix=f"chmod 600 {key}",
                )
            )
    return found


def _disk(settings: Settings, well: list[str]) -> list[Finding]:
    home = settings.home if settings.home.is_dir() else Path()
    usage = shutil.disk_usage(home)
    share = 100 * usage.free / usage.total
    if share >= 5:
        well.append(f"{usage.free / 2**30:.1f} GiB of the disk are free ({share:.0f} %)")
        return []
    return [
        Finding(
            "system.disk",
            Severity.HOLD,
            f"Only {share:.1f} % of the disk are free.",
            fix="make room before new files cannot be stored",
        )
    ]


def _store(settings: Settings, well: list[str]) -> list[Finding]:
    if settings.db.startswith("sqlite:///") and not Path(settings.db.removeprefix("sqlite:///")).exists():
        well.append("there is no store yet; the first run makes it")
        return []
    try:
        with opened(settings) as place, place.office().ledger.reading() as unit:
            waiting = unit.cases.count(state="OPEN")
            unsent = unit.documents.count(state=("READY", "UPLOADING", "UPLOADED", "SENT", "PARKED"))
            well.append(f"the store opens: {waiting} open cases, {unsent} documents on their way")
            troubled = [case for case in unit.cases.select(state="OPEN") if case.subject.startswith("connection:")]
        return [Finding(case.kind, Severity.HOLD, case.title) for case in troubled]
    except EngineError as error:
        return [Finding("system.db", Severity.HOLD, f"The store does not open: {error}")]


def audit(settings: Settings) -> tuple[Finding, ...]:
    """Check every promise on the store as it is; no finding means that all hold."""
    from edi_engine.store.audit import audit as audit_store

    with opened(settings) as place:
        return audit_store(place.store)


def db_upgrade(settings: Settings) -> str:
    """Bring the store to this program's tables. Gives a sentence that says what was done."""
    from edi_engine.store.ledger import open_store

    open_store(settings.db).close()
    return "the store has this program's tables"


def db_check(settings: Settings) -> tuple[Finding, ...]:
    """Check the store's own integrity and whether its tables fit this program."""
    from edi_engine.store.backup import check

    return check(settings.db)


def db_backup(settings: Settings, path: Path) -> str:
    """Copy the store, consistent even while the daemon runs. Gives a sentence that says where it is."""
    from edi_engine.store.backup import backup

    backup(settings.db, path)
    return f"the store was copied to {path}"
