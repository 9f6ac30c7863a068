"""A map of pyx12 is an XML file of somebody else. One that names a document type is refused before anything of it is
resolved: no entity, no other file, no schema of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from edi_engine.app.guides import guide_from_pyx12
from edi_engine.app.settings import Settings
from edi_engine.errors import UsageError
from edi_engine.x12.pyx12.read_map import MapError, read_codes, read_lengths, read_map

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
LAUGHING = f'<!DOCTYPE codes [<!ENTITY l0 "ha">{LAUGHS}]>'
BODY = "<codes><codeset><id>1</id><version><code>&x;</code></version></codeset></codes>"
HOSTILE = {
    "an entity": '<!DOCTYPE codes [<!ENTITY x "y">]>' + BODY,
    "a file": '<!DOCTYPE codes [<!ENTITY x SYSTEM "file://{secret}">]>' + BODY,
    "a file without a scheme": '<!DOCTYPE codes [<!ENTITY x SYSTEM "{secret}">]>' + BODY,
    "a host": '<!DOCTYPE codes [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>' + BODY,
    "an entity of parameters": '<!DOCTYPE codes [<!ENTITY % p SYSTEM "file://{secret}"> %p;]>' + BODY,
    "a schema beside it": '<!DOCTYPE codes SYSTEM "{secret}">' + BODY.replace("&x;", "y"),
    "nothing but a name": "<!DOCTYPE codes><codes/>",
    "laughs": LAUGHING + BODY.replace("&x;", "&l9;"),
    "laughs in an attribute": LAUGHING + '<codes><codeset id="&l9;"/></codes>',
    "one that is never closed": '<!DOCTYPE codes [<!ENTITY x "y">',
}


@pytest.mark.fault("S5")
@pytest.mark.parametrize("read", [read_map, read_codes, read_lengths])
@pytest.mark.parametrize("what", HOSTILE)
def test_a_document_type_is_refused(tmp_path: Path, read: Callable[[bytes], object], what: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    with pytest.raises(MapError, match="DOCTYPE") as refused:
        read(HOSTILE[what].replace("{secret}", str(secret)).encode())
    assert "canary" not in str(refused.value)


@pytest.mark.fault("S5")
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_no_encoding_hides_it(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><!DOCTYPE codes><codes/>'
    with pytest.raises(MapError, match="DOCTYPE"):
        read_codes(text.encode(encoding))


@pytest.mark.fault("S5")
@pytest.mark.parametrize("name", ["850.xml", "dataele.xml", "codes.xml"])
def test_the_person_is_told_which_file_and_why(tmp_path: Path, name: str) -> None:
    shipped = files("pyx12") / "map" / "270.4010.X092.A1.xml"
    (tmp_path / "850.xml").write_bytes(shipped.read_bytes())
    (tmp_path / name).write_text(HOSTILE["an entity"])
    with pytest.raises(UsageError, match="DOCTYPE") as refused:
        guide_from_pyx12(Settings(tmp_path, "sqlite://"), tmp_path / "850.xml")
    assert str(refused.value).startswith(str(tmp_path / name))


@pytest.mark.fault("S5")
def test_the_maps_that_pyx12_ships_name_none() -> None:
    maps = [file for file in (files("pyx12") / "map").iterdir() if file.name.endswith("X092.A1.xml")]
    assert maps
    for file in maps:
        assert read_map(file.read_bytes()).set.children


def test_an_entity_of_xml_itself_is_only_a_character() -> None:
    text = b"<codes><codeset><id>a&amp;b</id><version><code>&#65;</code></version></codeset></codes>"
    assert read_codes(text) == {"a&b": ("A",)}
