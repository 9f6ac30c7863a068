"""What the retailer looks at in the documents it receives, by its own books and its own arithmetic.

Each function takes the segments of one set (ST to SE), the retailer and its book, writes into the book what became of
the order, and gives the problems that it found, each a sentence. They raise Unreadable where nothing can be checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from edi_engine.sandbox.book import Book, SentLine, SentOrder
from edi_engine.sandbox.profile import Profile
from edi_engine.sandbox.read_x12 import Unreadable, article, cents, each, first, loops, number, pieces, rounded
from edi_engine.x12.values import Spoken

Check = Callable[[Sequence[Spoken], Profile, Book, bool], Iterator[str]]

_PROMISES: Final = frozenset({"IA", "IC", "IP", "IQ", "IS", "AC", "AR", "DR"})
"""ACK01 codes that promise the quantity beside them, as it was ordered or changed."""
_OTHER_PRICE: Final = "IP"
_LATER: Final = "IB"


def check_answer(segments: Sequence[Spoken], profile: Profile, book: Book, live: bool) -> Iterator[str]:  # noqa: FBT001
    """Check an 855: an order of ours, each line once, promises that add up, and a verdict that fits them."""
    head = first(segments, "BAK")
    verdict = head.get(2)
    order = _order(book, head.get(3), live=live)
    book.received[f"855 {verdict}"] += 1
    if order.answer is not None:
        yield f"order {order.po} was answered before, with {order.answer}"
    order.answer = verdict
    full, none = True, True
    lines = loops(segments, "PO1")
    for loop in lines:
        line = _line(order, loop[0].get(1), article(loop[0], 6, profile))
        promised = Decimal(0)
        acks = [segment for segment in loop if segment.id == "ACK"]
        price = each(loop[0], line.article, profile)
        if price != line.price and any(ack.get(1) == _OTHER_PRICE for ack in acks):
            line.price = price  # a counter-offer: it is what may be billed now
        elif price != line.price:
            yield f"line {line.number} of order {order.po}: answered at {price} without saying so, {line.price} ordered"
        for ack in acks:
            if ack.get(1) in _PROMISES:
                promised += pieces(number(ack, 2), ack.get(3), line.article, profile)
            elif ack.get(1) == _LATER:
                line.owed += pieces(number(ack, 2), ack.get(3), line.article, profile)
        line.promised = promised
        full, none = full and promised == line.pieces, none and not promised
        promised += line.owed
        if promised > line.pieces:
            yield f"line {line.number} of order {order.po}: {promised} pieces promised, {line.pieces} ordered"
    if verdict == "AD" and not (full and len(lines) == len(order.lines)):
        yield f"order {order.po} is accepted as it is (AD), but not every line is promised in full"
    if verdict == "RD" and not none:
        yield f"order {order.po} is refused (RD), but a line is promised"
    if verdict not in {"AD", "AC", "RD"}:
        yield f'BAK02 is "{verdict}" instead of AD, AC or RD'


def check_shipment(segments: Sequence[Spoken], profile: Profile, book: Book, live: bool) -> Iterator[str]:  # noqa: FBT001
    """Check an 856: the tree of levels, our orders, quantities within them, and serial numbers of cartons."""
    book.received["856"] += 1
    notice = first(segments, "BSN").get(2)
    if not book.first_time("shipment", notice):
        yield f"the shipment number {notice} was used before"
    levels: dict[str, list[Spoken]] = {}
    packs = 0
    for loop in loops(segments, "HL"):
        head = loop[0]
        if head.get(1) != str(len(levels) + 1):
            yield f"HL01 is {head.get(1)}, the {len(levels) + 1}. level was to come"
        if head.get(2) and head.get(2) not in levels:
            yield f"HL {head.get(1)} stands under {head.get(2)}, which did not come before it"
        levels[head.get(1)] = loop
        if head.get(3) == "P":
            packs += 1
            yield from _check_cartons(loop, book)
        if head.get(3) == "I":
            yield from _check_item(loop, levels, profile, book, live=live)
    yield from _check_content(levels, profile)
    yield from _check_count(segments, len(levels), "levels")
    for weight in (segment for segment in segments if segment.id == "TD1"):
        if weight.get(2) and packs and number(weight, 2) != packs:
            yield f"TD102 says {weight.get(2)} cartons, {packs} are listed"


def check_invoice(segments: Sequence[Spoken], profile: Profile, book: Book, live: bool) -> Iterator[str]:  # noqa: FBT001
    """Check an 810: an order of ours, what was shipped, the price agreed, and the total to the cent."""
    book.received["810"] += 1
    head = first(segments, "BIG")
    if not book.first_time("invoice", head.get(2)):
        yield f"the invoice number {head.get(2)} was used before"
    order = _order(book, head.get(4), live=live)
    total = Decimal(0)
    lines = loops(segments, "IT1", until=("TDS", "SE"))
    for loop in lines:
        item = loop[0]
        line = _line(order, item.get(1), article(item, 6, profile))
        billed = pieces(number(item, 2), item.get(3), line.article, profile)
        line.billed += billed
        if line.billed > line.shipped:
            yield f"line {line.number} of order {order.po}: {line.billed} pieces billed, {line.shipped} shipped"
        price = each(item, line.article, profile)
        if price != line.price:
            yield f"line {line.number} of order {order.po}: {price} billed for a piece, {line.price} agreed"
        total += rounded(billed * price)
        total += sum((_effect(segment) for segment in loop if segment.id == "SAC"), Decimal(0))
    summary = segments[segments.index(first(segments, "TDS")) :]
    total += sum((_effect(segment) for segment in summary if segment.id == "SAC"), Decimal(0))
    stated = cents(summary[0], 1)
    if stated != total:
        yield f"TDS01 says {stated}, the lines of invoice {head.get(2)} make {total}"
    yield from _check_count(segments, len(lines), "lines")


def check_acknowledgment(segments: Sequence[Spoken], profile: Profile, book: Book, live: bool) -> Iterator[str]:  # noqa: FBT001, ARG001
    """Check a 997 or 999: a group of ours, for the first time, the verdict that it deserves and counts that fit."""
    head, end = first(segments, "AK1"), first(segments, "AK9")
    verdict = end.get(1)
    book.received[f"997 {verdict}"] += 1
    group = book.groups.get(head.get(2))
    if group is None or group.kind != head.get(1):
        yield f"no group {head.get(1)} {head.get(2)} was sent"
        return
    if group.verdict is not None:
        yield f"group {group.control} ({group.file}) was acknowledged before, with {group.verdict}"
    group.verdict = verdict
    if verdict != group.wanted:
        yield f"group {group.control} ({group.file}, {group.story}) got {verdict} instead of {group.wanted}"
    answered = [segment for segment in segments if segment.id in {"AK5", "IK5"}]
    good = sum(segment.get(1) in {"A", "E"} for segment in answered)
    if answered and number(end, 4) != good:
        yield f"AK904 of group {group.control} says {end.get(4)} sets accepted, AK5 says so of {good}"


CHECKS: Final[Mapping[str, Check]] = {
    "855": check_answer,
    "856": check_shipment,
    "810": check_invoice,
    "997": check_acknowledgment,
    "999": check_acknowledgment,
}


def _order(book: Book, po: str, *, live: bool) -> SentOrder:
    order = book.orders.get(po)
    if order is None:
        message = f'there is no order "{po}" that could be answered'
        raise Unreadable(message)
    if order.live != live:
        message = f"order {po} is {'live' if order.live else 'a test'}, the document says the contrary (ISA15)"
        raise Unreadable(message)
    return order


def _line(order: SentOrder, line_number: str, article_number: str) -> SentLine:
    for line in order.lines:
        if line.number == line_number.lstrip("0") and line.article == article_number:
            return line
    same = [line for line in order.lines if line.article == article_number]
    if not line_number and len(same) == 1:
        return same[0]
    message = f"order {order.po} has no line {line_number} with article {article_number}"
    raise Unreadable(message)


def _check_item(
    loop: Sequence[Spoken], levels: Mapping[str, Sequence[Spoken]], profile: Profile, book: Book, *, live: bool
) -> Iterator[str]:
    above: dict[str, Sequence[Spoken]] = defaultdict(list)
    parent = loop[0].get(2)
    while parent in levels and levels[parent][0].get(3) not in above:
        above[levels[parent][0].get(3)] = levels[parent]
        parent = levels[parent][0].get(2)
    order = _order(book, first(above["O"], "PRF").get(1), live=live)
    item, quantity = first(loop, "LIN"), first(loop, "SN1")
    line = _line(order, item.get(1) or quantity.get(1), article(item, 2, profile))
    line.shipped += pieces(number(quantity, 2), quantity.get(3), line.article, profile)
    limit = line.pieces if line.promised is None else line.promised + line.owed
    if line.shipped > limit:
        yield f"line {line.number} of order {order.po}: {line.shipped} pieces shipped, {limit} promised"
    if profile.cartons == "above" and not above["P"]:
        yield f"line {line.number} of order {order.po} lies in no carton"


def _check_content(levels: Mapping[str, Sequence[Spoken]], profile: Profile) -> Iterator[str]:
    """Check where the cartons stand, for those who want them below their items or not at all."""
    above = {loop[0].get(2) for loop in levels.values() if loop[0].get(3) == "P"}
    if profile.cartons == "below":
        for number_, loop in levels.items():
            if loop[0].get(3) == "I" and number_ not in above:
                yield f"no carton stands below the item HL {number_}"
    if profile.cartons == "none":
        if above:
            yield "cartons are listed, which nobody asked for"
        if not any(segment.id == "REF" and segment.get(1) == "CN" for loop in levels.values() for segment in loop):
            yield "no parcel has a number (REF*CN)"


def _check_cartons(loop: Sequence[Spoken], book: Book) -> Iterator[str]:
    marks = [segment.get(2) for segment in loop if segment.id == "MAN" and segment.get(1) == "GM"]
    if not marks:
        yield f"carton HL {loop[0].get(1)} has no serial number (MAN*GM)"
    for mark in marks:
        if len(mark) != 20 or not mark.isdecimal() or not mark.isascii() or not mark.startswith("00"):
            yield f'the carton number "{mark}" is not 00 and 18 digits'
        elif sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(mark[2:])) % 10:
            yield f"the check digit of carton {mark} is wrong"
        if not book.first_time("carton", mark):
            yield f"the carton number {mark} was used before"


def _check_count(segments: Sequence[Spoken], wanted: int, what: str) -> Iterator[str]:
    for count in (segment for segment in segments if segment.id == "CTT"):
        if number(count, 1) != wanted:
            yield f"CTT01 says {count.get(1)}, there are {wanted} {what}"


def _effect(charge: Spoken) -> Decimal:
    """Say by how much a SAC changes what is to be paid: only methods 02 (off the invoice) and 06 (charged) do."""
    if charge.get(1) == "A" and charge.get(12) == "02":
        return -cents(charge, 5)
    if charge.get(1) == "C" and charge.get(12) == "06":
        return cents(charge, 5)
    return Decimal(0)


def check_manners(segments: Sequence[Spoken], profile: Profile, book: Book) -> Iterator[str]:
    """Check how a document is written: capitals only, and nothing of the consumer, for those who want it so."""
    texts = [text for segment in segments for text in segment.elements]
    if profile.capitals:
        yield from (f'"{text}" has small letters' for text in texts if text != text.upper())
    if profile.private:
        consumers = {order.consumer for order in book.orders.values()}
        yield from (f'the consumer "{text}" is named' for text in texts if text in consumers)
