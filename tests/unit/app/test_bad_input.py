"""Bad input over a folder: each file becomes one case with a plain reason, its bytes are kept, the day goes on."""

from __future__ import annotations

import gzip
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from edi_engine.app.workplace import Workplace
from edi_engine.resources import shipped
from tests.fixtures.homes import LOCAL, make_home, run_once

GOOD = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()


@dataclass
class Found:
    kinds: list[str]
    titles: list[str]
    states: dict[str, str]
    bytes_kept: bool
    orders: int


def day(tmp_path: Path, files: dict[str, bytes], connections: str = LOCAL) -> Found:
    home = make_home(tmp_path / "home", connections)
    for name, data in files.items():
        (home / "mailbox" / "out" / name).write_bytes(data)
    found: list[Found] = []

    def look(place: Workplace) -> None:
        with place.office().ledger.reading() as unit:
            cases = unit.cases.select(state="OPEN")
            records = unit.files.select()
            kept = all(unit.blobs.get(one.sha256) == files[one.name] for one in records if one.sha256 is not None)
            found.append(
                Found(
                    [case.kind for case in cases],
                    [case.title for case in cases],
                    {one.name: one.state for one in records},
                    kept,
                    unit.orders.count(),
                )
            )

    run_once(home, f"sqlite:///{tmp_path / 'store.db'}", look)
    return found[0]


STRANGER = GOOD.replace(b"6119290001     ", b"5550001111     ")
UNKNOWN_SET = GOOD.replace(b"ST*850*", b"ST*899*")
TEXT_MESSAGE = (
    GOOD[: GOOD.index(b"GS*")]
    + b"GS*TX*6119290001*004455667*20261120*0930*7*X*004010VICS~ST*864*0001~BMG*00~MIT*1*Dock closed~MSG*Closed~"
    + b"SE*5*0001~GE*1*7~"
    + GOOD[GOOD.index(b"IEA*") :]
)
BAD = {
    "empty": (b"", "envelope.unreadable"),
    "not X12": (b"Dear supplier, please find our order attached.\n", "envelope.unreadable"),
    "ISA cut at 80 bytes": (GOOD[:80], "envelope.truncated"),
    "unterminated segment": (GOOD[:300] + b"X" * 30_000, "envelope.truncated"),
    "endless segment": (GOOD[:300] + b"X" * 70_000, "envelope.delimiter"),
    "unknown sender": (STRANGER, "envelope.unknown-partner"),
    "unknown set": (UNKNOWN_SET, "x12.unsupported"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "envelope.unreadable"),
    "a set without a map": (TEXT_MESSAGE, "mapping.missing"),
}


@pytest.mark.fault("B9", "C13", "D11", "D14")
@pytest.mark.parametrize("name", BAD)
def test_it_becomes_one_case_and_the_day_goes_on(tmp_path: Path, name: str) -> None:
    data, kind = BAD[name]
    found = day(
        tmp_path,
        {"bad.edi": data, "good.edi": GOOD.replace(b"4500012001", b"4500012099").replace(b"000000101", b"000000999")},
    )
    assert found.kinds == [kind]
    assert len(found.titles[0].split()) > 5
    assert found.bytes_kept
    assert found.orders == 1
    assert found.states["good.edi"] == "DONE"


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("order.edi", data)
    return packed.getvalue()


PACKED = {
    "order.zip": (zipped(GOOD), "ZIP"),
    "order.edi.gz": (gzip.compress(GOOD, mtime=0), "gzip"),
    "order.edi.pgp": (b"-----BEGIN PGP MESSAGE-----\n\nhQEMA5i0\n-----END PGP MESSAGE-----\n", "PGP"),
    "binary.pgp": (b"\x85\x01\x0c\x03\x98\xb4" + bytes(range(200)), "PGP"),
    "order.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
    "order.edi": (zipped(GOOD), "ZIP"),
}


@pytest.mark.fault("B9")
@pytest.mark.parametrize("name", PACKED)
def test_what_is_packed_is_named_and_never_unpacked(tmp_path: Path, name: str) -> None:
    """By its content, whatever its file name says: the order inside is not booked, and the case says what it is."""
    data, kind = PACKED[name]
    found = day(tmp_path, {name: data})
    assert found.kinds == ["envelope.unreadable"]
    assert kind in found.titles[0]
    assert found.states == {name: "UNREADABLE"}
    assert found.orders == 0
    assert found.bytes_kept


@pytest.mark.fault("B7")
def test_a_file_over_the_limit_is_not_fetched(tmp_path: Path) -> None:
    small = LOCAL.replace("claim: none", "claim: none, max_size: 1 MB")
    found = day(tmp_path, {"huge.edi": b"x" * (1024 * 1024 + 1), "good.edi": GOOD}, small)
    assert found.kinds == ["transport.size"]
    assert "not fetched" in found.titles[0]
    assert found.states == {"good.edi": "DONE", "huge.edi": "SEEN"}
    assert found.orders == 1


def test_a_name_with_blanks_and_accents(tmp_path: Path) -> None:
    found = day(tmp_path, {"Bestellung März ünd 1.edi": GOOD})
    assert found.kinds == []
    assert found.states == {"Bestellung März ünd 1.edi": "DONE"}


@pytest.mark.fault("B10")
def test_the_same_bytes_twice_are_one_order(tmp_path: Path) -> None:
    found = day(tmp_path, {"a.edi": GOOD, "b.edi": GOOD})
    assert sorted(found.states.values()) == ["DONE", "DUPLICATE"]
    assert found.orders == 1
    assert found.kinds == []
