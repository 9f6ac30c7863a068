"""Picking files up, with everything that a partner's folder does (FAILURES A1 to A11, A18 to A21, B1 to B10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from edi_engine.errors import Fenced, TransportError, UnknownOutcome
from edi_engine.flow.pickup import BATCH, Pickup, pick_up
from edi_engine.flow.ports import RemoteFile
from edi_engine.transport.memory import MemoryMailbox
from tests.fixtures.exchange import ORDER, SETTLED, Exchange, order

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
HALF = ORDER[: len(ORDER) // 2]


class Moody(MemoryMailbox):
    """A mailbox in which something happens in the middle of a fetch."""

    def __init__(self, happens=lambda name: None) -> None:
        super().__init__()
        self.happens = happens

    def fetch(self, folder: str, name: bytes, limit: int) -> bytes:
        data = super().fetch(folder, name, limit)
        self.happens(name)
        return data


# --- a file comes to rest ---------------------------------------------------------------------------------------------


def test_a_file_is_stored_once_it_has_rested_and_then_moved(either: Exchange) -> None:
    either.drop("a.edi")
    assert either.poll() == 0  # seen for the first time
    assert either.poll(timedelta(seconds=9)) == 0  # nine seconds are no ten
    assert either.poll(timedelta(seconds=1)) == 1
    assert either.states() == {"a.edi": "STORED"}
    assert either.waiting_files() == set()
    assert either.box.files("/out/done") == {b"a.edi": ORDER}
    assert either.files()[0].cleared_at is not None


@pytest.mark.fault("A1")
def test_a_file_that_grows_between_two_listings_settles_anew(exchange: Exchange) -> None:
    for length in (10, 20, 30, len(ORDER)):
        exchange.drop("a.edi", ORDER[:length])
        assert exchange.poll() == 0
    assert exchange.poll() == 1
    assert exchange.kinds() == []


def test_a_touched_file_settles_anew(exchange: Exchange) -> None:
    exchange.drop("a.edi", modified=100)
    exchange.poll()
    exchange.drop("a.edi", modified=101)
    assert exchange.poll() == 0
    assert exchange.poll() == 1


@pytest.mark.fault("A21")
def test_their_clock_does_not_count(exchange: Exchange) -> None:
    exchange.drop("future.edi", order(1), modified=4_000_000_000)
    exchange.drop("past.edi", order(2), modified=0)
    assert exchange.poll() == 0
    assert exchange.poll() == 2


@pytest.mark.fault("H10")
def test_our_own_clock_may_go_back_while_a_file_settles(exchange: Exchange) -> None:
    exchange.drop("a.edi")
    exchange.poll()
    exchange.clock.moment -= 2 * HOUR
    assert exchange.poll() == 1


@pytest.mark.fault("A3")
def test_a_file_that_never_rests_becomes_one_case_after_a_day_and_is_watched_on(exchange: Exchange) -> None:
    for hour in range(24):
        exchange.drop("a.edi", HALF + b"x" * hour)
        exchange.poll(HOUR)
        assert exchange.kinds() == []
    for _ in range(3):
        exchange.drop("a.edi", HALF)
        exchange.poll(HOUR)
    assert exchange.kinds() == ["transport.partial"]
    assert "24 hours" in exchange.cases()[0].title
    exchange.drop("a.edi")
    assert exchange.take() == 1
    assert exchange.kinds() == []


def test_a_run_that_shall_end_waits_for_a_settling_file_but_not_for_ever(exchange: Exchange) -> None:
    waited = []
    for length in range(10):
        exchange.drop("a.edi", ORDER[: length + 10])
        exchange.poll()
        waited.append(exchange.pickup.settling)
    assert waited[:3] == [1, 1, 1]
    assert waited[-1] == 0


# --- half a file ------------------------------------------------------------------------------------------------------


def fetches(exchange: Exchange) -> int:
    return sum(1 for method, _, _ in exchange.box.calls if method == "fetch")


@pytest.mark.fault("A2")
def test_a_file_without_its_end_waits_and_is_read_again_when_it_has_changed(exchange: Exchange) -> None:
    exchange.drop("a.edi", HALF)
    assert exchange.take() == 0
    assert fetches(exchange) == 1
    assert exchange.poll(5 * MINUTE) == 0
    assert fetches(exchange) == 1  # it has not changed
    exchange.drop("a.edi", ORDER)
    assert exchange.take() == 1
    assert exchange.kinds() == []
    assert exchange.states() == {"a.edi": "STORED"}


@pytest.mark.fault("A2", "D9")
def test_a_file_whose_end_does_not_come_is_stored_and_becomes_a_case(exchange: Exchange) -> None:
    exchange.drop("a.edi", HALF)
    assert exchange.take() == 0
    assert exchange.poll(14 * MINUTE) == 0
    assert exchange.poll(1 * MINUTE) == 1
    exchange.work()
    assert exchange.kinds() == ["envelope.truncated"]
    assert exchange.documents() == []


def test_waiting_for_the_end_outlives_a_restart(exchange: Exchange) -> None:
    exchange.drop("a.edi", HALF)
    exchange.take()
    exchange.clock.move(16 * MINUTE)
    exchange.restart()
    assert exchange.take() == 1


def test_a_change_starts_the_wait_anew(exchange: Exchange) -> None:
    exchange.drop("a.edi", HALF)
    exchange.take()
    exchange.drop("a.edi", ORDER[:-20])
    assert exchange.poll(14 * MINUTE) == 0
    assert exchange.poll(5 * MINUTE) == 0
    assert exchange.poll(10 * MINUTE) == 0
    assert exchange.poll(5 * MINUTE) == 1


@pytest.mark.fault("B6")
def test_an_empty_file_waits_a_day_and_then_becomes_a_case(exchange: Exchange) -> None:
    exchange.drop("a.edi", b"")
    assert exchange.take() == 0
    assert exchange.poll(23 * HOUR) == 0
    assert fetches(exchange) == 0
    assert exchange.poll(HOUR) == 1
    exchange.work()
    assert exchange.kinds() == ["envelope.unreadable"]
    assert exchange.states() == {"a.edi": "UNREADABLE"}


def test_an_empty_file_that_is_filled_is_read(exchange: Exchange) -> None:
    exchange.drop("a.edi", b"")
    exchange.take()
    exchange.poll(20 * HOUR)
    exchange.drop("a.edi")
    assert exchange.take() == 1
    assert exchange.kinds() == []


@pytest.mark.fault("H10")
def test_a_clock_that_ran_ahead_keeps_no_file_waiting(exchange: Exchange) -> None:
    exchange.clock.moment += timedelta(days=3650)
    exchange.drop("a.edi", HALF)
    exchange.take()
    exchange.clock.moment -= timedelta(days=3650)
    assert exchange.poll() == 0
    assert exchange.poll(16 * MINUTE) == 1


# --- what goes wrong with one file ------------------------------------------------------------------------------------


@pytest.mark.fault("A5", "B8")
def test_a_server_that_ends_early_is_not_believed(exchange: Exchange) -> None:
    exchange.drop("a.edi", ORDER, stated=1_000_000)
    exchange.drop("b.edi", order(2))
    assert exchange.take() == 1
    assert exchange.states() == {"a.edi": "SEEN", "b.edi": "STORED"}


@pytest.mark.fault("A6")
def test_a_file_that_changes_while_it_is_fetched_is_thrown_away(exchange: Exchange) -> None:
    box = exchange.box = Moody()
    exchange.drop("a.edi", HALF)
    box.happens = lambda name: exchange.drop(name, ORDER)
    assert exchange.take() == 0
    assert exchange.states() == {"a.edi": "SEEN"}
    box.happens = lambda name: None
    assert exchange.take() == 1
    with exchange.office().ledger.reading() as unit:
        assert unit.blobs.get(exchange.files()[0].sha256) == ORDER


def test_a_file_rewritten_at_the_same_length_while_it_is_fetched_is_thrown_away(exchange: Exchange) -> None:
    box = exchange.box = Moody()
    exchange.drop("a.edi", order(1))
    box.happens = lambda name: exchange.drop(name, order(2))
    assert exchange.take() == 0
    box.happens = lambda name: None
    assert exchange.take() == 1
    assert exchange.box.files("/out/done") == {b"a.edi": order(2)}


def test_trouble_with_one_file_never_keeps_the_others(exchange: Exchange) -> None:
    exchange.box = Moody(lambda name: exchange.box.remove("/out", name) if name == b"gone.edi" else None)
    exchange.drop("gone.edi", order(1))
    exchange.drop("lies.edi", order(2), stated=7)
    exchange.drop("good.edi", order(3))
    assert exchange.take() == 1
    assert exchange.states() == {"gone.edi": "SEEN", "lies.edi": "SEEN", "good.edi": "STORED"}
    exchange.poll()
    assert exchange.states()["gone.edi"] == "GONE"
    assert exchange.kinds() == []


@pytest.mark.parametrize("code", ["transport.partial", "transport.filename", "transport.size", "transport.listing"])
@pytest.mark.fault("A19")
def test_a_file_that_may_not_be_read_does_not_block_the_folder(exchange: Exchange, code: str) -> None:
    exchange.drop("a.edi", order(1))
    exchange.drop("b.edi", order(2))
    exchange.box.fail("fetch", TransportError("permission denied", code=code))
    assert exchange.take() == 1
    assert exchange.states() == {"a.edi": "SEEN", "b.edi": "STORED"}


@pytest.mark.fault("A5")
def test_ten_failed_fetches_become_one_case_which_closes_when_the_file_comes(exchange: Exchange) -> None:
    exchange.drop("a.edi", ORDER, stated=999)
    for _ in range(40):
        exchange.poll()
    assert exchange.kinds() == ["transport.partial"]
    assert "10 attempts" in exchange.cases()[0].title
    exchange.drop("a.edi")
    assert exchange.take() == 1
    assert exchange.kinds() == []


def test_a_case_that_a_person_has_dismissed_is_not_opened_again_at_every_poll(exchange: Exchange) -> None:
    exchange.set_intake(max_bytes=100)
    exchange.drop("a.edi")
    exchange.take()
    (case,) = exchange.cases()
    with exchange.office().ledger.unit("test") as unit:
        unit.cases.change(case, state="DISMISSED")
    exchange.restart()
    exchange.take()
    exchange.poll()
    assert exchange.kinds() == []


@pytest.mark.fault("B7")
def test_a_file_over_the_limit_is_not_fetched_until_the_limit_is_raised(exchange: Exchange) -> None:
    exchange.set_intake(max_bytes=100)
    exchange.drop("a.edi")
    exchange.drop("b.edi", b"small but no X12, its case is not of interest here")
    exchange.take()
    exchange.poll()
    assert exchange.kinds() == ["transport.size"]
    assert [name for method, _, name in exchange.box.calls if method == "fetch"] == [b"b.edi"]
    exchange.set_intake(max_bytes=100_000)
    assert exchange.poll() == 1
    assert exchange.kinds() == []


@pytest.mark.fault("B8")
def test_a_server_that_hides_how_large_a_file_is(exchange: Exchange) -> None:
    exchange.set_intake(max_bytes=100)
    exchange.drop("a.edi", b"x" * 5_000, stated=50)
    exchange.drop("b.edi", b"ISA?")
    assert exchange.take() == 0 or exchange.states()["a.edi"] == "SEEN"
    assert exchange.states()["a.edi"] == "SEEN"


def test_a_vanished_file_is_closed_with_its_case(exchange: Exchange) -> None:
    exchange.set_intake(max_bytes=100)
    exchange.drop("a.edi")
    exchange.take()
    assert exchange.kinds() == ["transport.size"]
    exchange.box.remove("/out", b"a.edi")
    exchange.poll()
    assert exchange.states() == {"a.edi": "GONE"}
    assert exchange.kinds() == []


# --- the same again ---------------------------------------------------------------------------------------------------


@pytest.mark.fault("B10")
def test_the_same_bytes_under_two_names_are_one_order(either: Exchange) -> None:
    either.drop("a.edi")
    either.drop("b.edi")
    either.take()
    either.work()
    assert either.states() == {"a.edi": "DONE", "b.edi": "DUPLICATE"}
    assert either.files()[1].arrival_of == either.files()[0].id
    assert len(either.documents(kind="855")) == 1
    assert either.waiting_files() == set()
    assert either.sound()


@pytest.mark.fault("B10")
def test_names_are_distinct_by_their_bytes(exchange: Exchange) -> None:
    for number, name in enumerate((b"A.edi", b"a.edi", "\u00e9.edi".encode(), "e\u0301.edi".encode())):
        exchange.drop(name, order(number))
    assert exchange.take() == 4
    assert len(exchange.box.files("/out/done")) == 4


@pytest.mark.fault("A7")
def test_a_file_replaced_before_it_was_cleared_is_left_and_picked_up(either: Exchange) -> None:
    either.drop("a.edi", order(1))
    either.box.fail("remove", TransportError("down", code="transport.connect"))
    either.box.fail("rename", TransportError("down", code="transport.connect"))
    either.poll()
    with pytest.raises(TransportError):
        either.poll()
    assert either.states() == {"a.edi": "STORED"}
    either.drop("a.edi", order(2))
    assert either.take() == 1
    assert [one.state for one in either.files()] == ["STORED", "STORED"]
    assert either.box.files("/out/done") == {b"a.edi": order(2)}
    either.work()
    assert len(either.documents(kind="855")) == 2
    assert either.sound()


@pytest.mark.fault("A7")
def test_a_file_replaced_while_the_done_folder_is_looked_at_is_left_and_picked_up(exchange: Exchange) -> None:
    class Meanwhile(MemoryMailbox):
        def size(self, folder: str, name: bytes) -> RemoteFile | None:
            found = super().size(folder, name)
            if folder == "/out/done" and not self.files("/out/done"):
                self.drop("/out", "a.edi", order(2))
            return found

    exchange.box = Meanwhile()
    exchange.drop("a.edi", order(1))
    exchange.poll()
    exchange.poll()
    assert exchange.box.files("/out/done") == {}
    assert exchange.waiting_files() == {b"a.edi"}


def test_a_second_file_of_a_name_does_not_overwrite_the_first_in_the_done_folder(exchange: Exchange) -> None:
    for number in (1, 2):
        exchange.drop("a.edi", order(number))
        assert exchange.take() == 1
    assert set(exchange.box.files("/out/done").values()) == {order(1), order(2)}


@pytest.mark.fault("B3")
def test_a_long_name_stays_within_what_folders_hold(exchange: Exchange) -> None:
    name = b"x" * 251 + b".edi"
    for number in (1, 2):
        exchange.drop(name, order(number))
        assert exchange.take() == 1
    assert all(len(each) <= 255 for each in exchange.box.files("/out/done"))


def test_what_was_never_booked_is_asked_about_when_it_comes_again(exchange: Exchange) -> None:
    stranger = ORDER.replace(b"6119290001     ", b"5550001111     ")
    exchange.drop("a.edi", stranger)
    exchange.take()
    exchange.work()
    (case,) = exchange.cases()
    with exchange.office().ledger.unit("test") as unit:
        unit.cases.change(case, state="DISMISSED", resolution="dismiss")
    exchange.drop("b.edi", stranger)
    exchange.take()
    assert [one.id for one in exchange.cases()] == [case.id]
    exchange.drop("c.edi", stranger)
    exchange.take()
    assert [one.id for one in exchange.cases()] == [case.id]


def test_what_was_booked_is_not_asked_about_when_it_comes_again(exchange: Exchange) -> None:
    exchange.drop("a.edi")
    exchange.take()
    exchange.work()
    exchange.drop("b.edi")
    exchange.take()
    exchange.work()
    assert exchange.kinds() == []


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [b"../../x", b"/etc/x", b"a/b", b"", b"..", b".", b"a\0b"])
@pytest.mark.fault("B1")
def test_a_name_that_leads_elsewhere_is_told_once_and_never_touched(exchange: Exchange, name: bytes) -> None:
    exchange.drop(name)
    exchange.drop("good.edi", order(2))
    assert exchange.take() == 1
    exchange.poll()
    exchange.restart()
    exchange.poll()
    assert exchange.kinds() == ["transport.filename"]
    assert exchange.cases()[0].title.endswith(f"it is left alone in {exchange.connection.name}:/out.")
    assert name not in {touched for _, _, touched in exchange.box.calls[1:] if touched}
    exchange.box._in("/out").pop(name)
    exchange.poll()
    assert exchange.kinds() == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"bestellung-m\xfcller.edi", "bestellung-m\\xfcller.edi"),
        (b"two\nlines.edi", "two\\nlines.edi"),
        (b"esc\x1b[31m.edi", "esc\\x1b[31m.edi"),
        ("\u202eide.redro".encode(), "\\u202eide.redro"),
        (b"quo\"te's.edi", "quo\"te's.edi"),
    ],
)
@pytest.mark.fault("B2", "B3")
def test_any_other_name_is_fetched_by_its_bytes_and_shown_escaped(exchange: Exchange, name: bytes, shown: str) -> None:
    exchange.drop(name)
    assert exchange.take() == 1
    assert exchange.files()[0].name == shown
    assert bytes.fromhex(exchange.files()[0].name_hex) == name
    assert exchange.box.files("/out/done") == {name: ORDER}


@pytest.mark.fault("B4")
def test_a_link_is_told_and_not_followed(exchange: Exchange) -> None:
    exchange.drop("link.edi", special=True)
    exchange.take()
    assert exchange.kinds() == ["transport.filename"]
    assert "link" in exchange.cases()[0].title
    assert fetches(exchange) == 0


@pytest.mark.fault("B5")
def test_a_folder_is_no_file_and_nothing_to_tell_of(exchange: Exchange) -> None:
    exchange.drop("done", regular=False)
    assert exchange.take() == 0
    assert exchange.kinds() == []
    assert exchange.files() == []


def test_odd_names_are_one_case_that_follows_them(exchange: Exchange) -> None:
    exchange.drop(b"a/b")
    exchange.poll()
    exchange.drop(b"c/d")
    exchange.poll()
    (case,) = exchange.cases()
    assert "a/b" in case.findings_json
    assert "c/d" in case.findings_json


@pytest.mark.parametrize("name", ["a.tmp", "a.edi.part", "a.filepart", "a.writing", ".a.edi"])
@pytest.mark.fault("A4")
def test_temporary_names_are_left_alone_and_counted(exchange: Exchange, name: str) -> None:
    exchange.drop(name)
    exchange.take()
    assert exchange.pickup.ignored == 1
    assert exchange.files() == []


def test_only_what_the_connection_wants_is_taken(exchange: Exchange) -> None:
    exchange.set_intake(match="*.edi")
    exchange.drop("a.edi", order(1))
    exchange.drop("a.pdf", order(2))
    assert exchange.take() == 1
    assert exchange.pickup.ignored == 1


# --- many files -------------------------------------------------------------------------------------------------------


def test_a_full_folder_is_taken_in_parts_the_oldest_first(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edi_engine.flow.pickup.BATCH", 5)
    names = [f"{number:04d}.edi" for number in range(20)]
    for number, name in enumerate(reversed(names)):
        exchange.drop(name, order(number), modified=1_000 - number)
    assert BATCH == 500
    assert exchange.take() == 5
    assert exchange.pickup.left == 15
    assert sorted(exchange.box.files("/out/done")) == sorted(name.encode() for name in names[:5])
    assert [exchange.poll() for _ in range(4)] == [5, 5, 5, 0]
    assert exchange.pickup.left == 0


@pytest.mark.fault("A10", "A18")
def test_files_that_cannot_be_cleared_do_not_starve_new_ones(exchange: Exchange, monkeypatch) -> None:
    monkeypatch.setattr("edi_engine.flow.pickup.BATCH", 3)
    denied = TransportError("permission denied", code="transport.postaction")
    exchange.box.fail("rename", denied, times=1_000)
    for number in range(3):
        exchange.drop(f"old-{number}.edi", order(number))
    assert exchange.take() == 3
    exchange.drop("new.edi", order(9))
    assert exchange.take() == 1


@pytest.mark.parametrize("data", [b"", b"x" * 200, HALF])
def test_files_that_wait_do_not_starve_new_ones(exchange: Exchange, monkeypatch, data: bytes) -> None:
    monkeypatch.setattr("edi_engine.flow.pickup.BATCH", 3)
    exchange.set_intake(max_bytes=150 if data == b"x" * 200 else 100_000)
    for number in range(3):
        exchange.drop(f"old-{number}.edi", data)
    exchange.take()
    exchange.drop("new.edi", b"not X12, and small")
    assert exchange.take() == 1


def test_files_that_fail_come_after_the_others(exchange: Exchange, monkeypatch) -> None:
    monkeypatch.setattr("edi_engine.flow.pickup.BATCH", 2)
    for number in range(2):
        exchange.drop(f"bad-{number}.edi", order(number), stated=5)
    for number in range(2, 4):
        exchange.drop(f"good-{number}.edi", order(number))
    exchange.take()
    assert exchange.take() == 2


# --- the partner's copy -----------------------------------------------------------------------------------------------


@pytest.mark.fault("A10")
def test_a_denied_move_is_tried_again_and_told_after_ten_attempts(either: Exchange) -> None:
    either.drop("a.edi")
    either.box.fail("rename", TransportError("permission denied", code="transport.postaction"), times=11)
    either.take()
    for _ in range(8):
        either.poll()
    assert either.kinds() == []
    either.poll()
    assert either.kinds() == ["transport.postaction"]
    either.poll()
    assert len(either.cases()) == 1
    either.poll()
    assert either.kinds() == []
    assert either.waiting_files() == set()
    assert len(either.files()) == 1


def test_a_deletion_is_as_good_as_a_move(exchange: Exchange) -> None:
    exchange.set_intake(after="delete", done_folder=None)
    exchange.drop("a.edi")
    exchange.take()
    assert exchange.waiting_files() == set()
    assert exchange.box.files("/out/done") == {}


@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.fault("A9")
def test_a_move_without_an_answer_is_looked_up_by_the_next_poll(exchange: Exchange, happened: bool) -> None:
    exchange.drop("a.edi")
    exchange.box.fail("rename", UnknownOutcome("no answer"), after=happened)
    exchange.poll()
    with pytest.raises(TransportError) as caught:
        exchange.poll()
    assert caught.value.code == "transport.timeout"
    assert exchange.files()[0].cleared_at is None
    exchange.poll()
    assert exchange.files()[0].cleared_at is not None
    assert exchange.box.files("/out/done") == {b"a.edi": ORDER}
    assert len(exchange.files()) == 1


def test_a_run_of_refusals_ends_the_clearing_of_one_poll(exchange: Exchange) -> None:
    exchange.box.fail("rename", TransportError("denied", code="transport.postaction"), times=1_000)
    for number in range(30):
        exchange.drop(f"{number}.edi", order(number))
    exchange.take()
    before = len(exchange.box.calls)
    exchange.poll()
    assert sum(1 for method, _, _ in exchange.box.calls[before:] if method == "rename") == 10


# --- the connection ---------------------------------------------------------------------------------------------------


class Cut(MemoryMailbox):
    """A mailbox whose listing breaks off after some entries."""

    def listing(self, folder: str):
        for number, entry in enumerate(super().listing(folder)):
            if number == 1:
                raise TransportError("the connection broke", code="transport.connect")
            yield entry


@pytest.mark.fault("A11", "A19")
def test_a_listing_that_breaks_off_closes_and_takes_nothing(exchange: Exchange) -> None:
    exchange.set_intake(max_bytes=100)
    exchange.drop("a.edi")
    exchange.drop("b.edi")
    exchange.take()
    standing = exchange.box
    cut = exchange.box = Cut()
    cut._folders = standing._folders
    for _ in range(2):
        with pytest.raises(TransportError):
            exchange.poll()
    assert exchange.states() == {"a.edi": "SEEN", "b.edi": "SEEN"}


@pytest.mark.parametrize("code", ["transport.connect", "transport.timeout"])
@pytest.mark.fault("A11")
def test_what_was_stored_before_the_connection_broke_stays_stored(either: Exchange, code: str) -> None:
    for number in range(3):
        either.drop(f"{number}.edi", order(number))
    either.poll()
    fetch, calls = either.box.fetch, []

    def breaking(folder: str, name: bytes, limit: int) -> bytes:
        calls.append(name)
        if len(calls) == 2:
            raise TransportError("gone", code=code)
        return fetch(folder, name, limit)

    either.box.fetch = breaking
    with pytest.raises(TransportError):
        either.poll()
    assert sorted(either.states().values()) == ["SEEN", "SEEN", "STORED"]
    assert either.take() == 2
    either.work()
    assert len(either.documents(kind="855")) == 3
    assert either.sound()


def test_a_file_on_which_the_connection_always_breaks_lets_the_others_pass(exchange: Exchange) -> None:
    exchange.drop("a-bad.edi", order(1))
    exchange.drop("b-good.edi", order(2))
    fetch = exchange.box.fetch

    def breaking(folder: str, name: bytes, limit: int) -> bytes:
        if name == b"a-bad.edi":
            raise TransportError("gone", code="transport.timeout")
        return fetch(folder, name, limit)

    exchange.box.fetch = breaking
    exchange.poll()
    with pytest.raises(TransportError):
        exchange.poll()
    assert exchange.poll() == 1
    with pytest.raises(TransportError):
        exchange.poll()
    assert exchange.states() == {"a-bad.edi": "SEEN", "b-good.edi": "STORED"}


@pytest.mark.fault("A20")
def test_two_daemons_take_each_file_once(either: Exchange) -> None:
    either.drop("a.edi")
    other = Pickup()
    slow, quick = either.office("poll:bluebird-sftp"), either.office("poll:bluebird-sftp")
    pick_up(quick, either.connection, either.box, other)
    either.clock.move(SETTLED)
    either.pickup.watches = other.watches
    with pytest.raises(Fenced):
        pick_up(slow, either.connection, either.box, either.pickup)
    assert pick_up(quick, either.connection, either.box, other) == 1
    assert either.states() == {"a.edi": "STORED"}


@pytest.mark.fault("H14")
def test_a_poll_that_is_told_to_stop_leaves_the_rest_for_the_next(exchange: Exchange) -> None:
    for number in range(4):
        exchange.drop(f"{number}.edi", order(number))
    exchange.poll()
    exchange.place.stopping = lambda: len(exchange.files(state="STORED")) >= 2
    assert exchange.poll() == 2
    exchange.place.stopping = lambda: False
    assert exchange.poll() == 2


def test_sizes_and_times_of_entries_that_only_exist_in_the_listing(exchange: Exchange) -> None:
    listed = [RemoteFile(b"ghost.edi", 10, 1)]
    exchange.box.listing = lambda folder: iter(listed)
    assert exchange.take() == 0
    listed.clear()
    exchange.poll()
    assert exchange.states() == {"ghost.edi": "GONE"}
