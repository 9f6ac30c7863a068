"""What is in hand: a note on the disk of each thing that is worked on, so that what ends the process is known after.

A note is written before the bytes are looked at, and taken away after. It counts how often the thing was taken in hand
without an end; a process that is killed leaves its notes behind. A note that cannot be written keeps nothing from being
done.

What takes all memory may end the machine with the process, and then only what is on the disk is left. So the note of a
thing that an earlier process has left is brought to the disk first. For what this process itself has stored nothing
waits: should that end the machine, it is an older thing for the next process, which counts from there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from edi_engine.flow.office import Poisoned

DEADLY: Final = 3
"""So often a thing may end the process; then it is not taken in hand again by itself."""


_OLD: Final = 7 * 86400.0


class Hand:
    """The notes of one store on this machine, a file for each thing; `folder` None keeps none."""

    def __init__(self, folder: Path | None, older: Mapping[str, int] | None = None) -> None:
        """Keep notes in `folder`, which is made when the first one is written.

        `older` gives, by kind such as `file`, the highest number of a thing that an earlier process has stored.
        """
        self._folder = folder
        self._older = older or {}

    @contextmanager
    def on(self, subject: str) -> Iterator[None]:
        """Note that `subject` (such as file:12) is worked on. Raises Poisoned where it ended the process too often.

        Then the note is taken away: whoever tries again after that has three more attempts.
        """
        if self._folder is None:
            yield
            return
        note = self._note(subject)
        before = _count(note)
        if before >= DEADLY:
            _drop(note)
            message = f"it has ended the program {before} times"
            raise Poisoned(message)
        self._write(note, before + 1, lasting=self._is_older(subject))
        try:
            yield
        finally:
            _drop(note)

    def left(self, subject: str) -> bool:
        """Say whether a process ended while it had `subject` in hand."""
        return self._folder is not None and _count(self._note(subject)) > 0

    def tidy(self) -> None:
        """Take away the notes of things that nobody has touched for a week: their work was done by another way."""
        if self._folder is None:
            return
        for note in self._folder.glob("*"):
            with suppress(OSError):
                if time.time() - note.stat().st_mtime > _OLD:
                    note.unlink()

    def _note(self, subject: str) -> Path:
        return (self._folder or Path()) / subject.replace(":", "-")

    def _is_older(self, subject: str) -> bool:
        """Say whether an earlier process has stored it; of several, such as files:12, the first is named."""
        kind, _, number = subject.partition(":")
        return number.isdecimal() and int(number) <= self._older.get(kind.removesuffix("s"), 0)

    def _write(self, note: Path, count: int, *, lasting: bool) -> None:
        """Write a count, over the one before: they are of one length, so that one of both is there at any moment."""
        with suppress(OSError):
            note.parent.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            try:
                text = str(count).encode()
                os.write(handle, text)
                os.ftruncate(handle, len(text))
                if lasting:
                    os.fsync(handle)
            finally:
                os.close(handle)
            if lasting:
                _sync(note.parent)
                _sync(note.parent.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _count(note: Path) -> int:
    try:
        text = note.read_bytes()
    except OSError:
        return 0
    return int(text) if text.isdigit() and len(text) < 9 else 0


def _drop(note: Path) -> None:
    with suppress(OSError):
        note.unlink()
