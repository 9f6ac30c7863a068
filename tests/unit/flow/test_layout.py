"""Documents in a partner's style (FAILURES C14, C15), from the partner file to the bytes that go out."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from edi_engine.finding import Position
from edi_engine.flow.documents import Destination, Draft
from edi_engine.flow.proof import proof
from edi_engine.x12.reader import outline, split
from edi_engine.x12.writer import COMPONENT, REPETITION
from tests.fixtures.trading import BY_HAND, Desk, desk, interchange, order

VERSION = "  version: 004010VICS"
NAME = "N1*ST*CAFÉ ~MÜLLER>SÖHNE*92*0417"


def styled(home: Path, *lines: str, by_hand: bool = False) -> AbstractContextManager[Desk]:
    said = "".join(f"  {line}\n" for line in lines)
    return desk(home, (VERSION, f"{said}{VERSION}"), *([BY_HAND] if by_hand else []))


def theirs(name: str = NAME, *, number: str = "4500090001") -> bytes:
    """Give an order in delimiters of its own, so that its name may hold ours."""
    body = [name if one.startswith("N1*ST") else one for one in order(number, "PO1*1*12*EA*12.4*PE*IN*100101")]
    return interchange(body, end="\n").decode().replace("*P*>\n", "*P*:\n").encode("latin-1")


def written(at: Desk, kind: str) -> list[list[str]]:
    (document,) = at.documents(kind)
    with at.office().ledger.reading() as unit:
        data = unit.blobs.get(document.sha256)
    (found,) = outline(data).interchanges
    return split(data.decode("latin-1"), found.delimiters)


@pytest.mark.fault("C14")
def test_what_they_cannot_take_is_replaced_by_their_table(tmp_path: Path) -> None:
    table = 'replace: {"~": "-", ">": " ", Ü: UE, Ö: O}'
    with styled(tmp_path, "charset: latin-1", table) as at:
        done = at.walk(theirs())
        assert done.cases == ()
        for kind in ("856", "810"):
            (name,) = [one for one in written(at, kind) if one[:2] == ["N1", "ST"]]
            assert name[2] == "CAFÉ -MUELLER SOHNE"
        with at.office().ledger.reading() as unit:
            told = [one.detail for one in unit.events.select() if one.what in {"856 written", "810 written"}]
        assert len(told) == 2
        assert all(one.endswith("; a character was replaced in 1 value") for one in told)


@pytest.mark.fault("C14")
def test_without_a_word_for_it_the_document_is_held(tmp_path: Path) -> None:
    with styled(tmp_path, "charset: latin-1", 'replace: {"~": "-"}') as at:
        done = at.walk(theirs())
        assert {case.kind for case in done.cases} == {"document.character"}
        assert 'holds ">", which is the component separator of this partner' in done.cases[0].title
        assert [one.kind for one in at.documents("856", "810")] == []


def test_lengths_are_checked_after_the_table(tmp_path: Path) -> None:
    with styled(tmp_path, "charset: latin-1", "replace: {Ü: UE}") as at:
        done = at.walk(theirs("N1*ST*" + "Ü" * 31 + "*92*0417"))  # 62 letters where 60 may stand
        found = [one for case in done.cases for one in json.loads(case.findings_json)]
        assert {one["code"] for one in found} == {"document.invalid"}
        assert any("N102" in one["message"] and "60" in one["message"] for one in found)


def test_capitals_for_who_reads_the_basic_set(tmp_path: Path) -> None:
    with styled(tmp_path, "charset: basic", "replace: {a-z: A-Z}") as at:
        at.edit("partner.yaml", "    as: upper  ", "  # as: upper  ")
        assert at.walk(theirs("N1*ST*Cafe Muller*92*0417")).cases == ()
        for kind in ("855", "856", "810"):
            text = "".join("".join(one) for one in written(at, kind))
            assert text == text.upper()


def test_what_answers_them_repeats_their_own_letters(tmp_path: Path) -> None:
    """A name that is longer than it may be is copied into AK404 as it came (C15), whatever our table says."""
    with styled(tmp_path, "charset: basic", "replace: {a-z: A-Z}", by_hand=True) as at:
        at.walk(theirs(f"N1*ST*Very{' small' * 11}*92*0417"))
        (said,) = [one for one in written(at, "997") if one[0] == "AK4"]
        assert said[3:] == ["5", "Very" + " small" * 11]


def test_longer_numbers_come_back_in_their_acknowledgment(tmp_path: Path) -> None:
    with styled(tmp_path, "pad: {GS06: 9, ST02: 9}") as at:
        at.walk(theirs("N1*ST*STORE*92*0417"))
        segments = written(at, "855")
        (group,) = [one for one in segments if one[0] == "GS"]
        (head,) = [one for one in segments if one[0] == "ST"]
        assert (len(group[6]), head[2]) == (9, "000000001")
        (document,) = at.documents("855")
        answer = ["AK1*PR*" + group[6], "AK2*855*000000001", "AK5*A", "AK9*A*1*1*1"]
        assert document.set_control == "000000001"
        at.walk(interchange(answer, kind="FA", set_id="997", control=2))
        (document,) = at.documents("855")
        assert document.state == "ACCEPTED"


def test_who_wants_nothing_trimmed_gets_whole_segments(tmp_path: Path) -> None:
    with styled(tmp_path, "trim: no") as at:
        assert at.walk(theirs("N1*ST*STORE*92*0417")).cases == ()
        (name,) = [one for one in written(at, "856") if one[:2] == ["N1", "ST"]]
        assert name == ["N1", "ST", "STORE", "92", "0417", "", ""]
        assert {len(one) for one in written(at, "810") if one[0] == "IT1"} == {26}


@pytest.mark.fault("C14")
@pytest.mark.parametrize("sign", [COMPONENT, REPETITION])
def test_the_sign_of_a_separator_in_a_text_is_no_separator(tmp_path: Path, sign: str) -> None:
    with desk(tmp_path) as at:
        partner = at.office().edition.partners["bluebird"]
        body = (("BAK", "00", "AD", f"45{sign}1", "20261122"), ("CTT", "1"))
        draft = Draft("855", body, Destination(partner, partner.identity.theirs[0], live=True))
        found = [one for one in proof(at.office(), draft) if one.code == "document.character"]
        assert found[0].where == Position(file="our 855", set_id="855", segment_id="BAK", path="BAK03", element=3)
        assert "holds a control character" in found[0].message
