"""Sets made up from the grammar, right ones and ones with a single fault: both find the same, or the list says why."""

from __future__ import annotations

from bisect import bisect_right

import pytest

from tests.fixtures.standard import DICTIONARY
from tests.referee.conftest import Opinion
from tests.referee.differences import explained, rows
from tests.referee.speech import WRONGS, Segment, Speech, interchange

ROWS = rows()
WHOLE = "004010"
WIDE = ("005010", ("810", "850", "855", "856", "860", "997", "999"))
SOME = ("753", "850")
SILENT = {"nothing", "component", "blank behind"}
"""What we do not tell."""
MAY_BE_RIGHT = {"wrong order", "too many segments"}
"""What may find another place in the set, where it is right."""
CASES = [
    (version, set_id)
    for version in DICTIONARY.versions()
    for set_id in DICTIONARY.sets(version)
    if version == WHOLE or set_id in SOME or (version == WIDE[0] and set_id in WIDE[1])
]


@pytest.mark.parametrize(("version", "set_id"), CASES)
def test_both_find_the_same_faults(version: str, set_id: str, opinion: Opinion) -> None:
    grammar = DICTIONARY.set(version, set_id)
    assert grammar is not None
    speech = Speech(DICTIONARY, grammar, f"{version} {set_id}")
    sets: list[tuple[str, list[Segment]]] = [("nothing", speech.valid()) for _ in range(3)]
    for name, wrong in WRONGS.items():
        made = wrong(speech, speech.valid())
        if made is not None:
            sets.append((name, made))
    found = opinion(interchange(grammar, [segments for _, segments in sets]))
    starts = [3]
    for _, segments in sets:
        starts.append(starts[-1] + len(segments))

    def fault(segment: int | None) -> str:
        return sets[bisect_right(starts, segment or 0) - 1][0]

    assert [said for said, row in explained(found, ROWS) if row is None] == []
    assert found.stopped is None
    told = {fault(finding.where.segment) for finding, _ in found.agreed}
    assert {name for name, _ in sets} - SILENT <= told | MAY_BE_RIGHT
    assert not told & SILENT
