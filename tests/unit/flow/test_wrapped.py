"""Files that are cut into lines of a fixed width (FAILURES C7): stored as they came, read as one piece."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from edi_engine.app import show_case
from edi_engine.app.processing import process
from edi_engine.app.replaying import replay_in
from edi_engine.app.settings import Settings
from edi_engine.app.views import stored
from edi_engine.cli import main
from edi_engine.desk.retry import retry
from edi_engine.flow.book import received_again
from edi_engine.resources import shipped
from edi_engine.x12.unwrap import unwrap
from tests.fixtures.exchange import ORDER, Exchange, order

DEAR = order(3).replace(b"*EA*12.4*", b"*EA*19.4*")
"""An order whose price waits for a person."""


def wrapped(data: bytes, end: bytes = b"\r\n", width: int = 80) -> bytes:
    return end.join(data[start : start + width] for start in range(0, len(data), width)) + end


def flat(data: bytes) -> bytes:
    """Give a file whose segments end with nothing but their terminators."""
    return data.replace(b"\r", b"").replace(b"\n", b"")


def wraps(exchange: Exchange, width: int | None) -> None:
    """Say in the partner files that the connection's files are wrapped."""
    exchange.set_intake(wrap=width)
    edition = exchange.place.edition
    exchange.place.edition = replace(edition, connections={**edition.connections, "bluebird-sftp": exchange.connection})


@pytest.mark.fault("C7")
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_a_wrapped_file_is_read_like_one_that_is_not(either: Exchange, end: bytes) -> None:
    wraps(either, 80)
    data = wrapped(flat(ORDER), end)
    either.drop("a.edi", data)
    either.take()
    either.work()
    (file,) = either.files()
    with either.office().ledger.reading() as unit:
        assert unit.blobs.get(file.sha256 or "") == data
        assert unit.blobs.get(file.text_sha256 or "") == flat(ORDER)
    assert (file.state, file.size, either.kinds()) == ("DONE", len(data), [])
    assert either.box.files("/out/done") == {b"a.edi": data}
    assert {one.kind for one in either.documents()} >= {"997", "855", "856", "810"}
    assert either.sound()


def test_places_are_places_in_the_text_that_was_read(either: Exchange) -> None:
    wraps(either, 80)
    either.drop("a.edi", wrapped(flat(DEAR)))
    either.take()
    either.work()
    (case,) = either.cases(kind="order.price")
    byte = json.loads(case.findings_json)[0]["where"]["byte"]
    assert flat(DEAR)[byte:].startswith(b"19.4*")
    with either.office().ledger.reading() as unit:
        again = received_again(unit, unit.sets.select()[0])
    assert again is not None
    assert again.text.startswith("ST*850*0001~BEG*")
    assert again.text.endswith("*0001~")
    assert "\n" not in again.text


def test_a_file_that_is_not_wrapped_is_read_as_it_is(exchange: Exchange) -> None:
    wraps(exchange, 80)
    exchange.drop("a.edi", ORDER)
    exchange.take()
    exchange.work()
    (file,) = exchange.files()
    assert (file.state, file.text_sha256) == ("DONE", None)
    assert exchange.kinds() == []


@pytest.mark.fault("C7")
def test_nothing_is_joined_where_the_connection_does_not_say_so(exchange: Exchange) -> None:
    exchange.drop("a.edi", wrapped(flat(ORDER)))
    exchange.take()
    exchange.work()
    assert exchange.states() == {"a.edi": "UNREADABLE"}
    (case,) = exchange.cases()
    wraps(exchange, 80)
    retry(exchange.office(), case.id)
    exchange.work()
    assert exchange.states() == {"a.edi": "DONE"}
    assert exchange.kinds() == []
    assert exchange.sound()


