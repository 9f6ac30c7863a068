"""The watch over folders into which others write: it tells soon, in one go, and finds folders that come later."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edi_engine.runtime.folders import FolderWatch
from tests.unit.runtime.test_editions import wait_for

DEBOUNCE = 0.15


class Changes:
    """The folders that were told to have changed, and what could not be watched."""

    def __init__(self) -> None:
        self.told: list[Path] = []
        self.failed: list[str] = []

    @contextmanager
    def watched(self, *folders: Path, rescan: float = 30.0) -> Iterator[None]:
        watch = FolderWatch(
            lambda: folders,
            self.told.append,
            lambda error: self.failed.append(str(error)),
            debounce=DEBOUNCE,
            rescan=rescan,
        )
        watch.start()
        try:
            yield
        finally:
            watch.stop()
            assert not [one.name for one in threading.enumerate() if one.name == "folders"]


@pytest.fixture
def changes() -> Changes:
    return Changes()


def test_a_new_file_is_told_soon(tmp_path: Path, changes: Changes) -> None:
    with changes.watched(tmp_path):
        (tmp_path / "a.edi").write_bytes(b"ISA")
        wait_for(lambda: changes.told == [tmp_path])


def test_many_files_are_one_change(tmp_path: Path, changes: Changes) -> None:
    with changes.watched(tmp_path):
        for number in range(50):
            (tmp_path / f"{number}.edi").write_bytes(b"ISA")
        wait_for(lambda: bool(changes.told))
        time.sleep(3 * DEBOUNCE)
        assert 1 <= len(changes.told) <= 2


def test_a_file_that_grows_for_long_is_told_again_and_again(tmp_path: Path, changes: Changes) -> None:
    with changes.watched(tmp_path), (tmp_path / "a.edi").open("wb", buffering=0) as file:
        end = time.monotonic() + 5 * DEBOUNCE
        while time.monotonic() < end:
            file.write(b"x")
            time.sleep(0.01)
        assert len(changes.told) >= 2


def test_a_file_that_is_moved_in_is_told(tmp_path: Path, changes: Changes) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.part").write_bytes(b"ISA")
    with changes.watched(tmp_path / "in"):
        (tmp_path / "a.part").rename(tmp_path / "in" / "a.edi")
        wait_for(lambda: changes.told == [tmp_path / "in"])


def test_reading_a_file_is_no_change_and_what_lies_deeper_is_none(tmp_path: Path, changes: Changes) -> None:
    (tmp_path / "done").mkdir()
    (tmp_path / "a.edi").write_bytes(b"ISA")
    with changes.watched(tmp_path):
        time.sleep(2 * DEBOUNCE)
        changes.told.clear()
        (tmp_path / "a.edi").read_bytes()
        list(tmp_path.iterdir())
        (tmp_path / "done" / "b.edi").write_bytes(b"ISA")
        time.sleep(3 * DEBOUNCE)
        assert [folder for folder in changes.told if folder != tmp_path] == []
        assert len(changes.told) <= 1  # the folder `done` itself has a new time


def test_each_folder_is_told_for_itself(tmp_path: Path, changes: Changes) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    with changes.watched(one, other):
        (other / "a.edi").write_bytes(b"ISA")
        wait_for(lambda: changes.told == [other])


def test_a_folder_that_comes_later_is_found(tmp_path: Path, changes: Changes) -> None:
    late = tmp_path / "late"
    with changes.watched(late, rescan=0.1):
        late.mkdir()
        time.sleep(0.5)
        (late / "a.edi").write_bytes(b"ISA")
        wait_for(lambda: changes.told == [late])
    assert changes.failed == []
