"""Siskin Lane of the sandbox, a marketplace: each order is one parcel for a consumer's door, in pieces and capitals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from edi_engine.sandbox.draw import Draw, dearer
from edi_engine.sandbox.orders import Line, Order, Planned, lines_of
from edi_engine.sandbox.profile import Article, Center, Profile

SCARCE: Final = "SL-20488"
GONE: Final = Article("SL-20490", "GL-1750", "070330600041", "BULB PLANTER", Decimal("6.75"), 12)
"""The supplier makes it no more."""
DOORS: Final = (
    Center("", "JORDAN AVERY", "18 ELM STREET APT 4", "BURLINGTON", "VT", "05401"),
    Center("", "SAM OKAFOR", "2207 W HIGH DRIVE", "SPOKANE", "WA", "99203"),
    Center("", "R. DELACROIX", "91 CHARTRES ST", "NEW ORLEANS", "LA", "70130"),
    Center("", "MINH TRAN", "640 LAKE SHORE RD", "DULUTH", "MN", "55802"),
)

SISKIN: Final = Profile(
    name="Siskin Lane",
    our_qualifier="ZZ",
    our_id="SISKINLANE",
    our_group_id="SISKINLANE",
    articles={
        article.number: article
        for article in (
            Article("SL-20417", "GL-1200", "036000291452", "GARDEN HOSE 15 M", Decimal("13.10"), 6),
            Article("SL-20418", "GL-1210", "012345678905", "HOSE NOZZLE BRASS", Decimal("4.20"), 24),
            Article("SL-20433", "GL-1300", "042100005264", "WATERING CAN 9 L", Decimal("7.95"), 12),
            Article("SL-20451", "GL-1400", "076145320129", "HAND TROWEL STEEL", Decimal("4.60"), 36),
            Article("SL-20452", "GL-1500", "051000012517", "PRUNING SHEARS", Decimal("10.80"), 12),
            Article("SL-20470", "GL-1600", "038000138416", "PLANT LABELS 50", Decimal("1.35"), 100),
            Article("SL-20488", "GL-1700", "070847811169", "LEAF RAKE", Decimal("12.40"), 4),
        )
    },
    centers=DOORS,
    scarce=SCARCE,
    article_type="SK",
    first_po=7_000_000,
    po="SLM{}",
    file="SL_850_{stamp}_{n}.x12",
    acknowledgment_file="SL_997_{stamp}_{n}.x12",
    component=":",
    segment="~\n",
    cartons="none",
    capitals=True,
    private=True,
)


def write(order: Order) -> list[list[str]]:
    """Give the segments of the 850, without ST and SE."""
    door = order.center
    consumer_order = [["REF", "CO", order.customer_order]] if order.customer_order else []
    return [
        ["BEG", order.purpose, order.kind, order.po, "", f"{order.day:%Y%m%d}"],
        *consumer_order,
        ["DTM", "010", f"{order.day + timedelta(days=2):%Y%m%d}"],
        ["N1", "ST", door.name],
        ["N3", door.street],
        ["N4", door.city, door.state, door.postal_code, door.country],
        ["PER", "CN", door.name, "TE", "5555550100", "EM", "CONSUMER@SISKINLANE.EXAMPLE"],
        ["N1", "BT", "SISKIN LANE", "92", "AP1"],
        *lines_of(order, SISKIN),
    ]


def program(draw: Draw, clean: int) -> Iterator[Planned]:
    """Give the day's files in the order in which they are sent."""
    for _ in range(clean):
        yield draw.file("clean", _order(draw))

    order = _order(draw)
    cheap = dearer(order.lines[0], "0.90")
    yield draw.file("one price is 10 % below the list", replace(order, lines=(cheap, *order.lines[1:])))

    unknown = Line("SL-29999", "1", "EA", Decimal("3.30"))
    yield draw.file("one article is unknown", replace(_order(draw), lines=(unknown,)))

    scarce = Line(SCARCE, "5", "EA", draw.price(SCARCE))
    yield draw.file("more than the supplier has in stock", replace(_order(draw), lines=(scarce,)))

    many = Line("SL-20470", "240", "EA", draw.price("SL-20470"))
    yield draw.file("240 pieces for one consumer", replace(_order(draw), lines=(many,)))

    gone = Line(GONE.number, "1", "EA", GONE.price)
    yield draw.file("an article that is made no more", replace(_order(draw), lines=(gone,)))

    yield draw.unbooked("no consumer's order number (REF*CO)", replace(_order(draw), customer_order=""))
    yield draw.test(_order(draw))


def _order(draw: Draw) -> Order:
    """Draw a clean order of one to three lines."""
    lines = tuple(
        Line(article, str(draw.random.randint(1, 4)), "EA", SISKIN.articles[article].price)
        for article in draw.articles(3)
    )
    number = f"C{draw.random.randint(10**8, 10**9 - 1)}"
    return Order(draw.po(), draw.random.choice(DOORS), draw.day, lines, kind="DS", customer_order=number)
