"""What is found in a conformance file and how it is answered, as the text of its sidecar.

The file is taken in at a desk that trades with the shipped partners, since a TA1 goes to nobody else. Findings come
first, one a line: the number of the segment in the file, the place, the code, how far it reaches, and X12's own code.
After an empty line come the TA1 of each interchange and the 997 of each group, a segment a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edi_engine.app.processing import TERMINAL
from edi_engine.app.work import open_stored
from edi_engine.finding import Finding, Severity
from edi_engine.flow.judge import judge_interchange
from edi_engine.flow.opened import take_up
from edi_engine.flow.receive import receive
from edi_engine.flow.wording import findings_from_json
from edi_engine.x12.follow_ups import follow_ups
from edi_engine.x12.reader import outline, split
from tests.fixtures.trading import TODAY, Desk, edit, partner_files
from tests.fixtures.walks import shop

ROOT = Path(__file__).parent
PLACES = {"AK304": ("AK3", 4), "AK403": ("AK4", 3), "AK502": ("AK5", 2), "AK905": ("AK9", 5), "TA105": ("TA1", 5)}
"""The element of an answer that tells of a fault: its segment, and its place in that."""
_SEVERAL = {"AK502", "AK905"}
_ELEMENTS = {segment: element for element, (segment, _) in PLACES.items()}
_OURS = ("envelope.", "x12.")
"""Families of findings that speak of X12; what a guide, a map or a rule of the desk says is none of X12's business."""
_NEW = "005010"
"""The first version that has the 999."""


@dataclass(frozen=True)
class Case:
    """One file, `version/set/accept/name.edi` or `version/set/reject/name.edi`."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT).with_suffix(""))

    @property
    def version(self) -> str:
        return self.path.parts[-4]

    @property
    def set_id(self) -> str:
        return self.path.parts[-3]

    @property
    def accepts(self) -> bool:
        return self.path.parts[-2] == "accept"

    @property
    def sidecar(self) -> Path:
        return self.path.with_suffix(".txt")

    @property
    def in_full(self) -> Path:
        """Where the TA1 and the 999 stand as they are, its CTX with them; most files do without."""
        return self.path.with_suffix(".999")

    @property
    def code(self) -> tuple[str, str] | None:
        """The element and code that the name begins with (`ak403-7-...`); None where it begins otherwise."""
        element, _, rest = self.path.stem.partition("-")
        place = element.upper()
        return (place, rest.partition("-")[0]) if place in PLACES else None

    @property
    def may_have_999(self) -> bool:
        return self.version >= _NEW


def cases() -> list[Case]:
    """Give all files, in the order of their names."""
    return [Case(path) for path in sorted(ROOT.glob("*/*/*/*.edi"))]


@contextmanager
def desk(home: Path, acknowledge: str) -> Iterator[Desk]:
    """Open a desk whose partners hear of everything, by a 997 or a 999."""
    folder = partner_files(home)
    for name in ("bluebird", "dunlin"):
        edit(folder.parent / name / "partner.yaml", "\npolicy:\n", "\npolicy:\n  ta1: always\n")
    edit(folder.parent / "dunlin" / "partner.yaml", "  acknowledge: 999 ", f"  acknowledge: {acknowledge} ")
    with shop(home, TODAY) as opened:
        yield Desk(opened, folder)


@dataclass(frozen=True)
class Told:
    """What was found in a file, and the TA1s and 997s (or 999s) that answer it."""

    findings: tuple[str, ...]
    answers: str

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.findings) + "\n" + self.answers


def as_999(answers: str) -> str:
    """Say what a 997 says in the words of a 999."""
    return re.sub("^AK(?=[345])", "IK", answers, flags=re.MULTILINE)


def without_context(answers: str) -> str:
    """Leave the CTX of a 999 out, which a 997 has no place for."""
    return re.sub("^CTX.*\n", "", answers, flags=re.MULTILINE)


def write_sidecar(case: Case, home: Path) -> None:
    """Write what is found in a file and what answers it, at a desk in `home` that has seen no other file.

    At one that has, a number (ISA13) that another file has too would be a fault of its own.
    """
    with desk(home, "997") as alone:
        case.sidecar.write_text(answer(alone, case).text, encoding="utf-8")


def answer(trade: Desk, case: Case) -> Told:
    """Take a file in at the desk, and write down what was found and how it was answered; orders in it go no further."""
    data = case.path.read_bytes()
    office = trade.office()
    file = receive(office, TERMINAL, case.path.name.encode(), data)
    open_stored(office, TERMINAL)
    seen = outline(data)
    found = [*seen.findings]
    for interchange in seen.interchanges:
        found += interchange.findings
        again = follow_ups(interchange)
        for group in interchange.groups:
            found += [one for one in group.findings if not again.hold(one)]
            for one in group.sets:
                found += [fault for fault in one.findings if not again.hold(fault)]
    with office.ledger.reading() as unit:
        received = unit.interchanges.select(file_id=file.id, direction="in")
    for one in received:
        if one.state == "OPENED" and (opened := take_up(office, one)) is not None:
            judge_interchange(office, opened)
    with office.ledger.reading() as unit:
        for one in unit.cases.select(file_id=file.id):
            found += findings_from_json(one.findings_json)
        sources = [f"interchange:{one.id}" for one in received]
        for each in received:
            sources += [f"group:{one.id}" for one in unit.groups.select(interchange_id=each.id)]
            for one in unit.sets.select(interchange_id=each.id):
                found += findings_from_json(one.findings_json)
        posted = [one for source in sources for one in unit.documents.select(source=source)]
        return Told(lines(found), "\n".join(_body(unit.blobs.get(one.sha256)) for one in posted))


def lines(found: Iterable[Finding]) -> tuple[str, ...]:
    """Put each finding in a line, each once, in file order."""
    found_at = {}
    for one in found:
        if one.code.startswith(_OURS):
            where, ack = one.where, one.ack
            place = where.path or where.segment_id or "-"
            said = f"{_ELEMENTS[ack.level]}={ack.code}" if ack is not None else "-"
            segment = where.segment or 0
            found_at[f"{segment} {place} {one.code} {one.severity.name.lower()} {said}"] = segment
    return tuple(sorted(found_at, key=lambda line: found_at[line]))


def _body(data: bytes) -> str:
    interchange = outline(data).interchanges[0]
    segments = [list(one) for one in interchange.acknowledgments]
    for group in interchange.groups:
        one = group.sets[0]
        segments += split(data[one.start : one.end].decode("latin-1"), interchange.delimiters)[1:-1]
    return "".join("*".join(segment) + "\n" for segment in segments)


def said(answers: str, place: str) -> set[str]:
    """Give the values of one element in the answers."""
    segment, first = PLACES[place]
    rows = [line.split("*") for line in answers.splitlines() if line.startswith(f"{segment}*")]
    return {code for row in rows for code in row[first : None if place in _SEVERAL else first + 1] if code}


def faults(told: Told) -> list[str]:
    """Give the findings that are more than a note."""
    return [line for line in told.findings if line.split(" ")[3] != Severity.NOTE.name.lower()]


def is_accepted(told: Told) -> bool:
    """Say whether a TA1 accepts each interchange, and a 997 each group and set, without remarks."""
    rows = [line.split("*") for line in told.answers.splitlines()]
    verdicts = {row[0]: row[4] if row[0] == "TA1" else row[1] for row in rows if row[0] in {"TA1", "AK5", "IK5", "AK9"}}
    return set(verdicts.values()) == {"A"}
