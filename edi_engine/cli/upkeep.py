"""`edi partner`, `edi doctor`, `edi audit` and `edi db`: whether everything is as it should be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.diagnostic import remarked
from edi_engine.cli.door import Call, Door, shared
from edi_engine.cli.exits import exit_code
from edi_engine.cli.partner_gaps import gaps
from edi_engine.cli.partner_guide import guide
from edi_engine.cli.plain import counted, safe
from edi_engine.cli.summary import said
from edi_engine.cli.table import table
from edi_engine.finding import Finding

if TYPE_CHECKING:
    from edi_engine.app.care import PartnerCheck


@click.group(cls=Door)
def partner() -> None:
    """See the partners, and check their files."""


@partner.command("list", short_help="List the partners, and the sets that go to and fro.")
@shared
def list_(call: Call) -> int:
    """List the partners that the partner files describe, with the sets that they send and that we send."""
    found = app.check_partners(call.settings())
    code = exit_code(found.findings)

    def text() -> None:
        if found.partners:
            whose = " (shipped)" if found.shipped else ""
            rows = [
                (f"{one.name}{whose}", one.title, one.status, one.connection, _sets(one.receives), _sets(one.sends))
                for one in found.partners
            ]
            terminal.put(table(("partner", "title", "status", "connection", "they send", "we send"), rows))
        elif not code:
            terminal.put("No partners. `edi --home DIR` names the folder that has partners/.")
        _tell(found.findings)

    call.answer("partner-list", {"exit": code, **_content(found)}, text)
    return code


@partner.command("check", short_help="Check all partner files, maps and tables.")
@shared
def check(call: Call) -> int:
    """Check all partner files, maps and tables, and name every problem by file, line and column."""
    found = app.check_partners(call.settings())
    code = exit_code(found.findings)

    def text() -> None:
        terminal.lines(_checked_files(found))
        _tell(found.findings)
        names = ", ".join(one.name for one in found.partners)
        if not code:
            terminal.put(f"{counted(len(found.partners), 'partner')} ({names}): the files are sound.")
        else:
            terminal.put(f"{said(found.findings)}. A daemon that runs keeps its last good edition.")

    call.answer("partner-check", {"exit": code, **_content(found)}, text)
    return code


partner.add_command(guide)
partner.add_command(gaps)


def _content(found: PartnerCheck) -> dict[str, object]:
    told = ("edition", "shipped", "partners", "files", "findings")
    return {name: getattr(found, name) for name in told}


def _sets(sets: Sequence[str]) -> str:
    return ", ".join(sets) or "-"


def _checked_files(found: PartnerCheck) -> Iterator[str]:
    """Say of each folder what in it is sound, and of each other file how many problems it has."""
    sound: dict[str, Counter[str]] = {}
    for one in found.files:
        if not one.problems:
            parts = one.path.split("/")
            kinds = {"tables": "table", "examples": "example file"}
            what = kinds.get(parts[2], "other file") if len(parts) > 3 else parts[-1]
            sound.setdefault("/".join(parts[:2]), Counter())[what] += 1
    for folder, counts in sound.items():
        plain = [name for name in counts if "." in name and name != folder.rpartition("/")[2]]
        many = [counted(counts[kind], kind) for kind in ("table", "example file", "other file") if counts[kind]]
        yield f"  ok  {safe(': '.join(part for part in (folder, ', '.join((*plain, *many))) if part))}"
    for one in found.files:
        if one.problems:
            yield f"  --  {safe(one.path)}: {counted(one.problems, 'problem')}"


@click.command(short_help="Look for what may keep the engine from working.")
@shared
def doctor(call: Call) -> int:
    """Look at everything that may keep the engine from working well: files, keys, disk, store."""
    found = app.doctor(call.settings())
    code = exit_code(found.findings)

    def text() -> None:
        terminal.lines(f"  ok  {safe(line)}" for line in found.well)
        _tell(found.findings)
        terminal.put(f"{said(found.findings)}." if found.findings else "All is well.")

    call.answer("doctor", {"exit": code, "well": found.well, "findings": found.findings, "facts": found.facts}, text)
    return code


@click.command(short_help="Check every promise on the store.")
@click.option("--seal", "kept", metavar="HASH", help="A seal that you wrote down: the history must still have it.")
@shared
def audit(call: Call, kept: str | None) -> int:
    """Check every promise on the store: nothing lost, nothing sent twice, the history as written.

    It ends with the newest seal of the history, a hash over all of it. Keep it elsewhere, as the daemon's log does:
    `--seal` proves with it that nothing before it was changed since.
    """
    findings = app.audit(call.settings(), kept)
    seal, how_far = app.db_seal(call.settings(), only_look=True)
    code = exit_code(findings)

    def text() -> None:
        _tell(findings)
        terminal.put(f"{said(findings)}." if findings else "Every promise is kept.")
        terminal.put(f"{how_far[:1].upper()}{how_far[1:]}.")

    call.answer("audit", {"exit": code, "seal": seal, "findings": findings}, text)
    return code


@click.group(cls=Door)
def db() -> None:
    """Care for the store."""


@db.command("upgrade")
@shared
def upgrade(call: Call) -> None:
    """Make the store, or bring it to this program's tables."""
    done = app.db_upgrade(call.settings())
    call.answer("db-upgrade", {"done": done}, lambda: terminal.put(f"Done: {safe(done)}."))


