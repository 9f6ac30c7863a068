"""The import contracts let a clean house pass and catch each kind of sin, shown on a house of empty rooms."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "cli",
    "app",
    "runtime",
    "store",
    "transport",
    "sandbox",
    "desk",
    "flow",
    "partners",
    "mapping",
    "erp",
    "x12",
    "orders",
    "text",
    "finding",
    "errors",
    "resources",
)

CLEAN = {
    "cli/__init__.py": "import click\nfrom edi_engine.app import wiring",
    "app/wiring.py": "from edi_engine import runtime, sandbox, store, transport, flow, desk",
    "store/__init__.py": "import time\nfrom edi_engine.store import schema\nfrom edi_engine.desk import cases",
    "store/schema.py": "import sqlalchemy, sqlite3",
    "sandbox/__init__.py": "import paramiko\nfrom edi_engine.x12 import reader",
    "desk/cases.py": "from edi_engine.flow import ports",
    "flow/ports.py": "from edi_engine.partners import partner\nfrom edi_engine import mapping, erp",
    "partners/partner.py": "import pydantic, simpleeval\nfrom edi_engine.mapping import read",
    "mapping/read.py": "from edi_engine import orders, text\nfrom edi_engine.x12 import reader",
    "x12/reader.py": "from edi_engine import finding, resources",
    "x12/pyx12.py": "import pyx12.x12file\nimport lxml.etree",
    "orders/order.py": "from decimal import Decimal\nfrom edi_engine.finding import Finding",
    "text/__init__.py": "import yaml\nfrom edi_engine import errors",
    "errors/__init__.py": "from edi_engine import finding",
}

SINS = {
    "a lower floor imports a higher one": ("floors", "orders/order.py", "from edi_engine.flow import ports"),
    "the two knowledges meet": ("floors", "x12/reader.py", "from edi_engine.orders import order"),
    "the workshop's rooms meet": ("floors", "store/schema.py", "import edi_engine.transport"),
    "a new room is on no floor": ("floors", "attic/__init__.py", ""),
    "two parts import each other": ("no-circles", "flow/ports.py", "from edi_engine.flow import receive"),
    "a clock below the workshop": ("the-world", "flow/ports.py", "import time"),
    "a database below the workshop": ("the-world", "desk/cases.py", "from sqlalchemy import select"),
    "a thread inside a function": ("the-world", "partners/partner.py", "def f():\n    import threading"),
    "a log below the workshop": ("the-world", "mapping/read.py", "import structlog"),
    "pydantic in the values": ("plain-values", "orders/order.py", "from pydantic import BaseModel"),
    "YAML reached through another room": ("plain-values", "x12/reader.py", "from edi_engine import text"),
    "a second way to pyx12": ("referee", "flow/ports.py", "import pyx12"),
    "a door goes round app": ("workshop", "cli/__init__.py", "from edi_engine.store import schema"),
    "the retailer reads our map": ("sandbox", "sandbox/__init__.py", "from edi_engine.mapping import read"),
}


def build(place: Path) -> None:
    package = place / "edi_engine"
    for room in ROOMS:
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    (package / "__init__.py").touch()
    for name, source in CLEAN.items():
        (package / name).write_text(source + "\n", encoding="utf-8")
    (package / "flow" / "receive.py").write_text("from edi_engine.flow import ports\n", encoding="utf-8")
    (place / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())


def broken(place: Path) -> set[str]:
    """Run the linter in `place`; give the names of the contracts that it calls broken."""
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place), "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    names = set(re.findall(r"^(.*\S) +BROKEN", ran.stdout, re.MULTILINE))
    assert bool(names) == bool(ran.returncode), ran.stdout + ran.stderr
    return names


def contract(ident: str) -> str:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (name,) = (c["name"] for c in config["tool"]["importlinter"]["contracts"] if c["id"] == ident)
    return str(name)


def test_a_clean_house_passes(tmp_path: Path) -> None:
    build(tmp_path)
    assert broken(tmp_path) == set()


@pytest.mark.parametrize("sin", SINS)
def test_a_sin_is_caught(sin: str, tmp_path: Path) -> None:
    build(tmp_path)
    ident, name, source = SINS[sin]
    path = tmp_path / "edi_engine" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(source + "\n")
    assert contract(ident) in broken(tmp_path)
