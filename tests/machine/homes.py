"""Where a machine lives: folders in memory, an empty store with all tables, and partner files in all their forms."""

from __future__ import annotations

import atexit
import shutil
from functools import cache
from pathlib import Path
from typing import Final

from edi_engine.app.settings import Settings
from edi_engine.app.shelf import current_edition
from edi_engine.partners.edition import Edition
from edi_engine.resources import shipped
from edi_engine.store.ledger import open_store
from tests.fixtures.homes import new_folder

CONNECTIONS: Final = """\
bluebird-sftp:
  sftp: {{host: sftp.bluebird.example, user: greenline, key: bluebird,
         host_key: "SHA256:uC9QhV5YbXw1n7m0sJ4kT2rE8pLzA6dGfHoI3yNqKtM"}}
  in: {{folder: /out, match: "*", settle: 10 s, after: {after}, claim: none}}
  out: {{folder: /in, deliver: {deliver}{manner}}}
  every: 1 min
  sessions: 1
"""
MANNERS: Final = {"rename": ', temporary: ".part"', "direct": "", "done-file": ', done: ".done"'}


@cache
def _homes() -> Path:
    folder = new_folder()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def template() -> Path:
    path = _homes() / "template.db"
    open_store(f"sqlite:///{path}").close()
    return path


@cache
def edition(deliver: str, after: str, *, tolerant: bool) -> Edition:
    """Give the partner's files in one of their forms."""
    home = _homes() / f"{deliver}-{after.split(maxsplit=1)[0]}-{tolerant}"
    shutil.copytree(shipped("partners") / "bluebird", home / "partners" / "bluebird")
    (home / "partners" / "connections.yaml").write_text(
        CONNECTIONS.format(deliver=deliver, after=after, manner=MANNERS[deliver])
    )
    if tolerant:
        file = home / "partners" / "bluebird" / "partner.yaml"
        file.write_text(file.read_text().replace("over: 2 %", "over: 60 %"))
    return current_edition(Settings(home, "sqlite://"))
