"""What is kept on disk between two runs may be lost, but it may not lie, and nobody else may have put it there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from edi_engine.app import cache as room
from edi_engine.app.cache import Cache, cache

NAME = "edition-0123456789abcdef"


def test_an_entry_is_there_for_the_next_run(tmp_path: Path) -> None:
    Cache(tmp_path / "kept")[NAME] = b"entry"
    assert Cache(tmp_path / "kept")[NAME] == b"entry"
    assert (tmp_path / "kept").stat().st_mode & 0o777 == 0o700
    assert list(Cache(tmp_path / "kept")) == [NAME]


@pytest.mark.parametrize("damaged", [b"", b"entry", b"\0" * 40])
def test_a_damaged_entry_is_absent(tmp_path: Path, damaged: bytes) -> None:
    kept = Cache(tmp_path / "kept")
    kept[NAME] = b"entry"
    (tmp_path / "kept" / NAME).write_bytes(damaged)
    assert NAME not in kept
    kept[NAME] = b"another"
    assert kept[NAME] == b"another"


def test_an_entry_is_taken_away(tmp_path: Path) -> None:
    kept = Cache(tmp_path / "kept")
    kept[NAME] = b"entry"
    del kept[NAME]
    assert NAME not in kept
    with pytest.raises(KeyError):
        del kept[NAME]


def test_a_folder_that_others_may_write_keeps_nothing(tmp_path: Path) -> None:
    for mode in (0o770, 0o707, 0o750):
        folder = tmp_path / f"{mode:o}"
        folder.mkdir()
        folder.chmod(mode)
        kept = Cache(folder)
        kept[NAME] = b"entry"
        assert NAME not in kept
        assert not list(folder.iterdir())


def test_a_link_and_a_file_are_no_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_bytes(b"")
    for name in ("link", "file", "file/below"):
        kept = Cache(tmp_path / name)
        kept[NAME] = b"entry"
        assert not len(kept)
    assert not list((tmp_path / "real").iterdir())


def test_a_folder_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    kept = Cache(tmp_path / "kept")
    (tmp_path / "kept").rmdir()
    kept[NAME] = b"entry"
    assert NAME not in kept


@pytest.mark.fault("S11")
def test_names_stay_inside(tmp_path: Path) -> None:
    kept = Cache(tmp_path / "kept")
    kept["../outside"] = b"entry"
    assert "../outside" not in kept
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_the_oldest_entries_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST", 4)
    kept = Cache(tmp_path / "kept")
    for number in range(5):
        kept[f"entry-{number}"] = b"entry"
        os.utime(tmp_path / "kept" / f"entry-{number}", (number, number)) if number < 4 else None
    assert list(kept) == ["entry-2", "entry-3", "entry-4"]


def test_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("EDI_CACHE", "off")
    cache()[NAME] = b"entry"
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv("EDI_CACHE", str(tmp_path / "named"))
    cache()[NAME] = b"entry"
    assert (tmp_path / "named" / NAME).is_file()
    monkeypatch.delenv("EDI_CACHE")
    cache()[NAME] = b"entry"
    assert (tmp_path / "xdg" / "edi-engine" / NAME).is_file()


def test_what_was_never_finished_is_no_entry(tmp_path: Path) -> None:
    kept = Cache(tmp_path / "kept")
    kept[NAME] = b"entry"
    (tmp_path / "kept" / f"{NAME}.7.part").write_bytes(b"half")
    assert list(kept) == [NAME]
    (tmp_path / "kept" / NAME).unlink()
    (tmp_path / "kept" / f"{NAME}.7.part").unlink()
    (tmp_path / "kept").rmdir()
    assert list(kept) == []
