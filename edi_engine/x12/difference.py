"""Difference: what two transaction sets say differently, by what they mean and not by how they are written.

Segments and loops meet by what they are about: parties, references and dates by their qualifier, lines by item and
number, levels (HL) by where they hang and what they hold, all others in turn. Order, delimiters, trailing empty
elements, blanks at the end and the spelling of numbers (1.50 is 1.5) do not count, nor do ST, SE and the numbers of
levels.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from edi_engine.x12.grammar import ElementDef, ElementUse, SegmentDef
from edi_engine.x12.values import Delimiters, Loop, Spoken

_REAL: Final = re.compile(r"-?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")
_AROUND: Final = frozenset({"ST", "SE"})
_LINE_NUMBER: Final = "350"
"""The element that numbers lines: PO101, IT101, LIN01."""
_ORDER: Final = "324"
_KEYS: Final = frozenset({_ORDER, "396", "76", "127", "28"})
"""The first of these in its first segment tells a set from others: an order, shipment, invoice, reference, group."""
_RELEASE: Final = "328"
_LEVEL: Final = "HL"
_LEVEL_SIGNS: Final = ("PRF", "N1", "MAN", "LIN")
"""The segments of a level that tell it from its sisters: the order, its place, the mark of a carton, the item."""
_DEEPEST: Final = 12
"""Levels below each other that are followed; what lies deeper hangs at the top, so that no file makes a deep tree."""
_APART: Final = frozenset({"PO1", "IT1", "LIN", "HL(O)", "HL(I)"})
"""What is something else, and no other wording of the same, where nothing of what tells it apart is equal."""


@dataclass(frozen=True, slots=True)
class Side:
    """One set to compare: its loops, its delimiters, and the standard that its segments are of.

    `around` says that ST and SE count, which otherwise say nothing of what is meant.
    """

    tree: Loop
    delimiters: Delimiters
    segment: Callable[[str], SegmentDef | None]
    around: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two sets say differently. `path` is its place, as `PO1[2]/PO102`: in the first set, or in the
    second where only that has it.

    `before` and `after` are the texts of an element, of a segment, or of the one that a loop is known by; None says
    that it is not there. `element` is None where a whole segment or loop (of `segments`) is meant; `qualifier` is the
    id and code of the element that says what the value is. `before_at` and `after_at` count the segments of the files.
    """

    path: str
    before: str | None
    after: str | None
    element: ElementDef | None = None
    qualifier: tuple[str, str] | None = None
    segment: SegmentDef | None = None
    segments: int = 0
    before_at: int | None = None
    after_at: int | None = None


def differences(before: Side, after: Side) -> tuple[Difference, ...]:
    """Give what differs between two sets, in the order of the first one."""
    return tuple(_among("", _things(before), _things(after)))


def pairs(before: Sequence[Side], after: Sequence[Side]) -> tuple[tuple[int | None, int | None], ...]:
    """Bring sets together by kind and number (of their order, shipment, invoice); give their places in both lists.

    Where one set of a kind is left over on both sides, the two are taken for the same: its number was changed.
    """
    old = [(side.tree.id, business_key(side)) for side in before]
    new = [(side.tree.id, business_key(side)) for side in after]
    met = _meet(old, new)
    lone_old = Counter(old[at][0] for at in range(len(old)) if at not in met)
    lone_new = {new[at][0]: at for at in range(len(new)) if at not in set(met.values())}
    counts = Counter(new[at][0] for at in range(len(new)) if at not in set(met.values()))
    for at, (kind, _) in enumerate(old):
        if at not in met and lone_old[kind] == counts[kind] == 1:
            met[at] = lone_new[kind]
    found = set(met.values())
    return (*((at, met.get(at)) for at in range(len(old))), *((None, at) for at in range(len(new)) if at not in found))


def business_key(side: Side) -> str:
    """Give the number of the order, shipment or invoice that a set is about, with its release; "" where it has none."""
    first = next((one for one in side.tree.segments() if one.id not in _AROUND), None)
    known = side.segment(first.id) if first is not None else None
    if first is None or known is None:
        return ""
    found: dict[str, str] = {}
    for position, use in enumerate(known.elements, 1):
        if first.get(position).strip():
            found.setdefault(use.element.id, first.get(position).strip())
    named = next((one for one in found if one in _KEYS), "")
    release = found.get(_RELEASE) if named == _ORDER else None
    return f"{found[named]}-{release}" if release else found.get(named, "")


def _meet(before: Sequence[object], after: Sequence[object]) -> dict[int, int]:
    """Bring equal things together, each once, in turn; give their places. An empty thing (None, "") meets none."""
    waiting: dict[object, list[int]] = {}
    for at in reversed(range(len(after))):
        waiting.setdefault(after[at], []).append(at)
    return {at: waiting[one].pop() for at, one in enumerate(before) if one and waiting.get(one)}


# --- things, made ready to meet --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Value:
    """One value of a segment: its place in it (`02`, `05-1`), its text as it stands, and what that comes to."""

    place: str
    text: str
    normal: str
    element: ElementDef | None
    qualifier: tuple[str, str] | None = None


