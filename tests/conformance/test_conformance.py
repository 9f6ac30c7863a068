"""Every file below this folder is a test: drop one in, as README.md says, and it is judged and answered."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml

from edi_engine.app import shelf, surveying
from edi_engine.app.settings import Settings
from edi_engine.app.validating import validate
from tests.conformance.answering import (
    PLACES,
    ROOT,
    Case,
    answer,
    as_999,
    cases,
    desk,
    faults,
    is_accepted,
    lines,
    said,
    without_context,
    write_sidecar,
)
from tests.fixtures.trading import Desk
from tests.unit.partners.conftest import standard

CASES = cases()
LISTS = {"AK304": "720", "AK403": "723", "AK502": "718", "AK905": "716"}
"""The data elements of the codes; TA105 stands in no set, and so in no dictionary."""
LONGEST = 2048
WRITE = "EDI_WRITE_CONFORMANCE"


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    homes = {name: tmp_path_factory.mktemp(f"answers-by-{name}") for name in ("997", "999")}
    with desk(homes["997"], "997") as old, desk(homes["999"], "999") as new:
        yield {"997": old, "999": new}
    shelf.dictionary.cache_clear()  # all that was compiled for these two homes: no other test asks for them


@pytest.fixture(scope="module")
def settings() -> Iterator[Settings]:
    """Give settings without a home, whose partner files and maps are read once and not for each file."""
    bare, kept = Settings(Path(os.devnull), "sqlite://"), surveying.cache()
    read = surveying.edition_and_maps(bare, kept)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surveying, "cache", lambda: kept)
        patch.setattr(surveying, "edition_and_maps", lambda *_: read)
        yield bare


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_file_is_judged_and_answered_as_it_should_be(desks: dict[str, Desk], case: Case) -> None:
    told = answer(desks["997"], case)
    if case.accepts:
        assert faults(told) == []
        assert is_accepted(told), told.answers
    else:
        if not case.sidecar.exists():
            assert os.environ.get(WRITE), (
                f"{case.sidecar.name} is missing: write it, or let {WRITE}=1 do so and read it"
            )
            with TemporaryDirectory() as alone:
                write_sidecar(case, Path(alone))
        assert told.text == case.sidecar.read_text(encoding="utf-8")
        assert faults(told) != []
    if case.code is not None:
        place, code = case.code
        assert code in said(told.answers, place)


@pytest.mark.parametrize("case", [one for one in CASES if one.may_have_999], ids=lambda case: case.name)
def test_a_999_says_the_same_as_a_997(desks: dict[str, Desk], case: Case) -> None:
    told = answer(desks["999"], case)
    if case.in_full.exists():
        if os.environ.get(WRITE) and not case.in_full.read_bytes():
            case.in_full.write_text(told.answers, encoding="utf-8")
        assert told.answers == case.in_full.read_text(encoding="utf-8")
    if case.sidecar.exists():
        wanted = case.sidecar.read_text(encoding="utf-8").partition("\n\n")[2]
        assert without_context(told.answers) == as_999(wanted)
    else:
        assert is_accepted(told), told.answers


def test_a_sidecar_is_written_as_if_no_other_file_were_there(tmp_path: Path) -> None:
    case = next(one for one in CASES if one.name.startswith("004010/850/reject/ak403-7-"))
    taken = Case(tmp_path / case.path.name)  # another file with the same ISA13
    other = case.path.read_bytes().replace(b"*20", b"*19", 1)
    assert other != case.path.read_bytes()
    taken.path.write_bytes(other)
    with desk(tmp_path / "both", "997") as both:
        answer(both, case)
        assert "envelope.conflict" in answer(both, taken).text
    write_sidecar(taken, tmp_path / "alone")
    told = taken.sidecar.read_text(encoding="utf-8")
    found = validate(Settings(Path(os.devnull), "sqlite://"), other, taken.path.name, "bluebird")
    assert [line.split()[2] for line in told.partition("\n\n")[0].splitlines()] == [
        one.code for one in found.findings if one.code.startswith(("x12.", "envelope."))
    ]


@pytest.mark.parametrize("case", [one for one in CASES if not one.accepts], ids=lambda case: case.name)
def test_no_group_is_refused_without_a_reason(case: Case) -> None:
    answers = case.sidecar.read_text(encoding="utf-8").partition("\n\n")[2]
    for one in answers.split("AK1*")[1:]:
        if re.search(r"^AK9\*R", one, re.MULTILINE):
            assert re.search(r"^(AK9\*R\*\d+\*\d+\*\d+|AK5\*R)\*\w", one, re.MULTILINE), one


@pytest.mark.parametrize("case", [one for one in CASES if not one.accepts], ids=lambda case: case.name)
def test_validating_tells_the_same(settings: Settings, case: Case) -> None:
    found = validate(settings, case.path.read_bytes(), case.path.name)
    told = case.sidecar.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    assert sorted(map(_without_code, lines(found.findings))) == sorted(map(_without_code, told))


def _without_code(line: str) -> str:
    """Leave X12's code out, which validating tells only where an acknowledgment would be sent."""
    return line.rpartition(" ")[0]


