"""Kill a small program at each of its crash points in turn, on one store, and see that the store stays whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edi_engine.store.ledger import open_store

# Works on until ten documents stand, each with its number, then says so.
PROGRAM = """
import sys
from datetime import UTC, datetime
from edi_engine.flow.records import DocumentRecord
from edi_engine.store.ledger import open_store

now = datetime(2025, 1, 1, tzinfo=UTC)
store = open_store(sys.argv[1])
ledger = store.ledger("work:acme")
while True:
    with ledger.reading() as view:
        done = view.documents.count()
    if done == 10:
        break
    ledger.crashpoint("effect")
    with ledger.unit("document") as unit:
        number = unit.numbers.take("acme")
        sha256 = unit.blobs.put(b"%d" % number)
        document = unit.documents.add(DocumentRecord("855", f"order:{number}", sha256, 1, "acme", "x", now))
        unit.numbers.link("acme", number, document.id)
print("done")
"""


def run(url: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, url], env=os.environ | env, capture_output=True, text=True, check=False
    )


@pytest.mark.fault("H1")
@pytest.mark.crash
def test_a_kill_at_each_crash_point_loses_and_doubles_nothing(empty_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    kills = 0
    while True:
        ran = run(empty_url, EDI_CRASH_AT=str(kills % 8 + 1), EDI_CRASH_LOG=str(log))
        if ran.returncode == 0:
            break
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        kills += 1
        assert kills < 60
    reached = set(log.read_text().split())
    assert reached == {"migrate:before", "migrate:after", "fence:before", "fence:after", "effect"} | {
        "document:before",
        "document:after",
    }
    assert kills >= 8
    store = open_store(empty_url)
    with store.ledger().reading() as view:
        used = view.numbers.used("acme")
        documents = view.documents.select()
        assert [one.number for one in used] == list(range(1, 11))
        assert [one.document_id for one in used] == [document.id for document in documents]
        assert [view.blobs.get(document.sha256) for document in documents] == [b"%d" % n for n in range(1, 11)]
    store.close()


@pytest.mark.fault("H1")
@pytest.mark.crash
@pytest.mark.parametrize(("point", "committed"), [(4, 0), (5, 1)], ids=["before", "after"])
def test_a_kill_before_the_commit_undoes_it_and_one_after_it_does_not(
    store_url: str, point: int, committed: int
) -> None:
    assert run(store_url, EDI_CRASH_AT=str(point)).returncode == -signal.SIGKILL
    store = open_store(store_url)
    with store.ledger().reading() as view:
        assert view.documents.count() == committed
        assert len(view.numbers.used("acme")) == committed
    store.close()


def test_without_the_environment_nothing_is_counted(store_url: str, tmp_path: Path) -> None:
    assert run(store_url).stdout == "done\n"
    assert list(tmp_path.glob("log")) == []


def test_the_log_names_what_was_reached(store_url: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert run(store_url, EDI_CRASH_LOG=str(log)).returncode == 0
    lines = log.read_text().splitlines()
    assert lines[:5] == ["fence:before", "fence:after", "effect", "document:before", "document:after"]
    assert len(lines) == 2 + 3 * 10


@pytest.mark.crash
def test_each_point_kills_once(store_url: str, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("effect\n")
    kills = 0
    while run(store_url, EDI_CRASH_ONCE=str(names)).returncode == -signal.SIGKILL:
        kills += 1
    assert names.read_text().split() == ["effect", "fence:before", "fence:after", "document:before", "document:after"]
    assert kills == 4
    store = open_store(store_url)
    with store.ledger().reading() as view:
        assert view.documents.count() == 10
    store.close()


def test_what_is_tried_in_memory_is_no_crash_point(tmp_path: Path) -> None:
    """The daemon tries the partners' examples in memory when it starts: a kill there would prove nothing."""
    log = tmp_path / "log"
    assert run("sqlite://", EDI_CRASH_LOG=str(log), EDI_CRASH_NAME="document:before").returncode == 0
    assert not log.exists()
