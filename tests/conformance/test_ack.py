"""What each fault is answered with: drop a file into ack/, with the answer beside it, and it is a test.

`ack/AK403/7-invalid-code-004010.edi` must be answered by what `7-invalid-code-004010.txt` says: the TA1 of each
interchange and the 997 of each group, a segment a line, a blank line between two. The folder says which element tells
of the fault, the name begins with its value and ends with the version of the group, where it matters. From 005010 on,
the 999 must say the same. A version that the dictionary does not have is passed over. What no file can bring about
stands in `ack/cannot.yaml`, with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from edi_engine.x12.reader import outline, split
from tests.fixtures.trading import TODAY, Desk, edit, partner_files
from tests.fixtures.walks import shop
from tests.unit.partners.conftest import standard

ROOT = Path(__file__).with_name("ack")
FILES = {f"{path.parent.name}/{path.stem}": path for path in sorted(ROOT.rglob("*.edi"))}
VERSION = re.compile(r"-(\d{6})$")
PLACES = {"AK304": ("AK3", 4), "AK403": ("AK4", 3), "AK502": ("AK5", 2), "AK905": ("AK9", 5), "TA105": ("TA1", 5)}
LISTS = {"AK304": "720", "AK403": "723", "AK502": "718", "AK905": "716"}
"""The data elements of the codes; TA105 stands in no set, and so in no dictionary."""


@contextmanager
def desk(home: Path, acknowledge: str) -> Iterator[Desk]:
    """Open a desk whose partners hear of everything, by a 997 or a 999."""
    folder = partner_files(home)
    for name in ("bluebird", "dunlin"):
        edit(folder.parent / name / "partner.yaml", "\npolicy:\n", "\npolicy:\n  ta1: always\n")
    edit(folder.parent / "dunlin" / "partner.yaml", "\nenvelope:", f"\nenvelope:\n  acknowledge: {acknowledge}\n#")
    with shop(home, TODAY) as opened:
        yield Desk(opened, folder)


def answers(trade: Desk, path: Path) -> str:
    """Walk a file, and write down how it was answered."""
    done = trade.walk(path.read_bytes(), path.name)
    with trade.office().ledger.reading() as unit:
        received = unit.interchanges.select(file_id=done.file.id, direction="in")
        sources = [f"interchange:{one.id}" for one in received]
        sources += [f"group:{each.id}" for one in received for each in unit.groups.select(interchange_id=one.id)]
        found = [one for source in sources for one in unit.documents.select(source=source)]
        return "\n".join(_body(unit.blobs.get(one.sha256)) for one in found)


def _body(data: bytes) -> str:
    interchange = outline(data).interchanges[0]
    segments = [list(one) for one in interchange.acknowledgments]
    for group in interchange.groups:
        one = group.sets[0]
        segments += split(data[one.start : one.end].decode("latin-1"), interchange.delimiters)[1:-1]
    return "".join("*".join(segment) + "\n" for segment in segments)


def version_of(name: str) -> str:
    found = VERSION.search(name)
    return found[1] if found else "004010"


def known(name: str) -> bool:
    return version_of(name) in standard().versions()


def said(text: str, place: str) -> set[str]:
    """Give the values of one element in an answer."""
    segment, first = PLACES[place]
    rows = [line.split("*") for line in text.splitlines() if line.startswith(f"{segment}*")]
    return {code for row in rows for code in row[first : None if place in {"AK502", "AK905"} else first + 1] if code}


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Desk]]:
    homes = {name: tmp_path_factory.mktemp(f"answers-by-{name}") for name in ("997", "999")}
    with desk(homes["997"], "997") as old, desk(homes["999"], "999") as new:
        yield {"997": old, "999": new}


@pytest.mark.parametrize("name", FILES)
def test_each_fault_is_answered_as_it_should_be(desks: dict[str, Desk], name: str) -> None:
    if not known(name):
        pytest.skip(f"the dictionary has no {version_of(name)}")
    path, (place, _, fault) = FILES[name], name.partition("/")
    wanted = path.with_suffix(".txt").read_text(encoding="utf-8")
    assert answers(desks["997"], path) == wanted
    assert fault.partition("-")[0] in said(wanted, place)
    if version_of(name) >= "005010":
        assert answers(desks["999"], path) == re.sub("^AK(?=[345])", "IK", wanted, flags=re.MULTILINE)


def test_all_that_was_said_is_sound(desks: dict[str, Desk]) -> None:
    for one in desks.values():
        one.sound()


def codes(place: str, version: str) -> set[str]:
    if place == "TA105":
        return {f"{number:03d}" for number in range(32)}
    element = standard().element(version, LISTS[place])
    assert element is not None
    return set(element.codes or ())


@pytest.mark.parametrize("version", ["004010", "005010", "005030", "006030"])
@pytest.mark.parametrize("place", PLACES)
def test_every_code_is_sent_by_a_file_or_has_its_reason(place: str, version: str) -> None:
    if version not in standard().versions():
        pytest.skip(f"the dictionary has no {version}")
    reasons = yaml.safe_load((ROOT / "cannot.yaml").read_text(encoding="utf-8"))[place]
    never = {code for listed in reasons for code in listed.split()}
    answered = [path.with_suffix(".txt").read_text(encoding="utf-8") for name, path in FILES.items() if known(name)]
    sent = set().union(*(said(text, place) for text in answered))
    assert sent & never == set()
    assert codes(place, version) - sent - never == set()
    assert all(len(reason) > 10 for reason in reasons.values())
