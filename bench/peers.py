"""Other engines, each in an environment of its own; one that does not install or load is a row that says so."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.clock import ROOT, Command
from bench.standard import CACHE

_DATABRICKS: Final = "https://github.com/databricks-industry-solutions/x12-edi-parser"
_LONGEST: Final = 180
"""Seconds after which an installation is given up."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Another engine: what pip is asked for, its driver in bench/drivers/, and what it does with the file."""

    name: str
    requirements: tuple[str, ...]
    driver: str
    does: str

    def environment(self) -> Path:
        """Give the folder of its environment, which is named after what is in it."""
        source = f"{sys.version} {self.requirements}".encode()
        return CACHE / "peers" / f"{self.driver}-{hashlib.sha256(source).hexdigest()[:12]}"

    def command(self, file: Path) -> Command:
        """Give the command that has it read a file."""
        driver = ROOT / "bench" / "drivers" / f"drive_{self.driver}.py"
        return Command((str(_python(self.environment())), str(driver), str(file)), reports=True)

    def install(self) -> str:
        """Make its environment if it is not there; give "", or why that failed."""
        place = self.environment()
        if place.exists():
            return ""
        making = place.with_name(place.name + ".part")
        shutil.rmtree(making, ignore_errors=True)
        venv.create(making, with_pip=True, symlinks=True)
        pip = (str(_python(making)), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check")
        try:
            done = subprocess.run(
                (*pip, *self.requirements), capture_output=True, text=True, timeout=_LONGEST, check=False
            )
        except subprocess.TimeoutExpired:
            return f"does not install here: not done after {_LONGEST} s"
        if done.returncode:
            shutil.rmtree(making, ignore_errors=True)
            return "does not install here"
        making.rename(place)
        return ""


def _python(environment: Path) -> Path:
    return environment / "bin" / "python"


PEERS: Final = (
    Peer(
        "linuxforhealth-x12 0.57.0",
        ("linuxforhealth-x12==0.57.0", "pydantic<2"),
        "linuxforhealth",
        "segments; has no rules for an 850",
    ),
    Peer("x12-edi-tools 0.1.2", ("x12-edi-tools==0.1.2",), "x12_edi_tools", "segments by id, no rules"),
    Peer(
        "databricks x12-edi-parser 0.0.8",
        (f"git+{_DATABRICKS}@ad7c1c5",),
        "databricks",
        "segments, an index of sets, no rules",
    ),
    Peer("badx12 0.2.2", ("badx12==0.2.2",), "badx12", "a tree of objects, no rules"),
    Peer("bots-ediint 3.3.1", ("bots-ediint==3.3.1", "Django<3"), "bots", "grammar check"),
    Peer("TigerShark3 3.0", ("TigerShark3==3.0",), "tigershark", "sets of health care"),
    Peer("pydifact 0.2.3 (EDIFACT)", ("pydifact==0.2.3",), "pydifact", "segments of EDIFACT; for reference"),
)
