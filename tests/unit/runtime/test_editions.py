"""The watch over partner files (FAILURES H11): it waits until they rest, finds new folders, outlives what breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edi_engine.runtime.editions import EditionWatch

DEBOUNCE = 0.15


class Reloads:
    """The moments at which the files were looked at, what stood in them, and what broke."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.seen: list[str] = []
        self.failed: list[str] = []
        self.breaks = 0

    def reload(self) -> None:
        self.seen.append(self.file.read_text() if self.file.is_file() else "")
        if self.breaks:
            self.breaks -= 1
            message = "no store"
            raise ValueError(message)

    @contextmanager
    def watched(self, *folders: Path, rescan: float = 30.0) -> Iterator[None]:
        watch = EditionWatch(
            lambda: folders,
            self.reload,
            lambda error: self.failed.append(str(error)),
            debounce=DEBOUNCE,
            rescan=rescan,
        )
        watch.start()
        try:
            yield
        finally:
            watch.stop()
            assert not [one.name for one in threading.enumerate() if one.name == "editions"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    partners = tmp_path / "partners"
    (partners / "acme" / "tables").mkdir(parents=True)
    return partners


@pytest.fixture
def reloads(folder: Path) -> Reloads:
    return Reloads(folder / "acme" / "tables" / "items.csv")


def wait_for(true: Callable[[], bool], seconds: float = 3.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def test_a_change_deep_inside_is_seen_once_it_rests(folder: Path, reloads: Reloads) -> None:
    with reloads.watched(folder):
        reloads.file.write_text("one")
        wait_for(lambda: reloads.seen == ["one"])
        time.sleep(3 * DEBOUNCE)
        assert reloads.seen == ["one"]


@pytest.mark.fault("H11")
def test_a_file_that_is_written_in_steps_is_read_when_it_is_whole(folder: Path, reloads: Reloads) -> None:
    with reloads.watched(folder):
        with reloads.file.open("w") as file:
            for number in range(12):
                file.write(f"{number},")
                file.flush()
                time.sleep(DEBOUNCE / 5)
        wait_for(lambda: bool(reloads.seen))
        assert reloads.seen == ["0,1,2,3,4,5,6,7,8,9,10,11,"]


@pytest.mark.fault("H11")
def test_a_file_that_is_renamed_over_another_is_a_change(folder: Path, reloads: Reloads, tmp_path: Path) -> None:
    reloads.file.write_text("old")
    with reloads.watched(folder):
        other = tmp_path / "new.csv"
        other.write_text("new")
        other.rename(reloads.file)
        wait_for(lambda: reloads.seen == ["new"])
        reloads.file.unlink()
        wait_for(lambda: reloads.seen == ["new", ""])


def test_reading_the_files_is_no_change(folder: Path, reloads: Reloads) -> None:
    reloads.file.write_text("one")
    with reloads.watched(folder):
        for _ in range(5):
            reloads.file.read_text()
        time.sleep(3 * DEBOUNCE)
        assert reloads.seen == []


@pytest.mark.fault("H11")
def test_files_are_looked_at_anyway_where_nothing_tells_of_a_change(folder: Path, reloads: Reloads) -> None:
    reloads.file.write_text("one")
    with reloads.watched(rescan=0.1):
        wait_for(lambda: len(reloads.seen) >= 2)


@pytest.mark.fault("H11")
def test_changes_that_never_end_are_looked_at_all_the_same(folder: Path, reloads: Reloads) -> None:
    ended = threading.Event()

    def scribble() -> None:
        while not ended.wait(DEBOUNCE / 5):
            reloads.file.write_text("x")

    writer = threading.Thread(target=scribble)
    writer.start()
    try:
        with reloads.watched(folder, rescan=0.5):
            wait_for(lambda: bool(reloads.seen))
    finally:
        ended.set()
        writer.join()


def test_a_folder_that_is_made_later_is_watched_from_the_next_look_on(tmp_path: Path) -> None:
    later = tmp_path / "partners"
    reloads = Reloads(later / "partner.yaml")
    with reloads.watched(later, rescan=0.3):
        later.mkdir()
        wait_for(lambda: len(reloads.seen) >= 2)
        reloads.file.write_text("new")
        wait_for(lambda: reloads.seen[-1:] == ["new"])


def test_a_folder_put_in_the_place_of_another_is_watched(folder: Path, reloads: Reloads, tmp_path: Path) -> None:
    """As when a release is unpacked beside and renamed over."""
    with reloads.watched(folder, rescan=0.5):
        folder.rename(tmp_path / "before")
        (folder / "acme" / "tables").mkdir(parents=True)
        reloads.file.write_text("new")
        wait_for(lambda: reloads.seen[-1:] == ["new"])
        time.sleep(0.7)
        reloads.file.write_text("newer")
        wait_for(lambda: reloads.seen[-1:] == ["newer"])


def test_a_look_that_breaks_is_told_and_made_again(folder: Path, reloads: Reloads) -> None:
    reloads.breaks = 1
    with reloads.watched(folder, rescan=0.3):
        reloads.file.write_text("one")
        wait_for(lambda: len(reloads.seen) >= 2)
    assert reloads.failed == ["no store"]
