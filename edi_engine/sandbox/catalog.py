"""What the retailer buys and where it wants it: its own list, in its own numbers, kept apart from the supplier's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final


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
    """A distribution center that goods are shipped to."""

    number: str
    name: str
    street: str
    city: str
    state: str
    postal_code: str


ARTICLES: Final = {
    article.number: article
    for article in (
        Article("100101", "GL-1200", "036000291452", "GARDEN HOSE 15 M", Decimal("12.40"), 6),
        Article("100102", "GL-1210", "012345678905", "HOSE NOZZLE BRASS", Decimal("3.85"), 24),
        Article("100103", "GL-1300", "042100005264", "WATERING CAN 9 L", Decimal("7.20"), 12),
        Article("100104", "GL-1400", "076145320129", "HAND TROWEL STEEL", Decimal("4.10"), 36),
        Article("100105", "GL-1500", "051000012517", "PRUNING SHEARS", Decimal("9.95"), 12),
        Article("100106", "GL-1600", "038000138416", "PLANT LABELS 50", Decimal("1.15"), 100),
        Article("100107", "GL-1700", "070847811169", "LEAF RAKE", Decimal("11.60"), 4),
        Article("100108", "GL-1800", "041196910759", "KNEELING MAT", Decimal("6.30"), 10),
    )
}
SCARCE: Final = "100107"
"""The supplier has hardly any of it."""

CENTERS: Final = (
    Center("0417", "BLUEBIRD DC COLUMBUS", "4170 DISTRIBUTION WAY", "COLUMBUS", "OH", "43207"),
    Center("0533", "BLUEBIRD DC RENO", "533 SAGE ROAD", "RENO", "NV", "89506"),
    Center("0688", "BLUEBIRD DC MACON", "688 PEACHTREE PARKWAY", "MACON", "GA", "31206"),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """Addresses and habits of both sides as the retailer writes them: `ours` is the retailer, `theirs` the supplier."""

    our_qualifier: str = "08"
    our_id: str = "6119290001"
    our_group_id: str = "6119290001"
    their_qualifier: str = "01"
    their_id: str = "004455667"
    their_group_id: str = "004455667"
    version: str = "004010VICS"
    interchange_version: str = "00401"
    vendor_number: str = "88214"
    element: str = "*"
    component: str = ">"
    segment: str = "~"
