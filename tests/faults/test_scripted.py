"""One fault at a time at a partner's server, over the whole way: mailbox, intake or delivery, store."""

from __future__ import annotations

import stat
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from edi_engine.errors import TransportError
from edi_engine.flow import look
from edi_engine.flow.ports import RemoteFile
from edi_engine.transport.memory import MemoryMailbox
from edi_engine.transport.sftp import Patience
from tests.faults.conftest import Begin
from tests.faults.proxy import Plan, Proxy
from tests.faults.server import Fault, Script, entry
from tests.faults.trade import HASTY, Trade, content
from tests.fixtures.exchange import Exchange

OUT = Patience()


def through(trade: Trade, port: int) -> None:
    place = trade.exchange.connection.sftp
    trade.exchange.connection = replace(trade.exchange.connection, sftp=replace(place, port=port))


def ended(act: Callable[[], object]) -> tuple[TransportError, float]:
    began = time.monotonic()
    with pytest.raises(TransportError) as caught:
        act()
    return caught.value, time.monotonic() - began


# --- what comes in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["truncate", "drip", "drop", "stall", "deny", "lie"])
@pytest.mark.fault("A5", "A6", "A11", "A12", "A19")
def test_whatever_goes_wrong_in_a_read_nothing_half_is_stored(begin: Begin, kind: str) -> None:
    trade = begin(Script([Fault("read", kind, at=40_000, pause=1.5)]))
    data = content(1) + b"\n" * 150_000
    trade.drop("order.edi", data)
    polls = [trade.poll() for _ in range(4)]
    assert sum(polls) == 1
    assert polls[1] == 0
    assert trade.stored() == Counter([data])
    assert trade.standing("out/done") == {"order.edi": data}


@pytest.mark.parametrize("kind", ["deny", "drop", "after", "late"])
@pytest.mark.fault("A8", "A9", "A10")
def test_a_move_that_fails_or_whose_answer_is_lost_is_repeated_and_nothing_comes_twice(begin: Begin, kind: str) -> None:
    trade = begin(Script([Fault("rename", kind, times=2, pause=1.5)]))
    for number in range(3):
        trade.drop(f"{number}.edi", content(number))
    for _ in range(6):
        trade.poll()
    assert trade.stored() == Counter(content(number) for number in range(3))
    assert trade.repeated() == 0
    assert trade.standing("out") == {}


@pytest.mark.fault("A11")
def test_a_server_that_breaks_after_every_second_file_is_read_to_the_end(begin: Begin) -> None:
    trade = begin(Script())
    for number in range(9):
        trade.drop(f"{number}.edi", content(number))
    trade.poll()
    for _ in range(30):
        trade.script.faults = [Fault("open", "fine"), Fault("open", "drop", times=99)]
        trade.poll()
        if not trade.standing("out"):
            break
    assert trade.stored() == Counter(content(number) for number in range(9))


@pytest.mark.fault("A1", "A6")
def test_a_file_that_grows_between_the_fetch_and_the_second_look_is_read_again(begin: Begin) -> None:
    trade = begin()
    for number in range(6):
        trade.drop(f"{number}.edi", content(number))
    trade.poll()
    lists = []

    def grow(folder: str) -> Iterator[object]:
        lists.append(folder)
        if len(lists) == 2:  # the look after the fetch
            trade.drop("3.edi", content(33))
        return iter(())

    trade.script.extra = grow
    assert trade.poll() == 5
    trade.script.extra = lambda _folder: ()
    trade.poll()
    trade.poll()
    assert trade.stored() == Counter([*(content(number) for number in (0, 1, 2, 4, 5)), content(33)])


# --- names and listings -----------------------------------------------------------------------------------------------

HOSTILE = (
    entry(b".."),
    entry(b"../../etc/passwd"),
    entry(b"/etc/shadow"),
    entry(b"a/b.edi"),
    entry(b"nul\0.edi"),
    entry(b""),
    entry(b"x" * 4096),
    entry(b"link.edi", mode=stat.S_IFLNK | 0o777),
    entry(b"pipe.edi", mode=stat.S_IFIFO | 0o644),
    entry(b"device.edi", mode=stat.S_IFCHR | 0o644),
    entry(b"folder.edi", mode=stat.S_IFDIR | 0o755),
)


