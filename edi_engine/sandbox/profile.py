"""A retailer of the sandbox as values: what it buys, where it wants it, and how it writes and wants to be written to.

Each has its own list in its own numbers, kept apart from the supplier's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `number` is the retailer's, `supplier_number` the supplier's; `price` is dollars for each piece."""

    number: str
    supplier_number: str
    upc: str
    description: str
    price: Decimal
    case_pack: int


@dataclass(frozen=True, slots=True)
class Center:
    """A place that goods are shipped to: a distribution center, a branch, or (without a number) a consumer's door."""

    number: str
    name: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str = "US"


@dataclass(frozen=True, slots=True)
class Profile:
    """Addresses and habits of both sides as the retailer writes them: `ours` is the retailer, `theirs` the supplier.

    `segment` is written after each segment, `repetition` in ISA11. `article_type` qualifies the retailer's article
    numbers. `cartons` says where a ship notice lists them: above its items, below them, or none. `first_po` numbers the
    orders of the first run from itself on, written as `po` says.
    """

    name: str
    our_qualifier: str
    our_id: str
    our_group_id: str
    articles: Mapping[str, Article]
    centers: tuple[Center, ...]
    scarce: str
    """An article of which the supplier has hardly any."""
    article_type: str
    first_po: int
    po: str = "{}"
    file: str = "PO_{n}.edi"
    acknowledgment_file: str = "FA_{n}.edi"
    their_qualifier: str = "01"
    their_id: str = "004455667"
    their_group_id: str = "004455667"
    version: str = "004010"
    interchange_version: str = "00401"
    vendor_number: str = ""
    element: str = "*"
    component: str = ">"
    segment: str = "~"
    repetition: str = "U"
    charset: str = "ascii"
    cartons: str = "above"
    capitals: bool = False
    """Whether it takes no small letters."""
    private: bool = False
    """Whether the consumer that an order is for may stand on no document."""
