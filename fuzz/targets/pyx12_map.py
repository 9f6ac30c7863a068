"""Maps in pyx12's own XML, which become guides, and the two lists that may lie beside them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from edi_engine.partners.write_guide import guide_yaml
from edi_engine.x12.pyx12.export import export
from edi_engine.x12.pyx12.guide import read_guide
from edi_engine.x12.pyx12.read_map import MapError, read_codes, read_lengths, read_map
from fuzz.inputs import standard
from fuzz.mutate_text import text_changes
from fuzz.target import Shape, Target


@cache
def _exported() -> dict[str, bytes]:
    return export(standard(), [("004010", "997")])


def run(data: bytes) -> None:
    """Read a file as each of the three kinds; refusing it is fine."""
    for read in (read_lengths, read_codes):
        try:
            read(data)
        except MapError:
            continue
    try:
        found = read_map(data)
    except MapError:
        return
    version = standard().resolve(next(iter(found.versions), "004010")) or "004010"
    grammar = standard().set(version, found.set_id) or standard().set(version, "997")
    if grammar is not None:
        said = read_guide(found, grammar, {}, {})
        guide_yaml(said.guide, said.unsaid)


def seeds() -> Iterator[bytes]:
    """Give the maps that we write ourselves."""
    for data in _exported().values():
        if len(data) < 60_000:
            yield data
    yield _map(_SEGMENT)


_SEGMENT: Final = (
    b'<segment xid="AK1"><name>a</name><usage>R</usage><pos>020</pos><max_use>1</max_use><syntax>P0102</syntax>'
    b'<element xid="AK101"><data_ele>479</data_ele><name>b</name><usage>S</usage><seq>01</seq>'
    b'<valid_codes external="x"><code>PO</code></valid_codes><regex>[A-Z]</regex></element></segment>'
)


def _map(inside: bytes, head: bytes = b"", more: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0"?>' + head + b'<transaction xid="997"><name>n</name>'
        b'<loop xid="ST_LOOP"><usage>R</usage><pos>010</pos><repeat>1</repeat>'
        b'<segment xid="ST"><name>s</name><usage>R</usage><pos>010</pos><max_use>1</max_use>'
        b'<element xid="ST01"><data_ele>143</data_ele><name>e</name><usage>R</usage><seq>01</seq>'
        b"<valid_codes><code>997</code></valid_codes></element></segment>"
        + inside
        + b"</loop>"
        + more
        + b"</transaction>"
    )


def _many(unit: bytes) -> Shape:
    """Give a map with as many of `unit` as fit, each `%d` the count."""

    def make(size: int) -> bytes:
        many = unit.count(b"%d")
        return _map(b"".join(unit % ((n,) * many) for n in range(size // (len(unit) + 3))))

    return make


def _deep(unit: bytes, end: bytes) -> Shape:
    return lambda size: _map(unit * (size // (len(unit) + len(end))) + end * (size // (len(unit) + len(end))))


def _bomb(size: int) -> bytes:
    names = [b'<!ENTITY a0 "aaaaaaaaaa">']
    names += [b'<!ENTITY a%d "%b">' % (n, (b"&a%d;" % (n - 1)) * 10) for n in range(1, 20)]
    return _map(b"<name>" + b"&a19;" * (size // 5) + b"</name>", b"<!DOCTYPE transaction [" + b"".join(names) + b"]>")


def _bomb_in_attributes(size: int) -> bytes:
    long = b"a" * (size // 2)
    head = b'<!DOCTYPE transaction [<!ENTITY a "%b">]>' % long
    return _map(b'<loop xid="&a;"/>' * (size // 2 // 17), head)


_EXTERNAL: Final = (
    b'<!DOCTYPE transaction SYSTEM "file:///dev/zero" [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;'
    b'<!ENTITY x SYSTEM "file:///etc/passwd"> <!ENTITY y SYSTEM "http://127.0.0.1:9/y">]>'
)
_LOOP: Final = b'<loop xid="L%d"><usage>S</usage><pos>020</pos><repeat>9</repeat>'

SHAPES: Final = {
    "segments": _many(_SEGMENT.replace(b"020", b"%d")),
    "segments-unknown": _many(_SEGMENT.replace(b"AK1", b"Z%d")),
    "loops": _many(_LOOP + _SEGMENT.replace(b"AK1", b"AK2") + b"</loop>"),
    "loops-of-nothing": _many(_LOOP + b"</loop>"),
    "loops-in-loops": _deep(_LOOP.replace(b"%d", b"") + _SEGMENT, b"</loop>"),
    "elements-in-elements": lambda size: _map(
        b'<segment xid="AK1" usage="R" pos="1">'
        + b'<element usage="R" seq="1" data_ele="1">' * (size // 48)
        + b"</element>" * (size // 48)
        + b"</segment>"
    ),
    "elements": lambda size: _map(
        b'<segment xid="AK1" usage="R" pos="1">'
        + b"".join(b'<element usage="R" seq="%d" data_ele="1"/>' % n for n in range(size // 44))
        + b"</segment>"
    ),
    "codes": lambda size: _map(
        _SEGMENT.replace(b"<code>PO</code>", b"".join(b"<code>%d</code>" % n for n in range(size // 20)))
    ),
    "conditions": lambda size: _map(
        _SEGMENT.replace(b"<syntax>P0102</syntax>", b"<syntax>P0102</syntax>" * (size // 22))
    ),
    "names": lambda size: _map(_SEGMENT.replace(b"<name>a</name>", b"<name>a</name>" * (size // 14))),
    "text": lambda size: _map(b"<name>" + b"a" * size + b"</name>"),
    "one-long-attribute": lambda size: _map(b'<loop xid="' + b"a" * size + b'"/>'),
    "attributes": lambda size: _map(b"<loop " + b"".join(b'a%d="" ' % n for n in range(size // 12)) + b"/>"),
    "comments": lambda size: _map(b"<!--a-->" * (size // 8)),
    "instructions": lambda size: _map(b"<?a b?>" * (size // 7)),
    "entities": _bomb,
    "entities-in-attributes": _bomb_in_attributes,
    "entities-external": lambda size: _map(b"&x;&y;" * (size // 6), _EXTERNAL),
    "lengths": lambda size: (
        b"<data_elements>"
        + b"".join(b'<data_ele ele_num="%d" min_len="1" max_len="2"/>' % n for n in range(size // 50))
        + b"</data_elements>"
    ),
    "lists": lambda size: (
        b"<codesets>"
        + b"".join(b"<codeset><id>%d</id><version><code>A</code></version></codeset>" % n for n in range(size // 65))
        + b"</codesets>"
    ),
}

_WORDS: Final = (
    (
        b"<loop>",
        b"</loop>",
        b'<segment xid="AK2">',
        b"</segment>",
        b"<element>",
        b"</element>",
        b"<composite>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"]]>",
    )
    + (
        b"<?pi x?>",
        b"&x;",
        b"&lt;",
        b"&#0;",
        b"&#x10FFFF;",
        b"&#xD800;",
        _EXTERNAL,
        b'<!DOCTYPE t [<!ENTITY x "y">]>',
        b"<usage>N</usage>",
    )
    + (
        b"<pos>020</pos>",
        b"<seq>99</seq>",
        b"<seq>0</seq>",
        b"<repeat>&gt;1</repeat>",
        b"<regex>(a+)+$</regex>",
        b'<valid_codes external="x"/>',
    )
    + (
        b"R",
        b"S",
        b"N",
        b"",
        b"-1",
        b"1e9",
        b"999999999",
        b"9999999999",
        "\u0663".encode(),
        b"\xff",
        b"\x00",
        b"ST",
        b"GS",
        b"HL",
        b"AK1",
        b"850",
        b"004010",
    )
    + (
        b' xmlns="urn:x"',
        b' xmlns:a="urn:x"',
        b"a:",
        b'<?xml version="1.0" encoding="utf-16"?>',
        b'encoding="x"',
        b'xml:id="a"',
        b"xinclude",
    )
)

TARGET: Final = Target("pyx12_map", run, seeds, text_changes(_WORDS), SHAPES)
