"""What can be compared, cut into its sets: a file that is given, or what the store keeps."""

from __future__ import annotations

from dataclasses import dataclass

from edi_engine.erp.json import from_json
from edi_engine.errors import UsageError
from edi_engine.finding import Finding
from edi_engine.flow.ports import Unit
from edi_engine.flow.receive import text_of
from edi_engine.flow.records import OrderRecord, SetRecord
from edi_engine.orders.order import PurchaseOrder
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.difference import Side
from edi_engine.x12.reader import outline, spoken
from edi_engine.x12.tree import parse
from edi_engine.x12.values import GroupOutline, InterchangeOutline, Loop, SetOutline


@dataclass(frozen=True, slots=True)
class Given:
    """One of the two things. `what` is its name in the store (`7`, `document:33`, `order:12`, `case:5`) or its file's.

    `data` are the bytes of a file that is not in the store.
    """

    what: str
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class OneSet:
    """One set of a file, with all that stands around it."""

    interchange: InterchangeOutline
    group: GroupOutline
    found: SetOutline
    side: Side


@dataclass(frozen=True, slots=True)
class Thing:
    """What one of the two is: its title, its bytes, its sets; and its order as it was booked, for an order."""

    title: str
    data: bytes
    sets: tuple[OneSet, ...]
    findings: tuple[Finding, ...]
    booked: PurchaseOrder | None = None


def given_thing(standard: Dictionary, given: Given) -> Thing:
    """Give a file as it was given."""
    return _cut(standard, given.what, given.data or b"")


def kept_thing(standard: Dictionary, unit: Unit, given: Given) -> Thing:
    """Give a file as it was given, or what the store keeps. Raises UsageError where it has no such thing."""
    if given.data is not None:
        return given_thing(standard, given)
    kind, _, number = given.what.rpartition(":")
    try:
        return _stored(standard, unit, kind or "file", int(number))
    except KeyError:
        message = f"there is no {kind or 'file'} {number} in the store"
        raise UsageError(message) from None


def _stored(standard: Dictionary, unit: Unit, kind: str, number: int) -> Thing:
    if kind == "document":
        document = unit.documents.get(number)
        title = f"document {number} ({document.kind}, {document.name})"
        return _cut(standard, title, unit.blobs.get(document.sha256))
    if kind == "order":
        order = unit.orders.get(number)
        return _of_order(standard, unit, order, f"order {order.po_number} (ours: {number})")
    if kind == "case":
        return _of_case(standard, unit, number)
    file = unit.files.get(number)
    if file.sha256 is None:
        message = f"the bytes of file {number} were never fetched; there is nothing to compare"
        raise UsageError(message)
    return _cut(standard, f"file {number} ({file.name})", text_of(unit, file))


def _of_order(standard: Dictionary, unit: Unit, order: OrderRecord, title: str) -> Thing:
    booked = from_json(PurchaseOrder, order.body_json)
    return _one_set(standard, unit, unit.sets.get(order.set_id), title, booked)


def _one_set(
    standard: Dictionary, unit: Unit, record: SetRecord, title: str, booked: PurchaseOrder | None = None
) -> Thing:
    """Take one set out of its file."""
    interchange = unit.interchanges.get(record.interchange_id)
    file = unit.files.get(interchange.file_id or 0)
    whole = _cut(standard, title, text_of(unit, file))
    mine = tuple(one for one in whole.sets if (one.found.start, one.found.end) == (record.start, record.end))
    return Thing(title, whole.data, mine, (), booked)


def _of_case(standard: Dictionary, unit: Unit, number: int) -> Thing:
    """Give what a case is about: an order, a set, a document, or the file that it stands in."""
    case = unit.cases.get(number)
    kind, _, subject = case.subject.partition(":")
    title = f"case {number} ({case.kind})"
    if kind in {"order", "ship", "bill"}:
        return _of_order(standard, unit, unit.orders.get(int(subject)), title)
    if kind == "set":
        return _one_set(standard, unit, unit.sets.get(int(subject)), title)
    if kind in {"document", "file"}:
        return _stored(standard, unit, kind, int(subject))
    if kind == "interchange" and case.file_id is not None:
        return _stored(standard, unit, "file", case.file_id)
    message = f"case {number} is about {case.subject.replace(':', ' ')}, which holds no X12 to compare"
    raise UsageError(message)


def _cut(standard: Dictionary, title: str, data: bytes) -> Thing:
    """Cut a file into its sets; what is wrong with its envelopes is told, and what can be read is compared."""
    found = outline(data, file=title)
    findings = [one.at(file=title) for one in found.findings]
    sets: list[OneSet] = []
    for interchange in found.interchanges:
        findings.extend(one.at(file=title) for one in interchange.findings)
        for group in interchange.groups:
            findings.extend(one.at(file=title) for one in group.findings)
            for each in group.sets:
                findings.extend(one.at(file=title) for one in each.findings)
                sets.append(OneSet(interchange, group, each, _side(standard, data, interchange, group, each)))
    return Thing(title, data, tuple(sets), tuple(findings))


def _side(
    standard: Dictionary, data: bytes, interchange: InterchangeOutline, group: GroupOutline, found: SetOutline
) -> Side:
    version = standard.resolve(group.version) or standard.versions()[0]
    grammar = standard.set(version, found.set_id)
    marks = interchange.delimiters
    if grammar is None:
        tree = Loop(found.set_id, None, "", list(spoken(data, found, marks)))
    else:
        tree = parse(data[found.start : found.end].decode("latin-1"), marks, grammar, found)
    return Side(tree, marks, lambda name: standard.segment(version, name))
