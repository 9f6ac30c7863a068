"""How fast small files come in, beside paramiko's own get() and OpenSSH's sftp, against one sshd in the same run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest

from edi_engine.transport.sftp import connect_all
from tests.fixtures.sshd import Sshd, own

pytestmark = [pytest.mark.bench, pytest.mark.servers]

FILES, SIZE, TURNS = 1000, 1600, 3


def ours(sshd: Sshd, sessions: int) -> None:
    """List, fetch all with one read each, and look at all sizes once more."""
    mailbox = connect_all(sshd.connection(), sshd.keys, sessions)
    folder = sshd.place("out")
    listed = {entry.name: entry for entry in mailbox.listing(folder) if entry.regular}
    fetched = dict(mailbox.fetch_all(folder, list(listed), 1_000_000))
    after = mailbox.sizes(folder, list(listed))
    mailbox.close()
    assert all(len(fetched[name]) == entry.size == after[name].size for name, entry in listed.items())
    assert len(fetched) == FILES


def plain_get(sshd: Sshd, to: Path) -> None:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", sshd.port, sshd.user, key_filename=str(sshd.key), look_for_keys=False)
    sftp = client.open_sftp()
    sftp.chdir(sshd.place("out"))
    for entry in sftp.listdir_attr():
        if entry.filename.endswith(".edi"):
            sftp.get(entry.filename, str(to / entry.filename))
    client.close()


def openssh(sshd: Sshd, to: Path) -> None:
    program = shutil.which("sftp")
    if program is None:
        pytest.skip("there is no sftp on this machine: install openssh-client")
    options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "BatchMode=no", "LogLevel=ERROR"]
    command = [program, "-q", "-P", str(sshd.port), "-i", str(sshd.key), *(f"-o{one}" for one in options), "-b", "-"]
    batch = f"get {sshd.place('out')}/*.edi {to}\n".encode()
    subprocess.run([*command, f"{sshd.user}@127.0.0.1"], input=batch, check=True, capture_output=True)


def test_small_files(sshd: Sshd, tmp_path: Path) -> None:
    for number in range(FILES):
        file = sshd.root / "out" / f"{number:05}.edi"
        file.write_bytes(b"%05d" % number * (SIZE // 5))
        own(file)
    ways: dict[str, Callable[[Path], None]] = {
        "paramiko get()": lambda to: plain_get(sshd, to),
        "OpenSSH sftp get *": lambda to: openssh(sshd, to),
        "ours, 1 session": lambda to: ours(sshd, 1),
        "ours, 4 sessions": lambda to: ours(sshd, 4),
    }
    best = dict.fromkeys(ways, 1e9)
    for turn in range(TURNS):
        for name, way in ways.items():
            to = tmp_path / f"{turn}{len(name)}"
            to.mkdir()
            began = time.perf_counter()
            way(to)
            best[name] = min(best[name], time.perf_counter() - began)
    for name, seconds in best.items():
        sys.stdout.write(f"\n{name}: {FILES / seconds:.0f} files/s")
    against = best["paramiko get()"] / best["ours, 1 session"], best["OpenSSH sftp get *"] / best["ours, 4 sessions"]
    sys.stdout.write(f"\n1 session: {against[0]:.2f} x paramiko get(); 4 sessions: {against[1]:.2f} x OpenSSH sftp\n")
    assert against[0] >= 1.3
    assert against[1] >= 0.75
