"""A trading partner as values: who they are, how we sign, how they want their documents, what was agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edi_engine.mapping.tables import Table
from edi_engine.orders.policy import Policy
from edi_engine.partners.address import Address
from edi_engine.partners.chosen_map import ChosenMap
from edi_engine.partners.example import Example
from edi_engine.partners.expectation import Expectation
from edi_engine.partners.items import ItemList
from edi_engine.partners.places import PlaceList
from edi_engine.partners.route_list import RouteList
from edi_engine.x12.guide import Guide
from edi_engine.x12.style import PLAIN_STYLE, Style
from edi_engine.x12.values import Delimiters

__all__ = ["Address", "ChosenMap", "Clocks", "EnvelopePolicy", "Fulfilment", "Identity", "Partner", "SetEnvelope"]


@dataclass(frozen=True, slots=True)
class Identity:
    """How a sender is recognised and how we sign. Messages from one of `test` addresses are test messages."""

    theirs: tuple[Address, ...]
    theirs_gs: tuple[str, ...]
    ours: Address
    ours_gs: str
    test: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True)
class SetEnvelope:
    """GS01 and GS08 of one set that we send."""

    group: str
    version: str


@dataclass(frozen=True, slots=True)
class EnvelopePolicy:
    """The outside of what we send. `sets` gives GS01 and GS08 for each set; every file holds one set.

    `charset` is one of `x12.letters.CHARSETS`: what they write and read. `file_name` is a template with {set}, {date},
    {time}, {number} (the interchange control number) and {po}.
    `versions` are those of theirs that the dictionary lacks, each with the one that it is read in instead.
    `acknowledge` is 997 or 999: what their groups are answered with where their version has it.
    `style`: how values are written beside that (`charset: basic` is ascii in the basic style).
    """

    version: str
    interchange_version: str
    wants_ta1: bool
    delimiters: Delimiters
    sets: Mapping[str, SetEnvelope]
    file_name: str
    charset: str = "ascii"
    versions: Mapping[str, str] = field(default_factory=dict)
    acknowledge: str = "997"
    style: Style = PLAIN_STYLE


@dataclass(frozen=True, slots=True)
class Reception:
    """What is said to an interchange of theirs, and how much of it stands or falls together.

    `ta1`: never, when_asked (ISA14 is 1), on_error or always. `acceptance`: by_set, or what becomes of the sound sets
    beside one that is refused: whole_group and whole_interchange refuse them too, hold_group and hold_interchange let
    them wait for a person. `repeated`: silent, or answer: what was answered goes out again when they send the same
    bytes again. `iea02_differs`: refuse, or note: an interchange whose IEA02 is not its ISA13 is taken all the same.
    """

    ta1: str = "when_asked"
    acceptance: str = "by_set"
    repeated: str = "silent"
    iea02_differs: str = "refuse"


@dataclass(frozen=True, slots=True)
class Clocks:
    """Who must answer within what. `zone` is the partner's time zone by IANA name."""

    zone: str = "UTC"
    acknowledge_ours: timedelta = timedelta(hours=24)
    """997: they_send: how long they may take to acknowledge our documents."""
    answer: timedelta = timedelta(hours=24)
    """855: how long we may take to answer an order; the deadline of its cases."""


@dataclass(frozen=True, slots=True)
class Fulfilment:
    """`none`: shipments and invoices come from people or the ERP. `auto`: the sandbox ships what was acknowledged.

    `auto_live` is the sentence in the partner file that allows auto for live orders ("" where there is none).
    """

    mode: str = "none"
    auto_live: str = ""
    sscc_prefix: str = ""
    carrier: str | None = None
    transit_days: int = 0
    """Days that goods travel: what must arrive on a day leaves so many days before it."""


@dataclass(frozen=True, slots=True)
class Partner:
    """One trading partner. `name` is its folder's name, `title` what people call it; `source` its partner.yaml.

    `status`: draft, test or live. `connection` names an entry of connections.yaml, None for a
    partner that is only used at a terminal. The rules in `policy.holds` are expressions over the order.
    """

    name: str
    title: str
    status: str
    identity: Identity
    envelope: EnvelopePolicy
    guides: Mapping[str, Guide]
    maps: Mapping[str, tuple[ChosenMap, ...]]
    tables: Mapping[str, Table]
    policy: Policy
    clocks: Clocks
    fulfilment: Fulfilment
    connection: str | None
    source: str = ""
    examples: tuple[Example, ...] = ()
    parties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Our own parties to put on documents, such as ship_from and remit_to, as field values of orders.Party."""
    items: ItemList = field(default_factory=ItemList)
    """The items table by every name an item has; empty where the partner has none."""
    ship_tos: PlaceList | None = None
    """The known ship-to places; None where the partner has no such table."""
    stores: PlaceList | None = None
    """The stores that a line may be shared out among; None where the partner has no such table."""
    routes: RouteList | None = None
    """Our carriers by the partner's routes; None where the partner has no such table."""
    unlisted: str = "hold"
    """What a line does whose item is in no row of the items table: hold or pass."""
    reception: Reception = Reception()
    tests: frozenset[str] = frozenset()
    """The sets that go to a live partner only as tests, such as 810."""
    expect: tuple[Expectation, ...] = ()
    """What they send, and when; where it does not come, that is a case."""

    @property
    def live(self) -> bool:
        """Whether this partner may get live answers."""
        return self.status == "live"

    def local(self, moment: datetime) -> datetime:
        """Give a moment as the partner's clocks show it."""
        return moment.astimezone(ZoneInfo(self.clocks.zone))

    def sends_live(self, set_id: str) -> bool:
        """Say whether our documents of this set may go to the partner live."""
        return self.live and set_id not in self.tests

    @property
    def standing(self) -> str:
        """The status in words: `live`, or `live, 810 test` where a document has one of its own."""
        return ", ".join((self.status, *(f"{set_id} test" for set_id in sorted(self.tests))))
