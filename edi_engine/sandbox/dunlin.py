"""Dunlin Supply of the sandbox, a distributor: whole cartons for its branches, in 005010 with bars and line ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

from edi_engine.sandbox.draw import Draw, dearer
from edi_engine.sandbox.orders import DOZEN, Line, Order, Planned, lines_of
from edi_engine.sandbox.profile import Article, Center, Profile

SCARCE: Final = "D4571"
LABELS: Final = "D4533"
"""Priced by the hundred."""
BRANCHES: Final = (
    Center("B010", "Dunlin Supply Québec", "88 rue Saint-Paul", "Québec", "QC", "G1K3W4", "CA"),
    Center("B024", "Dunlin Supply Cañon City", "24 Main Street", "Cañon City", "CO", "81212"),
    Center("B031", "Dunlin Supply Boise", "310 Orchard Street", "Boise", "ID", "83706"),
)
NOTES: Final = ("Deliver to the rear dock, côté cour", "Call Zoë at the gate")

DUNLIN: Final = Profile(
    name="Dunlin Supply",
    our_qualifier="12",
    our_id="7005550142",
    our_group_id="7005550142",
    articles={
        article.number: article
        for article in (
            Article("D4410", "GL-1200", "036000291452", "Garden hose 15 m", Decimal("11.90"), 6),
            Article("D4415", "GL-1210", "012345678905", "Hose nozzle brass", Decimal("3.60"), 24),
            Article("D4430", "GL-1300", "042100005264", "Watering can 9 l", Decimal("6.90"), 12),
            Article("D4502", "GL-1400", "076145320129", "Hand trowel steel", Decimal("3.75"), 36),
            Article("D4510", "GL-1500", "051000012517", "Pruning shears", Decimal("9.40"), 12),
            Article("D4533", "GL-1600", "038000138416", "Plant labels 50", Decimal("0.975"), 100),
            Article("D4571", "GL-1700", "070847811169", "Leaf rake", Decimal("11.00"), 4),
            Article("D4580", "GL-1800", "041196910759", "Kneeling mat", Decimal("6.05"), 10),
        )
    },
    centers=BRANCHES,
    scarce=SCARCE,
    article_type="BP",
    first_po=300_000,
    po="DS-{}",
    file="po_{n}.txt",
    acknowledgment_file="fa_{n}.txt",
    version="005010",
    interchange_version="00501",
    element="|",
    segment="\n",
    repetition="^",
    charset="latin-1",
    cartons="below",
)


def write(order: Order) -> list[list[str]]:
    """Give the segments of the 850, without ST and SE."""
    branch = order.center
    notes = [["N9", "L1", "NOTE"], *(["MTX", "", note] for note in order.notes)] if order.notes else []
    return [
        ["BEG", order.purpose, order.kind, order.po, "", f"{order.day:%Y%m%d}"],
        ["DTM", "002", f"{order.day + timedelta(days=14):%Y%m%d}"],
        *notes,
        ["N1", "ST", branch.name, "92", branch.number],
        ["N3", branch.street],
        ["N4", branch.city, branch.state, branch.postal_code, branch.country],
        *lines_of(order, DUNLIN),
    ]


def program(draw: Draw, clean: int) -> Iterator[Planned]:
    """Give the day's files in the order in which they are sent."""
    for number in range(clean):
        order = _order(draw)
        yield draw.file("clean, with notes", replace(order, notes=NOTES)) if number % 2 else draw.file("clean", order)

    rush = replace(_order(draw), kind="RO")
    yield draw.file("clean, and urgent", rush)

    order = _order(draw)
    dear = dearer(order.lines[0], "1.05")
    yield draw.file("one price is 5 % above the list", replace(order, lines=(dear, *order.lines[1:])))

    scarce = Line(SCARCE, "15", "CA", draw.price(SCARCE))
    yield draw.file("more than the supplier has in stock: the rest later", replace(_order(draw), lines=(scarce,)))

    broken = Line("D4510", "7", "EA", draw.price("D4510"))
    yield draw.file("7 pieces of an article packed by 12", replace(_order(draw), lines=(broken,)))

    nowhere = Center("B099", "Dunlin Supply Açores", "1 Rua Nova", "Boise", "ID", "83706")
    yield draw.file("an unknown branch", replace(_order(draw), center=nowhere))

    good, bad = _order(draw), replace(_order(draw), quantity_text="1,5")
    yield draw.together("two orders, one with a comma in its quantity", [good, bad], [good], "P")
    yield draw.test(_order(draw))


def _order(draw: Draw) -> Order:
    """Draw a clean order of one to four lines."""
    lines = tuple(_line(draw, article) for article in draw.articles(4))
    return Order(draw.po(), draw.random.choice(BRANCHES), draw.day, lines)


def _line(draw: Draw, article: str) -> Line:
    """Draw whole cartons, now and then counted in dozens or pieces."""
    known = DUNLIN.articles[article]
    cases, chance = draw.random.randint(1, 8), draw.random.random()
    if article == LABELS:
        return Line(article, str(cases * known.case_pack), "EA", known.price, basis="HP")
    pieces = cases * known.case_pack
    if chance < 0.3 and pieces % DOZEN == 0:
        return Line(article, str(pieces // DOZEN), "DZ", known.price)
    if chance < 0.6:
        return Line(article, str(pieces), "EA", known.price)
    return Line(article, str(cases), "CA", known.price)
