"""Secrets with a mark in them: whatever is run, the mark is in nothing that is shown, logged or kept."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from edi_engine.resources import shipped
from tests.fixtures.homes import PROGRAM, make_home

pytestmark = pytest.mark.fault("S12")

CANARY = "c4n4ry-s3cr3t"
SFTP = """\
bluebird-sftp:
  sftp:
    {host: 127.0.0.1, port: 1, user: us, key: bluebird, host_key: "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
  in: {folder: /out, after: delete}
  out: {folder: /in}
"""
ORDER = shipped("samples") / "bluebird" / "clean-order" / "in.edi"
COMMANDS = (
    ("doctor", "--json"),
    ("run", "--once"),
    ("process", str(ORDER), "--out", "given"),
    ("exceptions", "list", "--json"),
    ("exceptions", "list", "--csv"),
    ("db", "backup", "copy.db"),
)


def said(home: Path, *words: str, **known: str) -> str:
    """Run a command in `home` and give all that it said, with every trace that it can be asked for."""
    done = subprocess.run(
        [*PROGRAM, "--traceback", *words],
        cwd=home, capture_output=True, timeout=120, check=False,
        env=os.environ | {"EDI_HOME": str(home)} | known,
    )  # fmt: skip
    return (done.stdout + done.stderr).decode()


def holders(folder: Path, marks: list[bytes]) -> list[str]:
    """Name each file below `folder` that holds one of the marks, the keys themselves apart."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "keys"]
    return [path.name for path in paths if any(mark in path.read_bytes() for mark in marks)]


def test_a_private_key_stays_in_its_file(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", SFTP)
    (home / "keys").mkdir()
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    (home / "keys" / "bluebird").write_bytes(key)
    (home / "keys" / "bluebird").chmod(0o600)
    marks = [line for line in key.splitlines() if len(line) > 30 and not line.startswith(b"-")]
    assert len(marks) >= 3
    shown = "".join(said(home, *command) for command in COMMANDS)
    assert "bluebird" in shown  # the key's name may be told
    assert [mark for mark in marks if mark.decode() in shown] == []
    assert holders(home, marks) == []


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://edi:{CANARY}@127.0.0.1:1/edi",
        f"postgresql+psycopg://edi:{CANARY}@127.0.0.1:1/edi?connect_timeout=2",
        f"postgresql//edi:{CANARY}@127.0.0.1/edi",
        f"mysql://edi:{CANARY}@127.0.0.1/edi",
        f"postgresql://127.0.0.1:1/edi?user=edi&password={CANARY}",
        f"postgresql://edi:{CANARY}@127.0.0.1:port/edi",
    ],
)
def test_the_password_of_the_store_is_never_told(tmp_path: Path, url: str) -> None:
    home = make_home(tmp_path / "home")
    shown = said(home, "run", "--once", EDI_DB=url) + said(home, "doctor", "--json", EDI_DB=url)
    assert "store" in shown
    assert CANARY not in shown
    assert holders(home, [CANARY.encode()]) == []


@pytest.mark.parametrize("command", [("partner", "check", "--json"), ("run", "--once")])
def test_a_password_that_somebody_wrote_into_a_partner_file_is_refused_and_not_repeated(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    home = make_home(tmp_path / "home", SFTP.replace("key: bluebird", f"key: bluebird, password: {CANARY}"))
    shown = said(home, *command)
    assert "partner.file.secret" in shown or "password" in shown
    assert CANARY not in shown
    (home / "partners" / "connections.yaml").unlink()
    assert holders(home, [CANARY.encode()]) == []