@pytest.mark.fault("B1", "B2", "B3", "B4", "B5")
def test_a_hostile_listing_touches_nothing_and_keeps_no_order_back(begin: Begin) -> None:
    names = [b"line\nfeed.edi", b"m\xfcller.edi", b"\x1b[31m.edi", "\u202eide.edi".encode(), b"'quo\"te.edi"]
    trade = begin(Script(extra=lambda folder: HOSTILE if folder.endswith("out") else ()))
    for number, name in enumerate(names):
        (trade.root / "out" / name.decode("utf-8", "surrogateescape")).write_bytes(content(number))
    trade.poll()
    assert trade.poll() == len(names)
    assert trade.stored() == Counter(content(number) for number in range(len(names)))
    (case,) = trade.exchange.cases()
    assert case.kind == "transport.filename"
    assert len(case.findings_json) < 10_000
    assert all(file.name.isprintable() for file in trade.exchange.files())
    trade.poll()
    assert len(trade.exchange.cases()) == 1


@pytest.mark.fault("B8", "A5")
def test_a_name_that_is_listed_twice_is_one_file(begin: Begin) -> None:
    trade = begin()
    trade.drop("order.edi", content(1))
    found = (trade.root / "out" / "order.edi").stat()
    twin = entry(b"order.edi", size=found.st_size, modified=int(found.st_mtime))
    trade.script.extra = lambda folder: [twin, twin] if folder.endswith("out") and trade.standing("out") else ()
    assert trade.poll() + trade.poll() == 1
    assert trade.repeated() == 0


class Endless(MemoryMailbox):
    """A folder of very many files, made as they are listed."""

    def __init__(self, count: int, name: Callable[[int], bytes]) -> None:
        super().__init__()
        self.count, self.name = count, name

    def listing(self, folder: str) -> Iterator[RemoteFile]:
        return (RemoteFile(self.name(number), 0, number) for number in range(self.count, 0, -1))


@pytest.mark.fault("A18")
@pytest.mark.parametrize(
    "name",
    [lambda number: b"order-%06d.edi" % number, lambda number: b"%06d" % number + b"/" * 2000],
    ids=["real", "odd"],
)
def test_a_folder_of_100_000_files_takes_bounded_memory(exchange: Exchange, name: Callable[[int], bytes]) -> None:
    exchange.box = Endless(100_000, name)
    exchange.poll()
    tracemalloc.start()
    exchange.poll()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 40_000_000
    assert len(exchange.pickup.watch("/out").sightings.seen) <= look.TRACKED


@pytest.mark.fault("A18")
def test_of_a_full_folder_the_oldest_come_first_and_all_come(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "TRACKED", 40)
    monkeypatch.setattr("edi_engine.flow.pickup.BATCH", 20)
    for number in range(100):
        exchange.drop(f"{number:03}.edi", content(number), modified=1000 - number)
    exchange.poll()
    exchange.poll()
    assert [file.name for file in exchange.files()] == [f"{number:03}.edi" for number in range(99, 79, -1)]
    assert exchange.pickup.left == 80
    for _ in range(10):
        exchange.poll()
    assert exchange.waiting_files() == set()
    assert len(exchange.files(state="STORED")) == 100


# --- nothing hangs ----------------------------------------------------------------------------------------------------


@pytest.mark.fault("A12")
def test_the_patience_that_ships_ends_every_hang_within_60_seconds() -> None:
    assert max(OUT.answer, OUT.act, OUT.opening) + 2 < 60
    assert OUT.rate == 50_000


@pytest.mark.fault("A12")
def test_a_fast_start_buys_no_long_silence(begin: Begin) -> None:
    trade = begin(Script([Fault("read", "drip", at=4_000_000, pause=0.1)]))
    trade.drop("large.edi", b"x" * 5_000_000)
    trade.patience = replace(HASTY, answer=2, act=1, rate=100_000)  # at this rate, 4 MB would be good for 40 s
    mailbox = trade.enter()
    error, took = ended(lambda: mailbox.fetch("/out", b"large.edi", 10_000_000))
    assert error.code == "transport.timeout"
    assert took < 15


@pytest.mark.fault("A12")
def test_an_upload_that_hangs_is_ended_whatever_its_length(begin: Begin) -> None:
    trade = begin(Script([Fault("write", "stall", at=1_000_000, pause=20)]))
    mailbox = trade.enter()
    error, took = ended(lambda: mailbox.put("/in", "810.edi.part", b"x" * 50_000_000))
    assert error.code == "transport.timeout"
    assert took < 15


