"""Small readings that the retailer's checks share: numbers, article numbers, and segments cut into loops."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from edi_engine.sandbox.orders import DOZEN
from edi_engine.sandbox.profile import Profile
from edi_engine.x12.values import Spoken

_NUMBER: Final = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_CENT: Final = Decimal("0.01")


class Unreadable(Exception):
    """A received document says something that cannot be checked; the text says what."""


def number(segment: Spoken, position: int) -> Decimal:
    """Read a decimal number. Raises Unreadable."""
    text = segment.get(position)
    if _NUMBER.fullmatch(text) is None:
        message = f'{segment.id}{position:02} is "{text}", which is no number'
        raise Unreadable(message)
    return Decimal(text)


def cents(segment: Spoken, position: int) -> Decimal:
    """Read an amount with two implied decimals as dollars. Raises Unreadable."""
    if re.fullmatch(r"-?[0-9]+", segment.get(position)) is None:
        message = f'{segment.id}{position:02} is "{segment.get(position)}", which is no amount in cents'
        raise Unreadable(message)
    return Decimal(segment.get(position)).scaleb(-2)


def rounded(amount: Decimal) -> Decimal:
    """Round to cents, halves upward."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def article(segment: Spoken, start: int, profile: Profile) -> str:
    """Find the retailer's article number among the qualifier and value pairs from element `start` on."""
    pairs = dict(zip(segment.elements[start::2], segment.elements[start + 1 :: 2], strict=False))
    if profile.article_type in pairs:
        return pairs[profile.article_type]
    for known in profile.articles.values():
        if known.upc == pairs.get("UP") or known.supplier_number == pairs.get("VN"):
            return known.number
    message = f"{segment.id} names no article that was ordered ({segment.elements[start:]})"
    raise Unreadable(message)


def pieces(quantity: Decimal, unit: str, article_number: str, profile: Profile) -> Decimal:
    """Convert a quantity in EA, DZ or CA to pieces. Raises Unreadable for another unit."""
    if unit == "EA":
        return quantity
    if unit == "DZ":
        return quantity * DOZEN
    if unit == "CA" and article_number in profile.articles:
        return quantity * profile.articles[article_number].case_pack
    message = f'the unit "{unit}" of article {article_number} is neither EA nor DZ nor CA'
    raise Unreadable(message)


def each(item: Spoken, article_number: str, profile: Profile) -> Decimal:
    """Give the price of one piece that a PO1 or IT1 states: at its basis, else for its unit. Raises Unreadable."""
    price, basis = number(item, 4), item.get(5) or item.get(3)
    if basis in {"PE", "EA"}:
        return price
    if basis in {"HP", "TP"}:
        return price / (100 if basis == "HP" else 1000)
    return price / pieces(Decimal(1), basis, article_number, profile)


def loops(segments: Sequence[Spoken], head: str, *, until: Iterable[str] = ("CTT", "TDS", "SE")) -> list[list[Spoken]]:
    """Cut `segments` into loops that begin with `head`; they end before a segment of `until`."""
    found: list[list[Spoken]] = []
    ends = frozenset(until)
    for segment in segments:
        if segment.id == head:
            found.append([segment])
        elif segment.id in ends:
            if found:
                break
        elif found:
            found[-1].append(segment)
    return found


def first(segments: Sequence[Spoken], segment_id: str) -> Spoken:
    """Give the first segment with this id. Raises Unreadable if there is none."""
    for segment in segments:
        if segment.id == segment_id:
            return segment
    message = f"there is no {segment_id}"
    raise Unreadable(message)