def test_all_that_was_said_is_sound(desks: dict[str, Desk]) -> None:
    for one in desks.values():
        one.sound()


def test_every_file_stands_where_it_belongs() -> None:
    loose = set(ROOT.rglob("*.edi")) - {case.path for case in CASES}
    assert loose == set(), "a file belongs into <version>/<set>/accept or <version>/<set>/reject"
    sidecars = [*ROOT.rglob("*.txt"), *ROOT.rglob("*.999")]
    assert [str(path) for path in sidecars if not path.with_suffix(".edi").exists()] == [], "a sidecar without its file"
    assert {case.path.parts[-2] for case in CASES} == {"accept", "reject"}
    for case in CASES:
        assert case.set_id in standard().sets(case.version), case.name
        if not case.path.name.startswith("long-"):
            assert len(case.path.read_bytes()) < LONGEST, f"{case.name} is too long to be read"


def test_no_two_files_share_an_interchange_number() -> None:
    found = re.compile(rb"^ISA.{87}([0-9]{9})", re.DOTALL)
    numbers: dict[bytes, str] = {}
    for case in CASES:
        match = found.match(case.path.read_bytes().lstrip())
        if match is not None:
            other = numbers.setdefault(match[1], case.name)
            free = max(int(number) for number in numbers) + 1
            assert other == case.name, f"{case.name} has the ISA13 of {other}; {free:09d} is free"
    assert len(numbers) > len(CASES) / 2


@pytest.mark.parametrize("version", ["004010", "005010"])
def test_every_set_has_a_file_that_is_accepted(version: str) -> None:
    accepted = {case.set_id for case in CASES if case.accepts and case.version == version}
    assert set(standard().sets(version)) - accepted == set()


def test_every_version_has_files() -> None:
    assert set(standard().versions()) == {case.version for case in CASES}


def codes(place: str, version: str) -> set[str]:
    if place == "TA105":
        return {f"{number:03d}" for number in range(32)}
    element = standard().element(version, LISTS[place])
    assert element is not None
    return set(element.codes or ())


@pytest.mark.parametrize("version", ["004010", "005010", "005030", "006030"])
@pytest.mark.parametrize("place", PLACES)
def test_every_code_is_sent_by_a_file_or_has_its_reason(place: str, version: str) -> None:
    reasons = yaml.safe_load((ROOT / "cannot.yaml").read_text(encoding="utf-8"))[place]
    never = {code for listed in reasons for code in listed.split()}
    answered = [case.sidecar.read_text(encoding="utf-8") for case in CASES if not case.accepts]
    sent = set().union(*(said(text, place) for text in answered)) | ({"000"} if place == "TA105" else set())
    assert sent & never == set()
    assert codes(place, version) - sent - never == set()
    assert all(len(reason) > 10 for reason in reasons.values())
