"""Care for an installation: check the partner files, audit the store, migrate and back it up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edi_engine.app.examples import tried_edition
from edi_engine.app.settings import Settings
from edi_engine.app.workplace import edition_in_force, opened
from edi_engine.errors import ConfigurationError
from edi_engine.finding import Finding


@dataclass(frozen=True, slots=True)
class PartnerCheck:
    """The partners of the files in use: (name, title, status, connection), and what is wrong or doubtful with them.

    `shipped` says that they are not the operator's own, but those that come with the program.
    """

    partners: tuple[tuple[str, str, str, str], ...]
    findings: tuple[Finding, ...]
    edition: str = ""
    shipped: bool = False


def check_partners(settings: Settings) -> PartnerCheck:
    """Load all partner files, maps and tables, and try their examples. Each fault is a finding with its place."""
    try:
        edition = tried_edition(settings)
    except ConfigurationError as error:
        return PartnerCheck((), error.findings)
    rows = tuple(
        (partner.name, partner.title, partner.standing, partner.connection or "")
        for partner in edition.partners.values()
    )
    shipped = not (settings.home / "partners").is_dir()
    return PartnerCheck(rows, edition.findings, edition.name, shipped)


def audit(settings: Settings) -> tuple[Finding, ...]:
    """Check every promise on the store as it is; no finding means that all hold."""
    from edi_engine.store.audit import audit as audit_store

    with opened(settings, edition_in_force(settings)) as place:
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
