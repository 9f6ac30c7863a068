# ruff: noqa: INP001 - what a script run by path reads
"""The places at which `sabotage.py` breaks the code, and the tests that must notice.

tests/house/test_sabotage.py fails where the code has moved on and a break no longer fits it.
"""

from __future__ import annotations

from dataclasses import dataclass


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
        "return Fraction(many * each * factor.numerator, of_many * of_each * factor.denominator * target[1])",
        "return Fraction(many * each, of_many * of_each * target[1])",
        ("tests/unit/orders/test_units_money.py",),
    ),
    Break(
        "segment count",
        "edi_engine/x12/writer.py",
        'sheet.envelope("SE", str(len(body) + 2), number)',
        'sheet.envelope("SE", str(len(body) + 1), number)',
        ("tests/unit/x12/test_writer.py",),
    ),
    Break(
        "sets accepted",
        "edi_engine/x12/acknowledge.py",
        'sum(1 for *_, code in judged if code != "R")',
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
        "        if written != 1:\n",
        "        if written > 1:\n",
        ("tests/unit/store/test_rows.py",),
    ),
    Break(
        "compare-and-set: what is compared",
        "edi_engine/store/statements.py",
        'for name in ("id", "state", "epoch") if name in table.c]',
        'for name in ("id",) if name in table.c]',
        ("tests/unit/store/test_rows.py",),
    ),
    Break(
        "compare-and-set of many rows in one go",
        "edi_engine/store/rows.py",
        "        if written != len(made):\n",
        "        if written > len(made):\n",
        ("tests/unit/store/test_many.py",),
    ),
    Break(
        "compare-and-set: a command that was frozen and overtaken writes on",
        "edi_engine/store/rows.py",
        "        if written != 1:\n",
        "        if written > 1:\n",
        ("tests/crash/test_zombies.py", "-m", "crash", "-k", "a_command"),
    ),
    Break(
        "compare-and-set: a daemon that was frozen sends what a person holds back by now",
        "edi_engine/store/rows.py",
        "        if written != 1:\n",
        "        if written > 1:\n",
        ("tests/crash/test_zombies.py", "-m", "crash", "-k", "held"),
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
        "        _sync(unfinished)\n",
        "",
        ("tests/unit/transport/test_power_cut.py",),
    ),
    Break(
        "fsync of a backup before it gets its name",
        "edi_engine/store/copies.py",
        "        _sync(unfinished)\n        unfinished.replace(target)\n",
        "        unfinished.replace(target)\n        _sync(target)\n",
        ("tests/unit/transport/test_power_cut.py",),
    ),
    Break(
        "fsync of the folder of a backup",
        "edi_engine/store/copies.py",
        "        _sync(target.parent)\n",
        "",
        ("tests/unit/transport/test_power_cut.py",),
    ),
    Break(
        "fsync of the mark that a restore is known by",
        "edi_engine/app/restoring.py",
        "            os.fsync(file.fileno())\n",
        "",
        ("tests/unit/app/test_restoring.py", "-k", "power"),
    ),
    Break(
        "fsync of a note of what is in hand",
        "edi_engine/app/hand.py",
        "                if lasting:\n                    os.fsync(handle)\n",
        "",
        ("tests/unit/app/test_poison.py", "-k", "power or disk"),
    ),
    Break(
        "fsync of the folder of the notes",
        "edi_engine/app/hand.py",
        "                _sync(note.parent)\n",
        "",
        ("tests/unit/app/test_poison.py", "-k", "power or disk"),
    ),
    Break(
        "fsync of the folder that the folder of the notes lies in",
        "edi_engine/app/hand.py",
        "                _sync(note.parent.parent)\n",
        "",
        ("tests/unit/app/test_poison.py", "-k", "power or disk"),
    ),
    Break(
        "a note is emptied before its new count stands in it",
        "edi_engine/app/hand.py",
        "os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600",
        "os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600",
        ("tests/unit/app/test_poison.py", "-k", "never_lost"),
    ),
    Break(
        "fsync of the name of a file that was put",
        "edi_engine/transport/folder.py",
        "                raise\n            _settle(path.parent)\n",
        "                raise\n",
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
        "fsync of a commit on PostgreSQL",
        "edi_engine/store/place.py",
        '"synchronous_commit": "on"',
        '"synchronous_commit": "off"',
        ("tests/servers/test_postgres_store.py",),
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
        "        kept = _keep(office, connection, watch, entry, record, data, after.get(name))\n",
        "        mailbox.remove(connection.intake.folder, entry.name)\n"
        "        kept = _keep(office, connection, watch, entry, record, data, after.get(name))\n",
        ("tests/crash/test_every_point.py", "-m", "crash", "-k", "every_point and sqlite"),
    ),
    Break(
        "commit boundary: the upload is noted before it is done",
        "edi_engine/flow/handover.py",
        '            office.ledger.crashpoint("deliver.rename:before")\n',
        "            document = _sent(office, document)\n"
        '            office.ledger.crashpoint("deliver.rename:before")\n',
        ("tests/crash/test_every_point.py", "-m", "crash", "-k", "every_point and sqlite"),
    ),
    Break(
        "commit boundary: a number is taken outside of the commit of its document",
        "edi_engine/store/numbers.py",
        "        if self._unwritten:\n",
        "        if self._unwritten:\n            self._connection.commit()\n            self._connection.begin()\n",
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
        "        kept = _keep(office, connection, watch, entry, record, data, after.get(name))\n",
        "        mailbox.remove(connection.intake.folder, entry.name)\n"
        "        kept = _keep(office, connection, watch, entry, record, data, after.get(name))\n",
        ("tests/machine/test_machine.py",),
    ),
    Break(
        "machine: an acknowledgment is read and not taken",
        "edi_engine/flow/judge.py",
        "        respond(office, unit, opened.partner, judged, split(received.text, received.delimiters))\n"
        '        return unit.sets.change(judged, state="MAPPED")\n',
        '        return unit.sets.change(judged, state="MAPPED")\n',
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
        "an upload of unknown outcome is done again",
        "edi_engine/flow/handover.py",
        '    if standing is None and tried and "direct" in {document.manner, connection.delivery.deliver}:\n',
        "    if False:\n",
        ("tests/unit/flow/test_handover.py",),
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
        "edi_engine/orders/repetition.py",
        "    if not differing:\n",
        "    if True:\n",
        ("tests/stories/test_walk.py", "-k", "duplicate-order"),
    ),
)