def test_a_wrapped_file_that_is_still_growing_is_waited_for(exchange: Exchange) -> None:
    wraps(exchange, 80)
    data = wrapped(flat(ORDER))
    exchange.drop("a.edi", data[:246])
    exchange.take()
    assert exchange.states() == {"a.edi": "SEEN"}
    exchange.drop("a.edi", data)
    exchange.take()
    exchange.work()
    assert exchange.states() == {"a.edi": "DONE"}


def test_the_same_order_wrapped_and_not_is_one_interchange(exchange: Exchange) -> None:
    wraps(exchange, 80)
    exchange.drop("a.edi", wrapped(flat(ORDER)))
    exchange.drop("b.edi", flat(ORDER))
    exchange.take()
    exchange.work()
    with exchange.office().ledger.reading() as unit:
        assert sorted(one.state for one in unit.interchanges.select(direction="in")) == ["DONE", "DUPLICATE"]
    assert len([one for one in exchange.documents() if one.kind == "855"]) == 1


def test_a_stranger_in_a_wrapped_file_is_let_in_later_from_the_same_text(exchange: Exchange) -> None:
    wraps(exchange, 80)
    known = exchange.place.edition
    exchange.place.edition = replace(known, partners={})
    exchange.drop("a.edi", wrapped(flat(ORDER)))
    exchange.take()
    exchange.work()
    (case,) = exchange.cases()
    exchange.place.edition = replace(known, connections={})  # and by then nobody says any more that it is wrapped
    retry(exchange.office(), case.id)
    exchange.work()
    assert exchange.states() == {"a.edi": "DONE"}
    assert {one.kind for one in exchange.documents()} >= {"997", "855"}
    assert exchange.sound()


def test_a_replay_reads_the_same_text(exchange: Exchange) -> None:
    wraps(exchange, 80)
    exchange.drop("a.edi", wrapped(flat(ORDER)))
    exchange.take()
    exchange.work()
    assert replay_in(exchange.place, "1").diff == ()


@pytest.fixture
def edi(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    shutil.copytree(shipped("partners"), tmp_path / "partners")

    def run(*words: str) -> tuple[int, str]:
        told = CliRunner().invoke(main, [words[0], "--home", str(tmp_path), *words[1:]])
        return told.exit_code, told.stdout

    return run


def test_the_commands_read_a_wrapped_file(tmp_path: Path, edi: Callable[..., tuple[int, str]]) -> None:
    file = tmp_path / "a.edi"
    file.write_bytes(wrapped(flat(DEAR)))
    assert edi("validate", str(file))[0] == 3
    code, told = edi("validate", str(file), "--wrap", "80", "--json")
    assert code == 1
    (byte,) = [one["where"]["byte"] for one in json.loads(told)["findings"] if one["code"].startswith("order.price")]
    assert unwrap(file.read_bytes(), 80)[byte:].startswith(b"19.4*")
    assert "BEG" in edi("show", str(file), "--wrap", "80", "--raw")[1]
    out = str(tmp_path / "out")
    assert edi("process", str(file), "--out", out)[0] == 3
    code, told = edi("process", str(file), "--out", out, "--wrap", "80")
    assert code == 1
    assert "order.price" in told
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'out' / 'edi.db'}")
    assert stored(settings, "1") == ("a.edi", flat(DEAR))
    assert process(settings, flat(ORDER), "b.edi", tmp_path / "out").file.text_sha256 is None
    views = (show_case(settings, number) for number in (1, 2, 3))
    (held,) = [one for one in views if one.entry.record.kind == "order.price"]
    assert held.data == flat(DEAR)


@pytest.mark.fault("C7")
def test_a_file_that_is_cut_elsewhere_is_told_so(either: Exchange) -> None:
    wraps(either, 80)
    either.drop("a.edi", wrapped(flat(ORDER), width=79))
    either.take()
    either.work()
    (case,) = either.cases()
    assert case.kind == "envelope.unreadable"
    assert "`wrap: 80`, but this file's lines are not all cut there" in case.findings_json
