"""A partner's letters (FAILURES C3, C14): read as what they are, written so, and never guessed; places stay bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edi_engine.app.validating import validate
from edi_engine.erp.json import from_json
from edi_engine.orders.order import PurchaseOrder
from tests.fixtures.trading import BY_HAND, Desk, desk, interchange, order

NAME = "N1*ST*CAFÉ MÜLLER*92*0417"
WIDE = "N1*ST*KAWIARNIA ŁÓDŹ*92*0417"
LONG = "N1*ST*" + "É" * 60 + "*92*0417"
"""Sixty letters, the most that N102 holds; more bytes than that in UTF-8."""


def said(name: str = NAME, line: str = "PO1*1*12*EA*12.4*PE*IN*100101", number: str = "4500090001") -> str:
    """Give an order with a name in its ship-to, as text."""
    body = [name if one.startswith("N1*ST") else one for one in order(number, line)]
    return interchange(body).decode()


@contextmanager
def writes(home: Path, charset: str, *, by_hand: bool = True) -> Iterator[Desk]:
    version = "  version: 004010VICS"
    edits = [(version, f"  charset: {charset}\n{version}"), *([BY_HAND] if by_hand else [])]
    with desk(home, *edits) as opened:
        yield opened


def booked(at: Desk) -> PurchaseOrder:
    (record,) = at.orders()
    return from_json(PurchaseOrder, record.body_json)


def name_of(at: Desk) -> str | None:
    return next(party.name for party in booked(at).parties if party.role == "ship_to")


@pytest.mark.fault("C3")
@pytest.mark.parametrize(
    ("charset", "name"),
    [
        ("latin-1", NAME),
        ("cp1252", "N1*ST*CAFÉ “MÜLLER” €*92*0417"),
        ("utf-8", NAME),
        ("utf-8", WIDE),
        ("utf-8", LONG),
        ("utf-8", "N1*ST*\U0001f331 \ue000\ue001 GARDEN*92*0417"),
        ("ascii", "N1*ST*CAFE MULLER*92*0417"),
    ],
)
def test_a_name_arrives_as_it_was_written(tmp_path: Path, charset: str, name: str) -> None:
    with writes(tmp_path, charset) as at:
        done = at.walk(said(name).encode(charset))
        assert done.cases == ()
        assert name_of(at) == name.split("*")[2]
        (written,) = [path for path in done.written if path.suffix == ".json"]
        assert name.split("*")[2] in json.dumps(json.loads(written.read_text()), ensure_ascii=False)
        (xml,) = [path for path in done.written if path.suffix == ".xml"]
        assert name.split("*")[2] in xml.read_text(encoding="utf-8")


@pytest.mark.parametrize(("charset", "name"), [("latin-1", NAME), ("utf-8", NAME), ("utf-8", WIDE), ("utf-8", LONG)])
def test_a_name_goes_out_as_the_partner_reads_it(tmp_path: Path, charset: str, name: str) -> None:
    with writes(tmp_path, charset, by_hand=False) as at:
        done = at.walk(said(name).encode(charset))
        assert done.cases == ()
        for kind in ("856", "810"):
            (written,) = [path for path in done.written if f"_{kind}_" in path.name]
            text = written.read_bytes().decode(charset)
            assert f"N1*ST*{name.split('*')[2]}*92*0417~" in text


@pytest.mark.parametrize(("charset", "byte"), [("latin-1", b"\x80"), ("latin-1", b"\x9f"), ("utf-8", b"\xc2\x85")])
def test_a_control_character_is_nobodys_letter(tmp_path: Path, charset: str, byte: bytes) -> None:
    with writes(tmp_path, charset) as at:
        done = at.walk(said("N1*ST*CAFE ?*92*0417").encode().replace(b"?", byte))
        assert [case.kind for case in done.cases] == ["mapping.charset"]
        assert done.orders == ()


@pytest.mark.fault("C14")
def test_a_letter_that_they_cannot_read_holds_our_document(tmp_path: Path) -> None:
    with writes(tmp_path, "latin-1", by_hand=False) as at:
        at.edit("partner.yaml", "ship_from: {name: Greenline", "ship_from: {name: Łódź")
        done = at.walk(said().encode("latin-1"))
        assert {case.kind for case in done.cases} == {"document.character"}
        assert 'holds "Ł", which the partner\'s character set latin-1 does not have' in done.cases[0].title


@pytest.mark.fault("C3")
@pytest.mark.parametrize(
    ("charset", "data"),
    [
        ("ascii", said().encode("latin-1")),
        ("ascii", said().encode("utf-8")),
        ("utf-8", said().encode("latin-1")),
        ("cp1252", said().encode("latin-1").replace(b"\xc9", b"\x81")),
    ],
)
def test_what_is_no_letter_of_theirs_is_never_guessed(tmp_path: Path, charset: str, data: bytes) -> None:
    with writes(tmp_path, charset) as at:
        done = at.walk(data)
        (case,) = done.cases
        (found,) = json.loads(case.findings_json)
        assert case.kind == "mapping.charset"
        assert f"holds bytes that are no {charset}, which is what Bluebird Stores writes" in found["message"]
        assert found["where"]["path"] == "N102"
        assert data[found["where"]["byte"] :].startswith(b"CAF")
        assert at.orders() == []
        assert [one.kind for one in at.documents()] == ["997"]


def test_it_is_booked_once_the_partner_file_says_what_they_write(tmp_path: Path) -> None:
    from edi_engine.desk.retry import retry

    with writes(tmp_path, "ascii") as at:
        at.walk(said().encode("latin-1"))
        at.edit("partner.yaml", "charset: ascii", "charset: latin-1")
        retry(at.office(), at.case().id)
        at.work()
        assert at.cases() == []
        assert name_of(at) == "CAFÉ MÜLLER"


@pytest.mark.parametrize("charset", ["latin-1", "utf-8"])
@pytest.mark.parametrize(
    ("line", "shown", "code"),
    [
        ("PO1*1*12*EA*19.4*PE*IN*100101", b"19.4*", "order.price"),  # the rules
        ("PO1*1*12*EA*12.4*PE*IN*UNKNOWN", b"UNKNOWN~", "order.item"),
        ("PO1*1*12*ÉÉÉ*12.4*PE*IN*100101", None, "x12.element"),  # the check
    ],
)
def test_places_stay_bytes(tmp_path: Path, charset: str, line: str, shown: bytes | None, code: str) -> None:
    with writes(tmp_path, charset) as at:
        data = said(line=line).encode(charset)
        wanted = "ÉÉÉ*".encode(charset) if shown is None else shown
        found = validate(at.shop.place.settings, data, "a.edi")
        byte = next(one.where.byte for one in found.findings if one.code.startswith(code))
        assert byte is not None
        assert data[byte:].startswith(wanted)
        done = at.walk(data)
        bytes_told = [
            one["where"].get("byte")
            for case in done.cases
            for one in json.loads(case.findings_json)
            if one["code"].startswith(code)
        ]
        assert byte in bytes_told


@pytest.mark.parametrize(("letters", "held"), [(60, False), (61, True)])
def test_lengths_count_letters_and_not_bytes(tmp_path: Path, letters: int, held: bool) -> None:
    with writes(tmp_path, "utf-8") as at:
        done = at.walk(said(f"N1*ST*{'Ł' * letters}*92*0417").encode())
        codes = {one["code"] for case in done.cases for one in json.loads(case.findings_json)}
        assert codes == ({"x12.element.length"} if held else set())


@pytest.mark.fault("C3")
def test_a_stranger_is_read_as_latin_1(tmp_path: Path) -> None:
    with writes(tmp_path, "ascii") as at:
        data = said().replace("6119290001     ", "9999999999     ").encode("latin-1")
        found = validate(at.shop.place.settings, data, "a.edi")
        assert not [one for one in found.findings if one.code == "mapping.charset"]


def test_many_odd_elements_are_counted(tmp_path: Path) -> None:
    many = [f"REF*ZZ*É{number}" for number in range(30)]
    body = [*order()[:2], *many, *order()[2:]]
    with writes(tmp_path, "ascii") as at:
        found = validate(at.shop.place.settings, interchange(body), "a.edi")
        odd = [one for one in found.findings if one.code == "mapping.charset"]
        assert len(odd) == 21
        assert odd[-1].message == "10 more elements with such letters are not listed."
