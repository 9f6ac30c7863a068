"""A map of pyx12 is an XML file of somebody else: no entity of it is resolved, and no other file is read by it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from edi_engine.x12.pyx12.read_map import read_codes

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.fault("S5")
@pytest.mark.parametrize("system", ["file://{path}", "{path}"])
def test_no_file_is_read_through_a_map(tmp_path: Path, system: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    entity = system.format(path=secret)
    text = (
        f'<!DOCTYPE codes [<!ENTITY x SYSTEM "{entity}">]><codes><codeset><id>&x;</id>'
        "<version><code>&x;</code></version></codeset></codes>"
    )
    assert "canary" not in repr(told(text))


@pytest.mark.fault("S5")
def test_laughs_end(tmp_path: Path) -> None:
    text = (
        f'<!DOCTYPE codes [<!ENTITY l0 "ha">{LAUGHS}]>'
        "<codes><codeset><id>1</id><version><code>&l9;</code></version></codeset></codes>"
    )
    begun = time.monotonic()
    assert len(repr(told(text))) < 10_000
    assert time.monotonic() - begun < 5


def told(text: str) -> object:
    try:
        return read_codes(text.encode())
    except ValueError as error:
        return str(error)
