# ruff: noqa: INP001, T201, S603, S607 - a script run by path, whose output is its result; it runs git and pytest
"""Break the code on purpose, one place at a time, in a copy: each break must turn a named test red.

python tools/sabotage.py [--keep] [NAME ...]

NAME   only the breaks whose names hold one of these words
--keep write into docs/reference/crash.md which test noticed each break that was tried now

The tests of a break are run on the sound code first: a test that is red anyway notices nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "crash.md"


@dataclass(frozen=True)
class Break:
    """In `file`, `old` (which stands there once) becomes `new`; one of `tests` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


BREAKS = (
    Break(
        "price compare",
        "edi_engine/orders/rules/price.py",
        "if abs(gap) * 100 <= ours * Fraction(share)",
        "if abs(gap) * 100 < ours * Fraction(share) * 3",
        ("tests/unit/orders/test_price.py",),
    ),
    Break(
        "price basis",
        "edi_engine/orders/money.py",
        "return None if factor is None else Fraction(price) * Fraction(quantity) * factor / target[1]",
        "return None if factor is None else Fraction(price) * Fraction(quantity) / target[1]",
        ("tests/unit/orders/test_units_money.py",),
    ),
    Break(
        "segment count",
        "edi_engine/x12/writer.py",
        'sheet.put(("SE", str(len(body) + 2), number)',
        'sheet.put(("SE", str(len(body) + 1), number)',
        ("tests/unit/x12/test_writer.py",),
    ),
    Break(
        "sets accepted",
        "edi_engine/x12/acknowledge.py",
        'sum(1 for _, code in judged if code != "R")',
        "len(judged)",
        ("tests/unit/x12/test_acknowledge.py",),
    ),
    Break(
        "control number",
        "edi_engine/store/numbers.py",
        "else_=NUMBER_SCOPE.c.number + 1)",
        "else_=NUMBER_SCOPE.c.number)",
        ("tests/unit/store/test_numbers.py",),
    ),
    Break(
        "compare-and-set",
        "edi_engine/store/rows.py",
        '        if written != 1:\n            message = f"{shape.table.name} {record.id} was changed',
        '        if written > 1:\n            message = f"{shape.table.name} {record.id} was changed',
        ("tests/unit/store/test_rows.py",),
    ),
    Break(
        "compare-and-set: a command that was frozen and overtaken writes on",
        "edi_engine/store/rows.py",
        '        if written != 1:\n            message = f"{shape.table.name} {record.id} was changed',
        '        if written > 1:\n            message = f"{shape.table.name} {record.id} was changed',
        ("tests/crash/test_zombies.py", "-m", "crash", "-k", "a_command"),
    ),
    Break(
        "fence",
        "edi_engine/store/ledger.py",
        "            if fence is not None:\n                self._prove(connection, *fence)\n",
        "",
        ("tests/unit/store/test_ledger.py",),
    ),
    Break(
        "fence: a daemon that was frozen and taken over writes on",
        "edi_engine/store/ledger.py",
        "            if fence is not None:\n                self._prove(connection, *fence)\n",
        "",
        ("tests/crash/test_zombies.py", "-m", "crash", "-k", "frozen_at"),
    ),
    Break(
        "fence: a second daemon is let onto a SQLite store",
        "edi_engine/app/alone.py",
        "        while not _lock(handle, fcntl.LOCK_EX):\n",
        "        while False:\n",
        ("tests/crash/test_zombies.py", "-m", "crash", "-k", "second_daemon"),
    ),
    Break(
        "fsync of a file",
        "edi_engine/transport/folder.py",
        "                    os.fsync(file.fileno())\n",
        "",
        ("tests/unit/transport/test_power_cut.py",),
    ),
    Break(
        "fsync of a folder",
        "edi_engine/transport/folder.py",
        "            for changed in {path.parent, to.parent}:\n                _settle(changed)\n",
        "",
        ("tests/unit/transport/test_power_cut.py",),
    ),
    Break(
        "fsync of a backup",
        "edi_engine/store/copies.py",
        "    _sync(unfinished)\n",
        "",
        ("tests/unit/transport/test_power_cut.py",),
    ),
    Break(
        "fsync of a commit",
        "edi_engine/store/place.py",
        '"PRAGMA synchronous=FULL"',
        '"PRAGMA synchronous=NORMAL"',
        ("tests/unit/store/test_place.py",),
    ),
    Break(
        "fsync of a folder that was made",
        "edi_engine/transport/folder.py",
        "    for made in reversed(missing):\n        _settle(made.parent)\n",
        "",
        ("tests/unit/transport/test_power_cut.py",),
    ),
    Break(
        "rename in one step",
        "edi_engine/transport/folder.py",
        "                if not renamed(path, to):\n",
        "                if path != to:\n",
        ("tests/unit/transport/test_folder.py",),
    ),
    Break(
        "commit boundary: what a kill before a commit must undo is there",
        "edi_engine/store/ledger.py",
        '                self.crashpoint(f"{name}:before")\n                _commit(connection)\n',
        '                _commit(connection)\n                self.crashpoint(f"{name}:before")\n',
        ("tests/unit/store/test_crash.py", "-m", "crash", "-k", "undoes"),
    ),
    Break(
        "commit boundary: the remote copy goes before the bytes are stored",
        "edi_engine/flow/pickup.py",
        '    with office.ledger.unit("pickup.stored") as unit:\n',
        "    mailbox.remove(connection.intake.folder, entry.name)\n"
        '    with office.ledger.unit("pickup.stored") as unit:\n',
        ("tests/crash/test_every_point.py", "-m", "crash", "-k", "every_point and sqlite"),
    ),
    Break(
        "commit boundary: the upload is noted before it is done",
        "edi_engine/flow/deliver.py",
        "        current = _rename(office, mailbox, folder, current)\n",
        '        with office.ledger.unit("deliver.sent") as unit:\n'
        '            current = unit.documents.change(current, state="SENT")\n'
        "        mailbox.rename(folder, current.temporary.encode(), folder, current.name.encode())\n",
        ("tests/crash/test_every_point.py", "-m", "crash", "-k", "every_point and sqlite"),
    ),
    Break(
        "commit boundary: a number is taken outside of the commit of its document",
        "edi_engine/store/numbers.py",
        "        self._rows.add(NumberRecord(scope, number, self._now(), cycle))\n        return number\n",
        "        self._rows.add(NumberRecord(scope, number, self._now(), cycle))\n"
        "        self._connection.commit()\n        return number\n",
        ("tests/crash/test_every_point.py", "-m", "crash", "-k", "every_point and sqlite"),
    ),
    Break(
        "machine: an interchange that came before is not known again",
        "edi_engine/flow/identity.py",
        "return next((one for one in earlier if not _is_past(unit, one, received)), None)",
        "return next((one for one in earlier if not one), None)",
        ("tests/machine/test_machine.py",),
    ),
    Break(
        "machine: a document is noted as sent before it is renamed",
        "edi_engine/flow/handover.py",
        "            mailbox.rename(folder, was, folder, final)\n"
        '            office.ledger.crashpoint("deliver.rename:after")\n',
        "            document = _sent(office, document)\n"
        "            mailbox.rename(folder, was, folder, final)\n"
        "            return document\n",
        ("tests/machine/test_machine.py",),
    ),
    Break(
        "machine: a file is taken away before it is stored",
        "edi_engine/flow/pickup.py",
        '    with office.ledger.unit("pickup.stored") as unit:\n',
        "    mailbox.remove(connection.intake.folder, entry.name)\n"
        '    with office.ledger.unit("pickup.stored") as unit:\n',
        ("tests/machine/test_machine.py",),
    ),
    Break(
        "a file is moved away without a last look",
        "edi_engine/flow/clear.py",
        "standing.regular or (standing.size, standing.modified) != (record.size, record.modified):",
        "standing.regular:",
        ("tests/unit/flow/test_pickup.py", "-k", "replaced"),
    ),
    Break(
        "machine: an upload of unknown outcome is done again",
        "edi_engine/flow/handover.py",
        '    if standing is None and tried and connection.delivery.deliver == "direct":\n',
        "    if False:\n",
        ("tests/machine/test_machine.py",),
    ),
    Break(
        "allowance",
        "edi_engine/orders/charges.py",
        "total += -amount if charge.method in SUBTRACT else amount",
        "total += amount",
        ("tests/unit/orders/test_bill.py",),
    ),
    Break(
        "check digit of a carton",
        "edi_engine/orders/sscc.py",
        "(3 if place % 2 == 0 else 1)",
        "(1 if place % 2 == 0 else 3)",
        ("tests/unit/orders/test_ship.py",),
    ),
    Break(
        "test orders stay test",
        "edi_engine/flow/book.py",
        "            live=live,\n            po_number=order.po_number,\n            set_id",
        "            live=True,\n            po_number=order.po_number,\n            set_id",
        ("tests/stories/test_walk.py", "-k", "test-order"),
    ),
    Break(
        "duplicate order",
        "edi_engine/orders/rules/duplicate.py",
        "    if not differing:\n",
        "    if differing or not differing:\n",
        ("tests/stories/test_walk.py", "-k", "duplicate-order"),
    ),
)