@dataclass(slots=True)
class _Thing:
    """A segment, or a loop by its first segment. `kind` is its id and qualifier, `REF(DP)`.

    `signs` tell it from others of its kind, the strongest first, "" where it has none; `content` is all that is said in
    it, whatever the order. `loop` says that it is one, `many` that there may be several of it.
    """

    kind: str
    spoken: Spoken
    known: SegmentDef | None
    values: dict[str, _Value]
    loop: bool
    many: bool
    inside: list[_Thing] = field(default_factory=list)
    signs: tuple[str, ...] = ()
    content: str = ""

    @property
    def segments(self) -> int:
        """How many segments it has."""
        return 1 + sum(one.segments for one in self.inside)

    def finish(self) -> None:
        """Work out what it says, once all that is in it is there and finished."""
        said = "|".join(f"{key}={value.normal}" for key, value in sorted(self.values.items()) if value.normal)
        self.content = f"({self.kind}:{said}{''.join(sorted(one.content for one in self.inside))})"
        self.signs = tuple(self._signs())

    def _signs(self) -> Iterator[str]:
        if self.spoken.id == _LEVEL:
            held = {name: [one for one in self.inside if one.spoken.id == name] for name in _LEVEL_SIGNS}
            order = next((value.normal for one in held["PRF"] for value in one.values.values()), "")
            yield "".join(sorted(one.content for name in ("PRF", "N1") for one in held[name])) if order else ""
            yield "".join(sorted(one.content for one in held["MAN"]))
            yield from held["LIN"][0].signs if held["LIN"] else ("", "", "")
            yield order
        elif self.known is not None and self.known.elements and self.known.elements[0].element.id == _LINE_NUMBER:
            number = self.values["01"].normal if "01" in self.values else ""
            items = "|".join(sorted(key for key, value in self.values.items() if value.qualifier and value.normal))
            says = "|".join(f"{one}={self.values[one].normal}" for one in items.split("|") if one)
            yield f"{number} {says}" if number and says else ""
            yield says
            yield number
        elif self.spoken.id == "N1":
            yield self.values["04"].normal if "04" in self.values else ""


def _things(side: Side) -> list[_Thing]:
    """Make the contents of a set ready; levels (HL) hang below their parents, as HL02 says."""
    root: list[_Thing] = []
    stack: list[tuple[Spoken | Loop, list[_Thing]]] = [(one, root) for one in reversed(side.tree.children)]
    levels: dict[str, tuple[_Thing, int]] = {}
    made: list[_Thing] = []
    while stack:
        item, holder = stack.pop()
        spoken = item if isinstance(item, Spoken) else item.head
        if spoken.id in _AROUND and not side.around:
            continue
        thing = _thing(side, item, spoken)
        if spoken.id == _LEVEL:
            holder = _level(levels, thing, holder)
        holder.append(thing)
        made.append(thing)
        if isinstance(item, Loop):
            stack.extend((one, thing.inside) for one in reversed(item.children[1:]))
    for thing in reversed(made):  # what is inside comes after what it is in
        thing.finish()
    return root


def _level(levels: dict[str, tuple[_Thing, int]], thing: _Thing, holder: list[_Thing]) -> list[_Thing]:
    """Give what a level hangs in: its parent's contents where there is one, and it is not too deep."""
    parent, depth = levels.get(thing.spoken.get(2), (None, 0))
    levels[thing.spoken.get(1)] = (thing, depth + 1 if parent is not None else 1)
    for position in ("01", "02", "04"):
        thing.values.pop(position, None)
    return parent.inside if parent is not None and depth < _DEEPEST else holder


def _thing(side: Side, item: Spoken | Loop, spoken: Spoken) -> _Thing:
    known = side.segment(spoken.id)
    named = next((pair for pair in known.pairs if not pair.many), None) if known is not None else None
    code = spoken.get(named.qualifier).strip() if named is not None else ""
    kind = f"{spoken.id}({code})" if code else spoken.id
    loop = isinstance(item, Loop)
    many = isinstance(item, Loop) and item.use is not None and item.use.maximum > 1
    return _Thing(kind, spoken, known, dict(_values(side, spoken, known)), loop=loop, many=many)


def _values(side: Side, spoken: Spoken, known: SegmentDef | None) -> Iterator[tuple[str, _Value]]:
    """Give the values of a segment: pairs of qualifier and value by their qualifier, all others by their place."""
    uses = known.elements if known is not None else ()
    told: dict[int, tuple[str, str]] = {}
    passed: set[int] = set()
    for pair in known.pairs if known is not None else ():
        code = spoken.get(pair.qualifier).strip()
        if code and pair.value and pair.value <= len(uses):
            told[pair.value] = (uses[pair.qualifier - 1].element.id, code)
            if pair.many:
                passed.add(pair.qualifier)
    many = {pair.value for pair in known.pairs if pair.many} if known is not None else set()
    count: Counter[str] = Counter()
    for position, text in enumerate(spoken.elements[1:], 1):
        if position in passed:
            continue
        use = uses[position - 1] if position <= len(uses) else None
        if position in many and position in told:
            count[told[position][1]] += 1
            key = f"~{told[position][1]}[{count[told[position][1]]}]"
            element = use.element if use else None
            yield key, _Value(f"{position:02d}", text, _normal(text, element), element, told[position])
        elif text:
            yield from _parts(side.delimiters, position, text, use, told.get(position))


