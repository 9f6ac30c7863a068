"""Each module is one idea, says which, and below the workshop it touches neither the clock nor a file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "edi_engine"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if PACKAGE / "shipped" not in path.parents)

LONGEST = 400
BELOW = frozenset({"desk", "flow", "partners", "mapping", "erp", "x12", "orders", "text", "finding", "errors"})

CLOCKS = frozenset(
    {
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "datetime.date.today",
    }
)
OPENERS = frozenset({"bz2.open", "codecs.open", "gzip.open", "io.open", "lzma.open", "os.open", "os.fdopen"})
PATH_READS = frozenset({"read_bytes", "read_text", "write_bytes", "write_text"})
FILE_MODE = re.compile(r"[rwaxbt+U]{1,3}")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()


def is_below_the_workshop(path: Path) -> bool:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py") in BELOW


def imported_names(tree: ast.AST) -> dict[str, str]:
    """Give each name that an import binds, with what it stands for: {"dt": "datetime"}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def dotted(node: ast.expr, names: dict[str, str]) -> str:
    """Spell `node` with its imports resolved: `dt.date` is "datetime.date"; "" if it is no plain name."""
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        base = dotted(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    return ""


def looks_like_opening_a_path(call: ast.Call) -> bool:
    """Tell `path.open("rb")` and `path.open(encoding=...)` from a port's own `cases.open(case)`."""
    if any(keyword.arg in {"mode", "encoding", "errors", "newline", "buffering"} for keyword in call.keywords):
        return True
    if not call.args:
        return not call.keywords
    first = call.args[0]
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and bool(FILE_MODE.fullmatch(first.value))


def sins(source: str) -> Iterator[str]:
    """Yield "line: what" for each touch of the clock or of a file in `source`."""
    tree = ast.parse(source)
    names = imported_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "open" and isinstance(node.ctx, ast.Load) and "open" not in names:
            yield f"{node.lineno}: open"
        elif isinstance(node, ast.Name | ast.Attribute):
            spelled = dotted(node, names)
            if spelled in CLOCKS or spelled in OPENERS or spelled.startswith("time."):
                yield f"{node.lineno}: {spelled}"
            elif isinstance(node, ast.Attribute) and node.attr in PATH_READS:
                yield f"{node.lineno}: .{node.attr}"
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "open"
            and dotted(node.func, names) not in OPENERS
            and looks_like_opening_a_path(node)
        ):
            yield f"{node.lineno}: .open"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_is_short_enough_to_be_one_idea(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"{name_of(path)} has {lines} lines; where does its second idea begin?"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{name_of(path)} has no docstring"


@pytest.mark.parametrize("path", [path for path in MODULES if is_below_the_workshop(path)], ids=name_of)
def test_below_the_workshop_nobody_reads_a_clock_or_opens_a_file(path: Path) -> None:
    found = [f"{name_of(path)}:{sin}" for sin in sins(path.read_text(encoding="utf-8"))]
    assert not found, "ask a port of flow or desk, or resources, instead: " + "; ".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "data = open('x').read()",
        "reader = open",
        "import io\nio.open('x')",
        "from io import open as slurp\nslurp('x')",
        "from pathlib import Path\nPath('x').open()",
        "def load(path):\n    return path.open('rb')",
        "def load(path):\n    return path.open(encoding='utf-8')",
        "def load(path):\n    return path.read_text()",
        "def save(path):\n    path.write_bytes(b'')",
        "from datetime import datetime, UTC\nat = datetime.now(UTC)",
        "import datetime as dt\nday = dt.date.today()",
        "from datetime import datetime\nfrom dataclasses import field\nat = field(default_factory=datetime.now)",
        "from time import monotonic\nmonotonic()",
        "import time\ntime.sleep(1)",
    ],
)
def test_each_sin_is_seen(source: str) -> None:
    assert list(sins(source))


@pytest.mark.parametrize(
    "source",
    [
        "def raise_case(cases, case):\n    cases.open(case)",
        "def receive(unit):\n    return unit.clock.now()",
        "from datetime import time\ncut_off = time(17, 30)",
        "from datetime import datetime\nday = datetime.strptime('20240101', '%Y%m%d').date()",
        "def reopen(case):\n    return case.reopen()",
    ],
)
def test_what_is_allowed_is_let_through(source: str) -> None:
    assert not list(sins(source))
