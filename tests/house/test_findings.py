"""Every finding code is documented, no other is, and docs/reference/findings.md is what its parts say."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from edi_engine.cli.exits import exit_code
from edi_engine.finding import Finding, Severity

ROOT = Path(__file__).parents[2]


@cache
def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@cache
def documented() -> dict[str, object]:
    build = tool("build_findings")
    return {entry.code: entry for entry in build.read(build.FOLDER)}


@cache
def made() -> object:
    codes = tool("finding_codes")
    return codes.produced(codes.build(ROOT / "edi_engine"))


def test_the_page_is_up_to_date() -> None:
    build = tool("build_findings")
    told = "run `python tools/build_findings.py`"
    assert build.PAGE.read_text(encoding="utf-8") == build.page(documented().values()), told
    assert build.KINDS.read_text(encoding="utf-8") == build.kinds(documented().values()), told


def test_every_code_can_be_found_in_the_source() -> None:
    assert made().lost == []


def test_every_code_that_the_engine_makes_is_documented() -> None:
    missing = {code: sorted(where) for code, where in made().whole.items() if code not in documented()}
    assert missing == {}, "write an entry in docs/reference/findings/<room>.yaml"


def test_every_beginning_of_a_code_has_documented_ends() -> None:
    ends = {begin: [code for code in documented() if code.startswith(begin)] for begin in made().begun}
    assert [begin for begin, found in ends.items() if not found] == []


def test_no_documented_code_is_unknown_to_the_engine() -> None:
    unknown = [code for code in documented() if not made().knows(code)]
    assert unknown == []


def test_every_stopping_code_has_an_exit_code_of_its_own() -> None:
    bugs = {code for code in documented() if exit_code([Finding(code, Severity.HOLD, "x")]) == 70}
    assert {code for code in bugs if not code.startswith(("system.bug", "system.audit"))} == set()


SOURCE = """
KINDS = {"a": "order.kind.dict", "b": ("order.kind.pair", 1)}
def direct(): return Finding("order.direct", 1, "x")
def by_parameter(code): return Finding(code, 1, "x")
def use(flag, word):
    by_parameter("order.kind.one" if flag else "order.kind.two")
    for code in ("order.kind.three", "order.kind.four"):
        Finding(code=code, severity=1, message="x")
    _woven("five")
    Finding(KINDS["a"], 1, "x")
    raise SomeError("x", code="transport.some")
def _woven(word): return Finding(f"order.kind.{word}", 1, "x")
def begun(word): return Finding(f"system.open.{unknown(word)}", 1, "x")
def lost(): return Finding(unknown(), 1, "x")
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> object:
    package = tmp_path_factory.mktemp("house") / "edi_engine"
    package.mkdir()
    (package / "one.py").write_text(SOURCE, encoding="utf-8")
    codes = tool("finding_codes")
    return codes.produced(codes.build(package))


@pytest.mark.parametrize(
    "code",
    [
        "order.direct",
        *(f"order.kind.{end}" for end in ("one", "two", "three", "four", "five", "dict", "pair")),
        "transport.some",
    ],
)
def test_a_code_is_followed(code: str, planted: object) -> None:
    assert code in planted.whole


def test_a_code_that_only_begins_is_known_by_the_texts_of_its_room(planted: object) -> None:
    assert planted.knows("system.open.five")
    assert not planted.knows("system.open.never-written")
    assert not planted.knows("order.kind.six")


def test_a_code_that_cannot_be_followed_is_named(planted: object) -> None:
    assert [line.partition(": ")[2] for line in planted.lost] == ["unknown() cannot be followed"]