@db.command("check", short_help="Check that the store is sound.")
@shared
def db_check(call: Call) -> int:
    """Check the store's own integrity, that its tables fit this program, and all stored bytes against their hashes."""
    return _checked(call, "db-check", app.db_check(call.settings()), "The store is sound.")


@db.command("backup", short_help="Copy the store, even while the daemon runs.")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@shared
def backup(call: Call, path: Path) -> None:
    """Copy the store to FILE, consistent even while the daemon runs."""
    done = app.db_backup(call.settings(), path)
    call.answer("db-backup", {"done": done}, lambda: terminal.put(f"Done: {safe(done)}."))


@db.command("seal", short_help="Seal the history, and say the seal.")
@shared
def db_seal(call: Call) -> None:
    """Seal the history now, as the daemon does every ten minutes, and say the seal: a hash over the whole history."""
    seal, how_far = app.db_seal(call.settings())
    call.answer("db-seal", {"seal": seal}, lambda: terminal.put(f"{how_far[:1].upper()}{how_far[1:]}."))


@db.command("bump", short_help="Raise all control numbers, after a backup was restored.")
@click.option("--by", type=click.IntRange(0, 999_999), default=1000, metavar="N", help="How far; 1000 if not said.")
@click.option(
    "--archive",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Raise them to the highest in these copies of what we sent, too.",
)
@shared
def bump(call: Call, by: int, archive: Path | None) -> None:
    """Raise all control numbers, after the store was taken back from a copy.

    What was sent after the copy was made is not in it, and a partner would take a new document under a used number for
    an old one. Until this is done nothing is numbered and `edi run` does not start. Documents that wait are held: they
    may have gone out already.
    """
    done = app.db_bump(call.settings(), by, archive)

    def text() -> None:
        raised = f"{counted(done.sequences, 'sequence')} of numbers raised by {done.by:,}"
        begin = f" A partner who had no number yet begins at {done.floor + 1}." if done.floor else ""
        terminal.put(f"Done: {raised}.{begin}")
        if done.held:
            terminal.put(f"{counted(len(done.held), 'document')} held, which may have gone out already:")
            terminal.suggest(
                (call.edi("outbox", "list", "--state", "held"), "see them, and ask the partners which they have"),
                (call.edi("outbox", "release", done.held[0]), "let one go"),
            )

    call.answer("db-bump", {"done": done}, text)


@db.command("purge", short_help="Let go of the bytes of what was settled long ago; shown first.")
@click.option("--older-than", "days", type=click.IntRange(30), required=True, metavar="DAYS", help="How long ago.")
@click.option("--commit", is_flag=True, help="Act. Without it nothing is purged; what would be is shown.")
@shared
def purge(call: Call, days: int, *, commit: bool) -> None:
    """Let go of the bytes of files and documents that were settled more than DAYS days ago.

    Their hashes, sizes, control numbers, orders and history stay, so that what comes again is still known. What waits,
    what has an open case and what belongs to an open order stays whole. The history keeps one hash over all of it.
    """
    done = app.db_purge(call.settings(), timedelta(days=days), commit=commit)

    def text() -> None:
        what = f"the bytes of {counted(len(done.gone), 'file or document', 'files and documents')}"
        size = f"{done.size / 2**20:,.1f} MiB, settled before {done.before:%Y-%m-%d}"
        if not done.committed:
            terminal.put(f"It would purge {what} ({size}).")
            if done.gone:
                terminal.suggest((call.edi("db", "purge", "--older-than", days, "--commit"), "purge them"))
            return
        terminal.put(f"Done: purged {what} ({size}). The hash of their hashes is {done.proof}.")

    content = {"committed": done.committed, "before": done.before, "proof": done.proof, "purged": done.gone}
    call.answer("db-purge", {**content, "size": done.size}, text)


def _checked(call: Call, command: str, findings: Sequence[Finding], well: str) -> int:
    code = exit_code(findings)

    def text() -> None:
        _tell(findings)
        terminal.put(f"{said(findings)}." if findings else well)

    call.answer(command, {"exit": code, "findings": findings}, text)
    return code


def _tell(findings: Sequence[Finding]) -> None:
    terminal.lines(remarked(finding, color=terminal.color(), width=terminal.width()) for finding in findings)
