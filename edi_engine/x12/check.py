"""The check of one transaction set against the standard and a partner's guide.

    check = checker(dictionary, "004010", "850", guide, reads, cache)
    findings = check.check(text, outline, delimiters, where)

A set that is plainly faultless passes through compiled code and costs next to nothing. Where only some elements are in
doubt, `check_plain` looks at those again; where segments may be out of place, `check_judge` walks the whole set once
more. Checkers are kept in the process, so asking for the same one again is cheap.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Final

from edi_engine.finding import Finding, Position
from edi_engine.x12.check_element import ElementCheck
from edi_engine.x12.check_guide import GuidePlan, Item
from edi_engine.x12.check_judge import Judge
from edi_engine.x12.check_plain import Trail, tell_doubted, tell_guide
from edi_engine.x12.check_room import A_FINDING, ALONE, Room, room_of
from edi_engine.x12.check_tell import Rules, Teller
from edi_engine.x12.check_unread import Misfits
from edi_engine.x12.compile_guide import CompiledGuide
from edi_engine.x12.compile_set import CompiledSet, compile_set
from edi_engine.x12.cut import cut
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import SetDef
from edi_engine.x12.guide import Guide, GuideRule
from edi_engine.x12.tree_states import states
from edi_engine.x12.values import Delimiters, SetOutline


class SetChecker:
    """Checks sets of one kind and version, for one guide. Safe to share between threads."""

    def __init__(self, compiled: CompiledSet, rules: Rules) -> None:
        """Check with the compiled set first, and by the rules where that is not enough."""
        self._compiled = compiled
        self._rules = rules
        self._misfits = Misfits(compiled.states, rules)
        self._guide = CompiledGuide(rules.plan) if rules.plan is not None else None

    def check(
        self, text: str, outline: SetOutline, delimiters: Delimiters, where: Position, whole: int | None = None
    ) -> tuple[Finding, ...]:
        """Give all that is wrong with a set, in file order; nothing if it is right.

        `text` is the set from ST to SE as Latin-1, a character a byte. `outline.start` is the file offset of its first
        character and `outline.number` the number of its ST in the file. `where` holds what the envelopes say (file,
        interchange, group, set); it is filled in. `whole` is the size of the file in bytes, which bounds how much is
        told of the set (`check_room`), but not whether it is refused; without it the set came alone. Any text gives
        findings, never an exception.
        """
        if whole is not None and len(text) < A_FINDING and delimiters.segment != "\n" and not delimiters.suffix:
            room = room_of(len(text), whole)
            segments = text.split(delimiters.segment) if not room.listed else ()
            unread = self._misfits.unread(segments, delimiters.element, outline, where)
            if unread is not None:
                return (unread,)
        rules, pieces = self._rules, cut(text, delimiters)
        if pieces is None:
            return Judge(self._compiled, rules, delimiters, outline, where, _room(text, whole)).judge(text)
        items: list[Item] | None = None if self._guide is None else []
        doubted, stop = self._compiled.passes(pieces, delimiters, items)
        if stop is not None:
            room = _room(text, whole)
            if not room.listed:
                unread = self._misfits.unread(pieces.segments, delimiters.element, outline, where)
                if unread is not None:
                    return (unread,)
            judge = Judge(self._compiled, rules, delimiters, outline, where, room)
            if stop and items is None:
                return judge.judge_from(stop, text, pieces, doubted)
            del pieces, doubted, items  # as much memory as the whole set takes, which is now cut up anew
            return judge.judge(text)
        if not doubted and (items is None or self._guide is None or self._guide.keeps(items)):
            return ()
        room = _room(text, whole)
        if not room.listed:
            unread = self._misfits.wrong(doubted, delimiters, outline, where)
            if unread is not None:
                return (unread,)
        teller = Teller(rules, delimiters, outline, where, room)
        tell_doubted(doubted, teller, Trail(self._compiled, rules, delimiters, outline, pieces.segments))
        if items is not None and not teller.enough():
            tell_guide(items, teller, Trail(self._compiled, rules, delimiters, outline, pieces.segments))
        return teller.told()


def _room(text: str, whole: int | None) -> Room:
    return ALONE if whole is None else room_of(len(text), whole)


def checker(
    dictionary: Dictionary,
    version: str,
    set_id: str,
    guide: Guide | None,
    reads: frozenset[str] | None,
    cache: MutableMapping[str, bytes],
) -> SetChecker | None:
    """Give the check of a set in a version, None where the dictionary does not hold it.

    `reads` are the places that maps read, as loops and element without qualifiers (`BEG03`, `PO1/PO103`, `N1/N104`);
    what is wrong with an element elsewhere is only a warning. None means that everything counts as read, none at all
    that everything does but unknown codes and what stands behind the last element or component. `cache` keeps compiled
    code between processes; its keys name the Python, the generator and the edition of the dictionary. Guide and places
    read are not in the keys because they are not in the code.
    """
    set_def = dictionary.set(version, set_id)
    if set_def is None:
        return None
    made: _Made = dictionary.kept.setdefault(_Made, _Made())
    key = (id(set_def), id(guide), reads)
    kept = made.checkers.get(key)
    if kept is not None:
        return kept[0]
    if len(made.checkers) >= _MOST_KEPT:
        made.checkers.clear()
    compiled = made.compiled.get(id(set_def))
    if compiled is None:
        compiled = made.compiled[id(set_def)] = compile_set(dictionary, set_def, cache)
    plan = GuidePlan(guide, compiled.states) if guide is not None else None
    rules = Rules(
        dictionary=dictionary,
        version=version,
        reads=reads,
        plan=None if plan is None or plan.idle else plan,
        elements=ElementCheck(dictionary, version),
        allows=tuple(rule for rule in guide.rules if rule.allow) if guide is not None else (),
    )
    check = SetChecker(compiled, rules)
    made.checkers[key] = check, guide  # the ids in the key stay taken while this and the dictionary are held
    return check


def unresolved(guide: Guide, set_def: SetDef) -> tuple[tuple[GuideRule, str], ...]:
    """Give the rules of a guide whose path names nothing in the set, each with the reason in plain words."""
    return GuidePlan(guide, states(set_def)).unresolved


_MOST_KEPT: Final = 256
"""Checkers that are kept; whoever reads the guides of the partners again and again asks for ever new ones."""


@dataclass(slots=True)
class _Made:
    """The checkers made of one dictionary, and the compiled sets; they go when it goes."""

    checkers: dict[tuple[int, int, frozenset[str] | None], tuple[SetChecker, Guide | None]] = field(
        default_factory=dict
    )
    compiled: dict[int, CompiledSet] = field(default_factory=dict)
