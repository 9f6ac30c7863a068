"""The referee at work: maps in a folder of their own, pyx12's log caught, what it breaks on told."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from edi_engine.app.guides import guide_from_pyx12
from edi_engine.app.refereeing import MOST, export_maps, referee
from edi_engine.app.settings import Settings
from edi_engine.app.validating import validate
from edi_engine.errors import UsageError
from edi_engine.resources import shipped

CLEAN = (shipped("samples") / "bluebird" / "clean-order" / "in.edi").read_bytes()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "partners").mkdir()
    return Settings(tmp_path, "sqlite://")


def test_both_find_nothing_in_a_clean_order_and_nothing_is_left_behind(
    settings: Settings, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    log = logging.getLogger("pyx12")
    before = list(log.handlers), log.propagate
    found = referee(settings, validate(settings, CLEAN.replace(b"REF*", b"REF*QQQ", 1), "a.edi"))
    assert found.agreed
    assert referee(settings, validate(settings, CLEAN, "a.edi")).valid
    assert (list(log.handlers), log.propagate) == before
    assert "".join(capfd.readouterr()) == ""
    assert not [record for record in caplog.records if record.name.startswith("pyx12")]


def test_an_interchange_version_that_pyx12_does_not_read_has_no_second_opinion(settings: Settings) -> None:
    found = referee(settings, validate(settings, CLEAN.replace(b"*U*00401*", b"*U*00403*"), "a.edi"))
    assert (found.valid, found.theirs) == (None, ())
    assert (
        found.stopped
        == "pyx12 has no opinion: it reads only the interchange versions 00401 and 00501, and ISA12 is 00403"
    )


def test_what_stands_before_the_isa_does_not_end_its_reading(settings: Settings) -> None:
    found = referee(settings, validate(settings, b"\xef\xbb\xbf" + CLEAN, "a.edi"))
    assert (found.valid, [one.code for one in found.ours]) == (True, ["envelope.padding"])


def test_what_is_no_x12_is_told_by_both(settings: Settings) -> None:
    found = referee(settings, validate(settings, b"hello", "a.edi"))
    assert len(found.agreed) == 1
    assert found.agreed[0][1][0].level == "file"


def test_complaints_are_bounded(settings: Settings) -> None:
    at = CLEAN.index(b"SE*")
    found = referee(settings, validate(settings, CLEAN[:at] + b"ZZ9*1~" * (MOST * 3) + CLEAN[at:], "a.edi"))
    assert len(found.theirs) + sum(len(more) for _, more in found.agreed) <= MOST * 3


def test_pyx12_itself_validates_by_an_exported_folder(settings: Settings, tmp_path: Path) -> None:
    folder, order = tmp_path / "maps", tmp_path / "order.edi"
    made = export_maps(settings, "004010VICS", ("850", "855"), folder)
    assert {path.name for path in made} == {path.name for path in folder.iterdir()}
    for text, said in ((CLEAN, "OK"), (CLEAN.replace(b"BEG*00*", b"BEG*QQ*"), "Failure")):
        order.write_bytes(text)
        words = (sys.executable, "-m", "pyx12.scripts.x12valid", "-m", str(folder), str(order))
        ran = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert said in ran.stdout + ran.stderr, ran.stdout + ran.stderr


@pytest.mark.parametrize(("version", "set_id"), [("004099", "850"), ("004010", "999")])
def test_what_the_dictionary_does_not_hold_cannot_be_exported(
    settings: Settings, tmp_path: Path, version: str, set_id: str
) -> None:
    with pytest.raises(UsageError, match="known: "):
        export_maps(settings, version, (set_id,), tmp_path / "maps")
    assert not (tmp_path / "maps").exists()


def test_an_exported_map_is_a_guide_that_asks_for_nothing(settings: Settings, tmp_path: Path) -> None:
    export_maps(settings, "004010", ("850",), tmp_path / "maps")
    made = guide_from_pyx12(settings, tmp_path / "maps" / "850.004010.xml")
    assert (made.version, made.text, made.rules, made.unsaid) == ("004010", "guide:\n  850: {}\n", 0, ())


def test_a_map_must_say_its_version_or_be_told(settings: Settings, tmp_path: Path) -> None:
    export_maps(settings, "004010", ("850",), tmp_path / "maps")
    written = tmp_path / "maps" / "850.004010.xml"
    written.write_bytes(written.read_bytes().replace(b"<code>004010</code>", b""))
    with pytest.raises(UsageError, match="name it with --version"):
        guide_from_pyx12(settings, written)
    (tmp_path / "x.xml").write_text("hello")
    with pytest.raises(UsageError, match="no map of pyx12"):
        guide_from_pyx12(settings, tmp_path / "x.xml", "004010")
