"""A guide compiled: the fast pass of its rules over a set whose segments all found their places.

Like the compiled segments it never explains. It says whether a set plainly keeps to the guide; where it is in doubt,
`check_guide` runs the rules again and tells what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from edi_engine.x12.check_guide import Aim, GuidePlan, Item, Scope, matched
from edi_engine.x12.grammar import UNBOUNDED
from edi_engine.x12.guide import GuideRule
from edi_engine.x12.tree_states import Node, Ring

Test = Callable[[list[str]], int]
"""Looks at one segment: OTHER if the rule is about others, KEPT, or DOUBTED."""

OTHER: Final = 0
KEPT: Final = 1
DOUBTED: Final = 2


class CompiledGuide:
    """All rules of a plan as tests by segment; `keeps` is the only question."""

    def __init__(self, plan: GuidePlan) -> None:
        """Write each aim as a test; scopes and the rules that ask for something to be there become numbers."""
        self._scopes: list[Scope] = []
        self._outer: list[int] = []
        self._needs: list[list[int]] = []
        self._tests: dict[Node, list[tuple[int, Test, int]]] = {}
        self._opened: dict[Node, list[int]] = {}
        self._closed: dict[Node, list[int]] = {}
        self._wanted = 0
        self._certain = True
        self._number(plan.root, -1)
        for head, inside in self._opened.items():
            rings = {self._scopes[scope].ring for scope in inside}
            self._closed[head] = [at for at, scope in enumerate(self._scopes) if rings & set(_lineage(scope.ring))]
        self._programs = {node: tuple(self._tests.get(node, ())) for node in self._tests.keys() | self._opened.keys()}

    def _number(self, scope: Scope, outer: int) -> None:
        here = len(self._scopes)
        self._scopes.append(scope)
        self._outer.append(outer)
        wanted = {id(rule): self._wanted + at for at, rule in enumerate(scope.required)}
        self._wanted += len(wanted)
        self._needs.append(list(wanted.values()))
        self._certain = self._certain and scope.number is None
        if scope.ring.parent is not None:
            self._opened.setdefault(scope.ring.head, []).append(here)
        for node, aims in scope.aims.items():
            for aim in aims:
                self._certain = self._certain and aim.step.number is None
                self._tests.setdefault(node, []).append((here, _test(aim), wanted.get(id(aim.rule), -1)))
        for inner in scope.inner.values():
            for each in inner:
                self._number(each, here)

    def keeps(self, items: Sequence[Item]) -> bool:
        """Say whether the segments of a set plainly keep to the guide."""
        if not self._certain:
            return False
        programs, opened = self._programs, self._opened
        active = [False] * len(self._scopes)
        active[0] = True
        met = [False] * self._wanted
        for node, elements in items:
            program = programs.get(node)
            if program is None:
                continue
            if node in opened and not self._open(node, elements, active, met):
                return False
            for scope, test, wanted in program:
                if active[scope]:
                    verdict = test(elements)
                    if verdict:
                        if verdict == DOUBTED:
                            return False
                        if wanted >= 0:
                            met[wanted] = True
        return all(met[wanted] for scope, needs in enumerate(self._needs) if active[scope] for wanted in needs)

    def _open(self, head: Node, elements: list[str], active: list[bool], met: list[bool]) -> bool:
        """Close the occurrences that end where `head` opens a new one; say whether they had all they need."""
        for scope in self._closed[head]:
            if active[scope]:
                for wanted in self._needs[scope]:
                    if not met[wanted]:
                        return False
                    met[wanted] = False
                active[scope] = False
        for scope in self._opened[head]:
            qualifier = self._scopes[scope].qualifier
            if active[self._outer[scope]] and (qualifier is None or matched(head.segment, qualifier, elements)):
                active[scope] = True
        return True


def _lineage(ring: Ring) -> list[Ring]:
    return [ring] if ring.parent is None else [ring, *_lineage(ring.parent)]


def _test(aim: Aim) -> Test:
    step, pairs = aim.step, aim.pairs
    if step.component is not None or (len(pairs) > 1 and not aim.each) or not aim.closed:
        return lambda _elements: DOUBTED
    if step.qualifier is None:
        simple = _simple(step.element or 0, aim.rule)
        return simple or _at(step.element or 0, aim.rule, 0, "")
    if aim.each:
        return _in_pairs(aim, step.qualifier)
    whole = aim.rule.not_used and step.element is None
    return _at(0 if whole else step.element or pairs[0].value, aim.rule, pairs[0].qualifier, step.qualifier)


def _simple(place: int, rule: GuideRule) -> Test | None:
    """Write the shortest test of the commonest rules; a padded value is only doubted by it."""
    limited = rule.minimum is not None or rule.maximum is not None
    if not place or limited or rule.not_used:
        return None
    if rule.codes is None:
        return lambda elements: KEPT if place < len(elements) and elements[place] else DOUBTED
    accepted = rule.codes if rule.required else rule.codes | {""}
    absent = DOUBTED if rule.required else KEPT
    return lambda elements: (KEPT if elements[place] in accepted else DOUBTED) if place < len(elements) else absent


def _at(place: int, rule: GuideRule, position: int, qualifier: str) -> Test:
    """Test the element at `place` (0: the segment itself) where the one at `position` is `qualifier` (0: always).

    All in one function and not composed of small ones: this runs for most segments of every set. The standard has been
    kept to already, so a code stands there without padding, and no value is all blanks.
    """
    least, most, codes, required, not_used = _limits(rule)

    def test(elements: list[str]) -> int:
        if position and (position >= len(elements) or elements[position] != qualifier):
            return OTHER
        if not place:
            return DOUBTED if not_used else KEPT
        value = elements[place].rstrip() if place < len(elements) else ""
        if not value:
            return DOUBTED if required else KEPT
        if not_used or (codes is not None and value not in codes) or not least <= len(value) <= most:
            return DOUBTED
        return KEPT

    return test


def _in_pairs(aim: Aim, qualifier: str) -> Test:
    """Test the value that `qualifier` qualifies in a segment of pairs, which always follow each other."""
    first, last = aim.pairs[0].qualifier, aim.pairs[-1].qualifier
    qualifiers = slice(first, last + 1, 2)
    element = aim.step.element
    least, most, codes, required, not_used = _limits(aim.rule)

    def test(elements: list[str]) -> int:
        there = elements[qualifiers]
        if qualifier not in there:
            return DOUBTED if required else KEPT
        if not_used or there.count(qualifier) > 1:
            return DOUBTED
        place = element or first + 2 * there.index(qualifier) + 1
        value = elements[place] if place < len(elements) else ""
        if value[-1:] == " ":
            return DOUBTED
        return DOUBTED if (codes is not None and value not in codes) or not least <= len(value) <= most else KEPT

    return test


def _limits(rule: GuideRule) -> tuple[int, int, frozenset[str] | None, bool, bool]:
    most = rule.maximum if rule.maximum is not None else UNBOUNDED
    return max(rule.minimum or 0, rule.required), most, rule.codes, rule.required, rule.not_used