def copied(place: Path, broken: Break | None) -> Path:
    """Copy what git tracks and what is new, and break it; or leave it sound."""
    copy = place / "copy"
    copy.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    for name in listed.stdout.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    if broken is not None:
        file = copy / broken.file
        text = file.read_text(encoding="utf-8")
        if text.count(broken.old) != 1:
            sys.exit(f"{broken.name}: {broken.file} has the text to break {text.count(broken.old)} times, not once")
        file.write_text(text.replace(broken.old, broken.new), encoding="utf-8")
    return copy


def red_test(tests: tuple[str, ...], broken: Break | None) -> str | None:
    """Run tests in a copy that is broken, or sound; give the first that failed, None if all passed."""
    with tempfile.TemporaryDirectory() as place:
        copy = copied(Path(place), broken)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--basetemp", f"{place}/t"]
        environment = {**os.environ, "PYTHONPATH": str(copy)}
        done = subprocess.run(
            [*command, *tests], cwd=copy, capture_output=True, text=True, check=False, env=environment
        )
    if done.returncode == 0:
        return None
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0].partition(" ")[2] if failed else f"exit {done.returncode}"


def keep(noticed: dict[str, str]) -> None:
    """Write down which test noticed each break; what was not tried now stays as it was."""
    rows = dict(line.strip("| ").split(" | ") for line in PAGE.read_text().splitlines() if line.endswith("` |"))
    head = PAGE.read_text().partition("|---|---|\n")[0]
    found = {name: f"`{test}`" for name, test in noticed.items()}
    table = {one.name: found.get(one.name) or rows.get(one.name, "`not tried yet`") for one in BREAKS}
    PAGE.write_text(head + "|---|---|\n" + "".join(f"| {name} | {test} |\n" for name, test in table.items()))


def main(words: list[str]) -> int:
    """Break, test and tell; give how many breaks no test noticed."""
    wanted = [word for word in words if word != "--keep"]
    chosen = [one for one in BREAKS if not wanted or any(word in one.name for word in wanted)]
    for tests in dict.fromkeys(one.tests for one in chosen):
        red = red_test(tests, None)
        if red is not None:
            sys.exit(f"{red} fails on the sound code: mend that first")
    noticed: dict[str, str] = {}
    for broken in chosen:
        red = red_test(broken.tests, broken)
        print(f"{broken.name:<76}{red or 'NOT NOTICED'}", flush=True)
        if red is not None:
            noticed[broken.name] = red
    if "--keep" in words:
        keep(noticed)
    return len(chosen) - len(noticed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
