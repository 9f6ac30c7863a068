"""Bluebird Stores of the sandbox, a big-box retailer: mostly clean orders, and one of each kind of trouble."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from edi_engine.sandbox.draw import Draw, dearer
from edi_engine.sandbox.orders import Line, Order, Planned, lines_of
from edi_engine.sandbox.profile import Article, Center, Profile

SCARCE: Final = "100107"
CENTERS: Final = (
    Center("0417", "BLUEBIRD DC COLUMBUS", "4170 DISTRIBUTION WAY", "COLUMBUS", "OH", "43207"),
    Center("0533", "BLUEBIRD DC RENO", "533 SAGE ROAD", "RENO", "NV", "89506"),
    Center("0688", "BLUEBIRD DC MACON", "688 PEACHTREE PARKWAY", "MACON", "GA", "31206"),
)
DEPARTMENTS: Final = ("023", "041", "077")

BLUEBIRD: Final = Profile(
    name="Bluebird Stores",
    our_qualifier="08",
    our_id="6119290001",
    our_group_id="6119290001",
    articles={
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
    },
    centers=CENTERS,
    scarce=SCARCE,
    article_type="IN",
    first_po=45_000_000,
    version="004010VICS",
    vendor_number="88214",
)


def write(order: Order) -> list[list[str]]:
    """Give the segments of the 850, without ST and SE."""
    center = order.center
    return [
        ["BEG", order.purpose, order.kind, order.po, "", f"{order.day:%Y%m%d}"],
        ["REF", "DP", order.department],
        ["REF", "IA", BLUEBIRD.vendor_number],
        ["REF", "MR", "0020"],
        ["DTM", "010", f"{order.day + timedelta(days=7):%Y%m%d}"],
        ["DTM", "001", f"{order.day + timedelta(days=21):%Y%m%d}"],
        ["N1", "ST", center.name, "92", center.number],
        ["N3", center.street],
        ["N4", center.city, center.state, center.postal_code, center.country],
        *lines_of(order, BLUEBIRD),
    ]


def program(draw: Draw, clean: int) -> Iterator[Planned]:
    """Give the day's files in the order in which they are sent."""
    clean_orders = [_order(draw) for _ in range(clean)]
    for order in clean_orders[:-1]:
        yield draw.file("clean", order)
    odd_name = "Année 2 été {n}.edi"
    yield draw.file("clean, in a file whose name has blanks and accents", clean_orders[-1], name=odd_name)
    yield from _held(draw)
    yield from _answered_by_997(draw)
    yield from _odd(draw, clean_orders[0])


def _held(draw: Draw) -> Iterator[Planned]:
    """Give orders that are good X12 and still need a person, or thought."""
    order = _order(draw)
    cheap = dearer(order.lines[0], "0.88")
    yield draw.file("one price is 12 % below the list", replace(order, lines=(cheap, *order.lines[1:])))

    order = _order(draw)
    strange = Line("100999", "6", "EA", Decimal("4.44"))
    yield draw.file("one article is unknown", replace(order, lines=(*order.lines, strange)))

    broken = Line("100105", "20", "EA", draw.price("100105"))
    yield draw.file("20 pieces of an article packed by 12", replace(_order(draw), lines=(broken,)))

    order = _order(draw)
    scarce = Line(SCARCE, "10", "CA", draw.price(SCARCE))
    yield draw.file("more than the supplier has in stock", replace(order, lines=(*order.lines, scarce)))

    order = _order(draw)
    yield draw.file("CTT counts one line too many", replace(order, lines_stated=len(order.lines) + 1))

    nowhere = Center("0999", "BLUEBIRD DC NOWHERE", "1 NEW ROAD", "DAYTON", "OH", "45402")
    yield draw.file("an unknown ship-to", replace(_order(draw), center=nowhere))

    shared = Line("100103", "7", "CA", draw.price("100103"), (("0101", "3"), ("0102", "2"), ("0104", "2")))
    yield draw.file("quantities for single stores (SDQ)", replace(_order(draw), lines=(shared,)))

    order = _order(draw)
    dear = replace(order, lines=tuple(dearer(line, "1.20") for line in order.lines))
    yield draw.file("prices 20 % too high, then cancelled", dear)
    yield draw.unbooked("the cancellation of that order", replace(dear, purpose="01"))


def _answered_by_997(draw: Draw) -> Iterator[Planned]:
    """Give files of which the supplier's 997 refuses all or a part."""
    spoiled = replace(_order(draw), unit_text="CASE")
    yield draw.unbooked("a unit of four letters", spoiled, verdict="R")

    first, third = _order(draw), _order(draw)
    second = replace(_order(draw), quantity_text="TWELVE")
    yield draw.together(
        "three orders, the second with a quantity in words", [first, second, third], [first, third], "P"
    )


def _odd(draw: Draw, known: Order) -> Iterator[Planned]:
    """Give what is no plain new order: a repetition, a copy, a test, a change, and something that is no X12 at all."""
    line, *others = known.lines
    more = replace(line, quantity=str(int(line.quantity) * 2))
    yield draw.unbooked("an order number once more, with another quantity", replace(known, lines=(more, *others)))
    yield draw.unbooked("an order that was sent before, as a duplicate", replace(known, purpose="07"))
    yield draw.unbooked("a copy for information", replace(_order(draw), purpose="22"))
    yield draw.test(_order(draw))
    change = cancellation(known.po, draw.day, known.lines[-1])
    yield Planned("PC_{n}.edi", "an order change (860)", (("860", change),), kind="PC")
    yield Planned(
        "Price list {n}.pdf", "a file that is not X12", raw=b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nprice list\n%%EOF\n"
    )


def _order(draw: Draw) -> Order:
    """Draw a clean order of one to five lines."""
    lines = tuple(_line(draw, article) for article in draw.articles(5))
    return Order(draw.po(), draw.random.choice(CENTERS), draw.day, lines, department=draw.random.choice(DEPARTMENTS))


def _line(draw: Draw, article: str) -> Line:
    known = BLUEBIRD.articles[article]
    cases = draw.random.randint(1, 12)
    if draw.random.random() < 0.25:
        return Line(article, str(cases * known.case_pack), "EA", known.price)
    return Line(article, str(cases), "CA", known.price)


def cancellation(po: str, day: date, line: Line) -> list[list[str]]:
    """Give the segments of an 860 that takes a line out of an order, without ST and SE."""
    return [
        ["BCH", "04", "SA", po, "", "1", f"{day:%Y%m%d}", "", "", "", "", f"{day:%Y%m%d}"],
        ["POC", "1", "DI", line.quantity, "0", line.unit, str(line.price), "PE", "IN", line.article],
        ["CTT", "1"],
    ]
