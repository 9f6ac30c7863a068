"""The guide of a partner: guide: in partner.yaml, for each set what their pages demand beyond the standard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from edi_engine.partners.form import Form
from edi_engine.partners.guide_limits import hold_against_x12
from edi_engine.partners.measures import read_whole
from edi_engine.partners.partner import EnvelopePolicy
from edi_engine.text.nearest import nearest_or_all
from edi_engine.text.yaml import Entry, Text
from edi_engine.x12.check import unresolved
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar import ElementDef, LoopUse, SegmentDef, SegmentUse, SetDef
from edi_engine.x12.guide import ALLOWABLE, Guide, GuideRule
from edi_engine.x12.path import Path, PathError, parse, split_label

SETS: Final = ("850", "855", "856", "810")
_TO_COME: Final = ("860", "865", "997", "999", "870", "820")
USES: Final = ("required", "not_used")
WORDS: Final = ("use", "codes", "length", "min", "max", "allow")


def read_guides(file: Form, envelope: EnvelopePolicy | None, dictionary: Dictionary) -> Mapping[str, Guide]:
    """Read `guide:`; every place is checked against the version that the partner's envelope names."""
    form = file.form("guide")
    if form is None:
        return {}
    form.only(SETS, unbuilt=_TO_COME)
    found: dict[str, Guide] = {}
    for set_id in SETS:
        rows = form.form(set_id)
        if rows is None:
            continue
        version = _version(envelope, set_id)
        grammar = dictionary.set(version, set_id) if version else None
        if version and grammar is None and dictionary.resolve(version):  # else the envelope says that we lack it
            message = f"{rows.place}: the dictionary has no {set_id} in {version}"
            rows.complain("partner.value.version", rows.mark, message)
        rules: list[GuideRule] = []
        marks: dict[int, Text] = {}
        for entry in rows.entries():
            rule = _rule(rows, entry, grammar)
            if rule is not None:
                rules.append(rule)
                marks[id(rule)] = entry.key
                if grammar is not None:
                    hold_against_x12(rows, entry, rule, grammar)
        guide = found[set_id] = Guide(set_id, tuple(rules))
        for rule, reason in unresolved(guide, grammar) if grammar is not None else ():
            key = marks[id(rule)]
            message = f"{rows.named(key.value)} names no place of the {set_id}: {reason}"
            rows.complain("partner.value.guide", key.mark, message, fix=_whereto(rule.path, reason, grammar))
    return found


def _whereto(path: Path, reason: str, grammar: SetDef | None) -> str:
    """Say how a place that the set has not may be put right: by another element, the loops around it, or another id."""
    every = [segment for _, area in grammar.areas() for segment in _segments(area)] if grammar is not None else []
    wrong, ids = path.last.segment, list(dict.fromkeys(segment.id for segment in every))
    same = [len(segment.elements) for segment in every if segment.id == wrong]
    if "no qualifier" in reason:
        return f"write a code that X12 allows there; `edi dictionary show {wrong}` lists them"
    if not same:
        return f"write a segment that the set has; {nearest_or_all(wrong, ids)}"
    if path.last.element is not None and path.last.element > max(same):
        return f"write an element that it has, {wrong}01 to {wrong}{max(same):02}"
    return "write the loops that it stands in, from the top, as in PO1/SDQ02, with the elements and parts that it has"


def _version(envelope: EnvelopePolicy | None, set_id: str) -> str | None:
    """Give the version in which a set is spoken with this partner; None where the envelope is too wrong to tell."""
    if envelope is None or not envelope.version:
        return None
    own = envelope.sets.get(set_id)
    return (own.version if own is not None else envelope.version)[:6]


def _rule(rows: Form, entry: Entry, grammar: SetDef | None) -> GuideRule | None:
    key, source = entry.key, f"{entry.key.mark.file}:{entry.key.mark.line}"
    try:
        path = parse(split_label(key.value)[0])
    except PathError as error:
        rows.complain("partner.value.guide", key.mark, str(error))
        return None
    if isinstance(entry.value, Text):
        use = entry.value.value
        if use not in USES:
            message = f"{rows.named(key.value)} cannot be {use}; {nearest_or_all(use, USES)}"
            rows.complain("partner.value.choice", entry.value.mark, f"{message}; or a block such as {{codes: [SA]}}")
        return GuideRule(path, required=use == "required", not_used=use == "not_used", source=source)
    form = rows.inside(entry.value, rows.named(key.value))
    if form is None:
        return None
    form.only(WORDS)
    use = form.choice("use", USES, "")
    least, most = _lengths(form)
    allow = _allow(form)
    last = path.last
    if last.element is None and last.qualifier is None:
        for word in ("codes", "length", "min", "max"):
            if form.has(word):
                message = f"{form.named(word)} judges an element, and {last.segment} is a whole segment"
                fix = f"name the element, such as {key.value}01"
                form.complain("partner.value.guide", form.mark_of(word), message, fix=fix)
    return GuideRule(
        path,
        required=use == "required",
        not_used=use == "not_used",
        codes=_codes(form, _element(path, grammar) if grammar is not None and "code" not in allow else None),
        minimum=least,
        maximum=most,
        allow=allow,
        source=source,
    )


def _lengths(form: Form) -> tuple[int | None, int | None]:
    """Give the least and the greatest length: `length: 10` is both."""
    exact = read_whole(form, "length", 0, least=1)
    least, most = read_whole(form, "min", exact, least=1), read_whole(form, "max", exact, least=1)
    if least and most and least > most:
        form.complain("partner.value.guide", form.mark, f"{form.place}: the least length is above the greatest")
    return least or None, most or None


def _codes(form: Form, element: ElementDef | None) -> frozenset[str] | None:
    texts = form.texts("codes")
    if form.has("codes") and not texts:
        message = f"{form.named('codes')} lists the codes that may come, so it cannot be empty"
        fix = "list them; where the element must not come at all, write not_used"
        form.complain("partner.value.guide", form.mark_of("codes"), message, fix=fix)
    for text in texts:
        if element is not None and element.codes is not None and text.value not in element.codes:
            message = f"{text.value} is no code of element {element.id} ({element.name})"
            fix = "take it out; where they really send it, add `allow: [code]`"
            form.complain("partner.value.guide", text.mark, message, fix=fix)
    return frozenset(text.value for text in texts) if form.has("codes") else None


def _allow(form: Form) -> frozenset[str]:
    texts = form.texts("allow")
    for text in texts:
        if text.value not in ALLOWABLE:
            message = f"{form.named('allow')} cannot be {text.value}; {nearest_or_all(text.value, sorted(ALLOWABLE))}"
            form.complain("partner.value.choice", text.mark, message)
    return frozenset(text.value for text in texts)


def _element(path: Path, grammar: SetDef) -> ElementDef | None:
    """Give the element or component that a place names, None where it names none."""
    last = path.last
    segments = (segment for _, area in grammar.areas() for segment in _segments(area) if segment.id == last.segment)
    segment = next(segments, None)
    if segment is None or last.element is None or last.element > len(segment.elements):
        return None
    element = segment.elements[last.element - 1].element
    if last.component is None:
        return element
    return element.parts[last.component - 1].element if last.component <= len(element.parts) else None


def _segments(children: tuple[SegmentUse | LoopUse, ...]) -> Iterator[SegmentDef]:
    for child in children:
        if isinstance(child, LoopUse):
            yield from _segments(child.children)
        else:
            yield child.segment