def _parts(
    delimiters: Delimiters, position: int, text: str, use: ElementUse | None, qualifier: tuple[str, str] | None
) -> Iterator[tuple[str, _Value]]:
    """Cut an element into its repetitions and components."""
    element = use.element if use is not None else None
    repeats = text.split(delimiters.repetition) if use is not None and use.repeats and delimiters.repetition else [text]
    for turn, one in enumerate(repeats, 1):
        place = f"{position:02d}" + (f"[{turn}]" if turn > 1 else "")
        if element is None or not element.parts:
            yield place, _Value(place, one, _normal(one, element), element, qualifier)
            continue
        for at, part in enumerate(one.split(delimiters.component), 1):
            inner = element.parts[at - 1].element if at <= len(element.parts) else None
            yield f"{place}-{at}", _Value(f"{place}-{at}", part, _normal(part, inner), inner, qualifier)


def _normal(text: str, element: ElementDef | None) -> str:
    """Give what a value comes to: a number without needless zeros, any other text without blanks at its end."""
    plain = text.rstrip(" ")
    if element is not None and element.kind[0] in "RN" and _REAL.fullmatch(plain):
        number = Decimal(plain)
        return f"{number.normalize():f}" if number else "0"
    return plain


# --- comparing -------------------------------------------------------------------------------------------------------


def _among(path: str, before: Sequence[_Thing], after: Sequence[_Thing]) -> Iterator[Difference]:
    """Compare what stands in two loops."""
    met = _bring_together(before, after)
    names, later = _names(before, after), _names(after, before)
    for at, old in enumerate(before):
        here = f"{path}{names[at]}"
        if at not in met:
            yield Difference(here, _text(old), None, segment=old.known, segments=old.segments, before_at=_at(old))
        elif old.content != after[met[at]].content:
            yield from _between(here, old, after[met[at]])
    found = set(met.values())
    for at, new in enumerate(after):
        if at not in found:
            here = f"{path}{later[at]}"
            yield Difference(here, None, _text(new), segment=new.known, segments=new.segments, after_at=_at(new))


def _bring_together(before: Sequence[_Thing], after: Sequence[_Thing]) -> dict[int, int]:
    """Say which thing of the second list is which of the first: what says the same, what has the same sign, in turn."""
    met = _meet([one.content for one in before], [one.content for one in after])
    most = max((len(one.signs) for one in before), default=0)
    for tier in range(most + 1):
        taken = set(met.values())
        old = ["" if at in met else _sign(one, tier, most) for at, one in enumerate(before)]
        new = ["" if at in taken else _sign(one, tier, most) for at, one in enumerate(after)]
        met |= _meet(old, new)
    return met


def _sign(thing: _Thing, tier: int, last: int) -> str:
    """Give by what a thing may meet another one at last only its kind, unless it is something else then."""
    if tier == last:
        return "" if thing.kind in _APART and any(thing.signs) else thing.kind
    sign = thing.signs[tier] if tier < len(thing.signs) else ""
    return f"{thing.kind} {sign}" if sign else ""


def _names(things: Sequence[_Thing], others: Sequence[_Thing]) -> list[str]:
    """Name each thing as a step of a path, with its number where there are several of its kind on a side."""
    here, there = Counter(one.kind for one in things), Counter(one.kind for one in others)
    so_far: Counter[str] = Counter()
    names = []
    for one in things:
        so_far[one.kind] += 1
        alone = here[one.kind] <= 1 and there[one.kind] <= 1 and ("(" in one.kind or not one.many)
        names.append(one.kind if alone else f"{one.kind}[{so_far[one.kind]}]")
    return names


def _between(path: str, old: _Thing, new: _Thing) -> Iterator[Difference]:
    """Compare two things that met: their values, then what is in them."""
    for key in dict.fromkeys((*old.values, *new.values)):
        before, after = old.values.get(key), new.values.get(key)
        if (before.normal if before else "") == (after.normal if after else ""):
            continue
        shown = before or after
        if shown is not None:
            yield Difference(
                f"{path}/{old.spoken.id}{shown.place}" if old.loop else f"{path}{shown.place}",
                before.text if before and before.normal else None,
                after.text if after and after.normal else None,
                shown.element,
                shown.qualifier,
                old.known or new.known,
                0,
                _at(old),
                _at(new),
            )
    yield from _among(f"{path}/", old.inside, new.inside)


def _text(thing: _Thing) -> str:
    """Show a thing by its first segment, a level by what it is about."""
    about = thing
    if thing.spoken.id == _LEVEL:
        found = (one for name in _LEVEL_SIGNS for one in thing.inside if one.spoken.id == name)
        about = next(found, thing)
    return "*".join(about.spoken.elements).rstrip("*")


def _at(thing: _Thing) -> int:
    return thing.spoken.number
