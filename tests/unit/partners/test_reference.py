"""The reference names every word of the language, and the examples of the docs load."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from edi_engine.orders.order import Party
from edi_engine.partners import items, read_guides, read_maps, read_partner, read_policy, read_purposes, read_terms
from edi_engine.resources import shipped
from edi_engine.x12.guide import ALLOWABLE

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "docs/reference/partner-file.md"
PAGES = (REFERENCE, ROOT / "docs/howto/add-a-partner.md")
FENCE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
FREE = """\
name: Northwind Stores
identity:
  theirs: {isa: 12/4405197800, gs: 4405197800}
  ours: {isa: 01/012345678, gs: 012345678}
envelope: {version: 004010VICS}
"""
MAPS = "maps: {850: 850-to-order}\n"


def words_of_the_loader():
    """Every word that stands as a literal in a call of `only`, and those kept in tables of their own."""
    found = {*read_partner.WORDS, *read_partner.OUR_PARTIES, *items.COLUMNS, *read_guides.WORDS, *read_policy.RULES}
    found |= {*read_policy.WORDS, *read_purposes.DUPLICATE, *read_purposes.CHANGE, *read_purposes.MANNERS}
    found |= {*read_terms.WORDS, *ALLOWABLE}
    found |= {*read_maps.READ, *read_maps.WRITTEN, *(set(Party.__slots__) - {"role", "contacts", "references", "span"})}
    for path in (ROOT / "edi_engine/partners").glob("read_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "only":
                literal = [part for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                found |= {part.value for part in literal}
    return sorted(found)


@pytest.mark.parametrize("word", words_of_the_loader())
def test_the_reference_names_the_word(word):
    text = REFERENCE.read_text(encoding="utf-8")
    assert re.search(rf"`[^`]*(?<![a-z_]){re.escape(word)}(?![a-z_])[^`]*`", text), f"{word} is not in {REFERENCE.name}"


def blocks():
    return [
        pytest.param(block, id=f"{page.name} {number}")
        for page in PAGES
        for number, block in enumerate(FENCE.findall(page.read_text(encoding="utf-8")), start=1)
    ]


@pytest.mark.parametrize("block", blocks())
def test_an_example_of_the_docs_loads(load, block):
    files = {f"mappings/{path.name}": path.read_bytes() for path in shipped("mappings").glob("*.yaml")}
    files["mappings/shipment-to-856-direct.yaml"] = b"extends: shipment-to-856\n"
    files["partners/northwind/tables/items.csv"] = b"theirs,ours,price,case_pack\n"
    files["partners/connections.yaml"] = b"{}"
    files |= {f"partners/northwind/{path}": b"" for path in re.findall(r"examples/[a-z0-9.]+", block)}
    own = dict(re.findall(r"^([a-z-]+):(.*)", block, re.MULTILINE))
    if "northwind-sftp" in own:
        assert load({"partners/connections.yaml": block}).connections["northwind-sftp"].sftp is not None
        return
    missing = ("" if "identity" in own else FREE) + ("" if "maps" in own else MAPS)
    hosts = FENCE.findall(REFERENCE.read_text(encoding="utf-8"))[-1]
    edition = load(files | {"partners/northwind/partner.yaml": missing + block, "partners/connections.yaml": hosts})
    assert edition.partners["northwind"].maps


def test_every_finding_of_the_room_is_documented():
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "edi_engine/partners").glob("*.py"))
    codes = set(re.findall(r'"(partner\.[a-z]+\.[a-z0-9-]+)"', sources))
    page = (ROOT / "docs/reference/findings/partner.yaml").read_text(encoding="utf-8")
    documented = set(re.findall(r"^- code: (\S+)$", page, re.MULTILINE))
    assert len(codes) > 30
    assert codes == documented