@pytest.mark.fault("A12", "A18")
def test_a_listing_that_drips_is_ended_although_every_wait_is_short(begin: Begin) -> None:
    trade = begin()
    for number in range(200):
        trade.drop(f"{number}.edi", b"x")
    trade.patience = replace(HASTY, answer=2, act=1, entries=1000)
    with Proxy(trade.server.port, lambda _number: Plan(delay=0.15, piece=1024)) as proxy:
        trade.patience = replace(trade.patience, opening=30, banner=20, auth=20)
        through(trade, proxy.port)
        mailbox = trade.enter()
        error, took = ended(lambda: list(mailbox.listing("/out")))
    assert error.code == "transport.timeout"
    assert took < 15


@pytest.mark.fault("A12", "A11")
@pytest.mark.parametrize("at", [0, 10, 500, 1_500, 4_000, 20_000])
@pytest.mark.parametrize("how", ["silent_at", "reset_at"])
def test_a_line_that_dies_at_any_byte_ends_in_time_and_loses_nothing(begin: Begin, how: str, at: int) -> None:
    trade = begin()
    trade.drop("order.edi", content(1) + b"\n" * 30_000)
    trade.post(1)
    trade.patience = replace(HASTY, connect=1, banner=1, auth=1, channel=1, opening=2)
    with Proxy(trade.server.port, lambda number: Plan(**{how: at}) if number < 3 else Plan()) as proxy:
        through(trade, proxy.port)
        began = time.monotonic()
        for _ in range(2):
            trade.poll()
        trade.send()
        assert time.monotonic() - began < 30
        for _ in range(3):
            trade.poll()
            trade.send()
    assert trade.stored() == Counter([content(1) + b"\n" * 30_000])
    assert trade.standing("in") == {"855_000000001.edi": content(1)}


@pytest.mark.fault("A14")
def test_a_slow_line_is_no_dead_one(begin: Begin) -> None:
    trade = begin()
    for number in range(20):
        trade.drop(f"{number}.edi", content(number))
    trade.patience = replace(HASTY, answer=5, act=10)
    with Proxy(trade.server.port, Plan(delay=0.02)) as proxy:
        through(trade, proxy.port)
        assert trade.poll() + trade.poll() == 20
    assert trade.errors == Counter()


# --- what goes out ----------------------------------------------------------------------------------------------------


@pytest.mark.fault("G1", "G2", "G4", "G5")
@pytest.mark.parametrize(
    ("act", "kind"),
    [(act, kind) for act in ("rename", "write", "open", "look") for kind in ("deny", "drop", "stall")]
    + [("rename", "after"), ("rename", "late"), ("look", "lie")],
)
def test_a_document_goes_once_and_is_never_parked_for_the_servers_sake(begin: Begin, act: str, kind: str) -> None:
    trade = begin(Script([Fault(act, kind, pause=1.2)]))
    for number in (1, 2):
        trade.post(number)
    for _ in range(4):
        trade.send()
    assert trade.script.done == [(act, kind)]
    time.sleep(1.0)  # what hung is done by now, if it ever is
    delivered = {name: data for name, data in trade.standing("in").items() if not name.endswith(".part")}
    assert delivered == {f"855_{number:09d}.edi": content(number) for number in (1, 2)}
    assert trade.exchange.kinds() == []
    assert [document.state for document in trade.exchange.documents()] == ["CONFIRMED", "CONFIRMED"]


@pytest.mark.fault("G2")
def test_what_a_hung_session_does_later_harms_no_other_attempt(begin: Begin) -> None:
    """The open of the first attempt cuts its file to nothing after the second has written, and before it renames."""
    trade = begin(Script([Fault("open", "stall", pause=2.0)]))
    document = trade.post(1)
    trade.send()
    trade.script.faults = [Fault("rename", "stall", pause=2.2)]
    trade.patience = replace(HASTY, answer=5, act=5)
    assert trade.send() == 1
    assert trade.standing("in")[document.name] == content(1)


# --- several sessions -------------------------------------------------------------------------------------------------


@pytest.mark.fault("A13")
def test_several_sessions_fetch_each_file_once(begin: Begin) -> None:
    trade = begin(sessions=4)
    for number in range(100):
        trade.drop(f"{number}.edi", content(number))
    assert trade.poll() + trade.poll() == 100
    assert trade.stored() == Counter(content(number) for number in range(100))
    assert trade.most_sessions == 4


@pytest.mark.fault("A11", "A13")
def test_one_of_several_sessions_may_break(begin: Begin) -> None:
    trade = begin(Script([Fault("read", "drop", times=2)]), sessions=4)
    for number in range(100):
        trade.drop(f"{number}.edi", content(number))
    for _ in range(6):
        trade.poll()
    assert trade.stored() == Counter(content(number) for number in range(100))
    assert trade.repeated() == 0
