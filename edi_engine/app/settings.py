"""Where things are: the operator's home folder, the store, keys and the ERP's folder."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one run. `home` may hold mappings/, partners/, keys/ and erp/; `db` is an SQLAlchemy URL."""

    home: Path
    db: str

    @classmethod
    def load(cls, home: Path | None = None, db: str | None = None) -> Settings:
        """Take what the command line gives, else EDI_HOME and EDI_DB, else this folder and its edi.db."""
        folder = (home or Path(os.environ.get("EDI_HOME", "."))).resolve()
        return cls(folder, db or os.environ.get("EDI_DB") or f"sqlite:///{folder / 'edi.db'}")

    @property
    def store_file(self) -> Path | None:
        """The file of a SQLite store; None for one in memory and for a database server."""
        if not self.db.startswith("sqlite:"):
            return None
        name = self.db.partition(":///")[2].partition("?")[0]
        return Path(name).resolve() if name and name != ":memory:" else None

    @property
    def working(self) -> Path | None:
        """The folder of what is in hand on this machine, beside a SQLite store or in the home; None in memory."""
        if self.store_file is not None:
            return self.store_file.with_name(f"{self.store_file.name}.working")
        return None if self.db.startswith("sqlite:") else self.home / ".edi-working"

    @property
    def keys(self) -> Path:
        """The folder of private keys, one file for each name, readable by its owner alone."""
        return self.home / "keys"

    @property
    def erp(self) -> Path:
        """The folder that receives accepted orders, unless connections.yaml has an entry `erp`."""
        return self.home / "erp"


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """Give the present moment in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that never go back."""
        return monotonic()


def os_user() -> str:
    """Name the operating system's user, for the history."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return f"uid {os.getuid()}"


def program() -> str:
    """Give the word that calls this program from here: `edi` where the shell finds it, else where it lies."""
    import shutil

    called = Path(sys.argv[0])
    if called.name != "edi" or not called.is_file():
        return "edi"
    found = shutil.which("edi")
    if found is not None and Path(found).samefile(called):
        return "edi"
    whole = called.absolute()
    return str(whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole)
