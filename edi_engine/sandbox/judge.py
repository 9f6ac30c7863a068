"""The retailer's verdict on a received group, against the standard alone, and the 997 that says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edi_engine.finding import Finding, Position, Severity
from edi_engine.resources import shipped
from edi_engine.x12.acknowledge import Acknowledgment, SetVerdict, acknowledge
from edi_engine.x12.check import checker
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.unpack import spoken
from edi_engine.x12.values import GroupOutline, InterchangeOutline, SetOutline, Spoken


@dataclass(frozen=True, slots=True)
class Judged:
    """A group, the segments of each of its sets (ST to SE), and what X12 says against each."""

    found: InterchangeOutline
    group: GroupOutline
    sets: tuple[Sequence[Spoken], ...]
    verdicts: tuple[SetVerdict, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """Every fault, in a sentence."""
        findings = [*self.group.findings, *(finding for verdict in self.verdicts for finding in verdict.all)]
        return tuple(_told(finding) for finding in findings if finding.severity > Severity.NOTE)


class Judge:
    """Checks what is received against the dictionary that ships with the engine, without any guide."""

    def __init__(self) -> None:
        """Nothing is read before the first document comes."""
        self._dictionary = Dictionary(_text)
        self._cache: dict[str, bytes] = {}

    def judge(self, data: bytes, found: InterchangeOutline, group: GroupOutline) -> Judged:
        """Check each set of a group of `data`."""
        sets = tuple(spoken(data, one, found.delimiters) for one in group.sets)
        verdicts = tuple(SetVerdict(one, self._check(data, found, group, one)) for one in group.sets)
        return Judged(found, group, sets, verdicts)

    def acknowledge(self, judged: Judged) -> Acknowledgment:
        """Give the 997 for a group. Raises ValueError for a group of acknowledgments."""
        version = self._dictionary.resolve(judged.group.version) or "004010"
        return acknowledge(judged.group, judged.verdicts, version)

    def _check(
        self, data: bytes, found: InterchangeOutline, group: GroupOutline, one: SetOutline
    ) -> tuple[Finding, ...]:
        version = self._dictionary.resolve(group.version)
        check = None if version is None else checker(self._dictionary, version, one.set_id, None, None, self._cache)
        where = Position(interchange=found.control, group=group.control, set_control=one.control, set_id=one.set_id)
        if check is None:
            message = f"There is no {one.set_id} in version {group.version}."
            return (Finding("x12.unsupported", Severity.REFUSE, message, where),)
        return check.check(data[one.start : one.end].decode("latin-1"), one, found.delimiters, where)


def _told(finding: Finding) -> str:
    return f"{finding.where.path}: {finding.message}" if finding.where.path else finding.message


def _text(name: str) -> str | None:
    path = shipped("mappings") / "x12" / name
    return path.read_text("utf-8") if path.is_file() else None
