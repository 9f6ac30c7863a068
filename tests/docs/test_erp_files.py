"""The page about the ERP's files shows an order as it is written, and instructions that are read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from edi_engine.erp import instruction
from tests.docs.session import ROOT, Reader

PAGE = (ROOT / "docs/reference/erp-files.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


def within(said: Any, got: Any) -> bool:
    """Say whether all that is said is there; what the page leaves out may be there as well."""
    if isinstance(said, dict):
        return all(name in got and within(value, got[name]) for name, value in said.items())
    if isinstance(said, list):
        return all(within(one, other) for one, other in zip(said, got, strict=False))
    return said == got or (isinstance(said, str) and re.fullmatch(r"20\d\d-\d\d-\d\d", said) is not None)


def test_the_order_of_the_tour_is_written_as_the_page_shows(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    _, told = reader.types("edi process docs/tour/order.edi --out answers")
    (written,) = (reader.folder / "answers" / "erp").glob("*.json")
    (shown,) = blocks("json")
    assert within(json.loads(shown), json.loads(written.read_text(encoding="utf-8"))), told


@pytest.mark.parametrize(("number", "command"), [(0, "ship"), (1, "invoice")])
def test_an_instruction_of_the_page_is_read(number: int, command: str, tmp_path: Path) -> None:
    """It is refused for the order that is not there, not for what it says."""
    reader = Reader(tmp_path)
    (reader.folder / "it.yaml").write_text(blocks("yaml")[number], encoding="utf-8")
    said, told = reader.types(f"edi orders {command} 4500012200 it.yaml")
    assert said == ""
    assert "there is no order 4500012200" in told


@pytest.mark.parametrize("word", [*instruction._SHIPMENT, *instruction._LINE, *instruction._INVOICE])
def test_every_word_of_an_instruction_is_shown(word: str) -> None:
    assert re.search(rf"\b{word}:", "".join(blocks("yaml")))
