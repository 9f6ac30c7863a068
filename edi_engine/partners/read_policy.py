"""What was agreed with a partner, read from its rules:, policy: and clocks:."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from edi_engine.orders.policy import HALF_UP_LINE, HALF_UP_TOTAL, HoldRule, Policy, PriceTolerance
from edi_engine.partners.condition import ConditionError, check
from edi_engine.partners.form import Form
from edi_engine.partners.measures import read_duration, read_number, read_whole
from edi_engine.partners.partner import Clocks, Fulfilment
from edi_engine.partners.read_purposes import read_purposes
from edi_engine.partners.read_reception import WORDS as RECEPTION
from edi_engine.partners.read_terms import read_terms
from edi_engine.text.nearest import nearest
from edi_engine.text.yaml import Text

RULES: Final = ("price_tolerance", "quantity_multiple", "hold")
WORDS: Final = (
    "currency", "units", "short_stock", "quantity_limit", "totals", "lead_days", "rounding", "fulfilment", "810",
    "duplicate", "change", "no_charge", "prices", "pack", "pack_from_order", "terms", "discountable", *RECEPTION,
)  # fmt: skip
"""The words of policy:."""
_RULES_TO_COME: Final = ("credit", "minimum_order", "substitution", "terms")
_UNIT: Final = re.compile(r"[0-9A-Z]{2}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_PREFIX: Final = re.compile(r"[0-9]{7,10}")
_CHARGE: Final = re.compile(r"[A-Z][0-9]{3}")
_SHORT: Final = re.compile(r"[ECMP][SD]?T", re.IGNORECASE)
_AMERICAN: Final = {
    "E": "America/New_York",
    "C": "America/Chicago",
    "M": "America/Denver",
    "P": "America/Los_Angeles",
}
"""What people mean by EST, CDT and the like: a place, whose summer time comes and goes."""
_PRICE: Final = re.compile(r"(?:[A-Z]{2}/)?[A-Z0-9]{3}")
_SCAC: Final = re.compile(r"[A-Z]{2,4}")
_SENTENCE_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Agreed:
    """The policy block: the values that rules and billing read, and who ships."""

    policy: Policy
    fulfilment: Fulfilment


def read_rules(file: Form, policy: Policy) -> Policy:
    """Add the rules of `rules:` to `policy`."""
    seen: set[str] = set()
    for form in file.forms("rules"):
        rule = form.choice("rule", RULES, "", unbuilt=_RULES_TO_COME)
        if rule in seen and rule != "hold":
            form.complain("partner.value.twice", form.mark, f"the rule {rule} stands twice; keep one")
        seen.add(rule)
        source = f"{form.mark.file}:{form.mark.line}"
        if rule == "price_tolerance":
            form.only(("rule", "over", "under", "amount"))
            tolerance = PriceTolerance(
                over=read_number(form, "over", Decimal(0), percent=True),
                under=read_number(form, "under", Decimal(0), percent=True),
                amount=read_number(form, "amount", Decimal(0)),
                source=source,
            )
            policy = replace(policy, price=tolerance)
        elif rule == "quantity_multiple":
            form.only(("rule", "of"))
            form.text("of", needed=True)
            of = form.choice("of", ("case_pack",), "", unbuilt=("pack.inner", "pack.size")) or None
            policy = replace(policy, quantity_multiple=of, quantity_multiple_source=source)
        elif rule == "hold":
            policy = replace(policy, holds=(*policy.holds, *_hold(form, source)))
        elif not form.has("rule"):
            form.missing("rule")
    return policy


def _hold(form: Form, source: str) -> tuple[HoldRule, ...]:
    form.only(("rule", "when", "reason"))
    when, reason = form.text("when", needed=True), form.text("reason", needed=True)
    if not when or not reason:
        return ()
    try:
        check(when)
    except ConditionError as error:
        form.complain("partner.value.condition", form.mark_of("when"), str(error))
        return ()
    return (HoldRule(when, reason, source),)


def read_policy(file: Form) -> Agreed:
    """Read `policy:`; what is absent has its usual value."""
    form = file.form("policy")
    if form is None:
        return Agreed(Policy(), Fulfilment())
    form.only(
        WORDS,
        unbuilt=("855", "856", "substitution", "credit", "undo"),
    )
    billing = form.form("810")
    if billing is not None:
        billing.only(("charges",), unbuilt=("when", "one_per"))
    usual = Policy()
    policy = Policy(
        units=_units(form),
        currency=_code(form, "currency", _CURRENCY, "a currency such as USD", "USD"),
        short_stock=form.choice("short_stock", ("cut", "backorder", "hold"), "cut"),
        quantity_limit=_quantity_limit(form),
        totals=form.choice("totals", ("hold", "note"), "hold"),
        lead_days=read_whole(form, "lead_days", 0, most=365),
        rounding=form.choice("rounding", (HALF_UP_LINE, HALF_UP_TOTAL), HALF_UP_LINE),
        allowed_charges=None if billing is None else _codes(billing, "charges", _CHARGE, "charge codes such as D240"),
        purposes=read_purposes(form),
        prices=_listed(form, "prices", _PRICE, "kinds of price such as NET or WS/NET", usual.prices),
        pack=form.choice("pack", ("note", "hold"), usual.pack),
        pack_from_order=form.yes_no("pack_from_order", default=usual.pack_from_order),
        terms=read_terms(form),
        discountable=form.choice("discountable", ("total", "goods"), usual.discountable),
    )
    return Agreed(policy, _fulfilment(form))


def _quantity_limit(form: Form) -> Decimal:
    limit = read_number(form, "quantity_limit", Policy().quantity_limit)
    if limit > 0:
        return limit
    message = f"{form.named('quantity_limit')} is the most that one line may ask for; 0 would hold every order"
    form.complain("partner.value.number", form.mark_of("quantity_limit"), message)
    return Policy().quantity_limit


def _units(form: Form) -> frozenset[str]:
    listed = _listed(form, "units", _UNIT, "units of two characters such as EA", tuple(Policy().units))
    if not listed:
        message = f"{form.named('units')} is empty, so that every line would be held"
        form.complain("partner.value.code", form.mark_of("units"), message)
    return frozenset(listed)


def _codes(form: Form, word: str, pattern: re.Pattern[str], wanted: str) -> frozenset[str] | None:
    """Give a set of codes, None where the word is absent. A list that is empty means that none is allowed."""
    return frozenset(_listed(form, word, pattern, wanted, ())) if form.has(word) else None


def _listed(form: Form, word: str, pattern: re.Pattern[str], wanted: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Give codes in their order, the usual ones where the word is absent; an empty list is one of none."""
    if not form.has(word):
        return usual
    texts = form.texts(word)
    for text in texts:
        if not pattern.fullmatch(text.value):
            form.complain("partner.value.code", text.mark, f"{form.named(word)} wants {wanted}, not {text.value}")
    return tuple(text.value for text in texts)


def _code(form: Form, word: str, pattern: re.Pattern[str], wanted: str, default: str) -> str:
    value = form.text(word, default)
    if pattern.fullmatch(value):
        return value
    form.complain("partner.value.code", form.mark_of(word), f"{form.named(word)} wants {wanted}, not {value}")
    return default


def _fulfilment(policy: Form) -> Fulfilment:
    node = policy.node("fulfilment")
    if node is None or (mode := getattr(node, "value", None)) == "none":
        return Fulfilment()
    if mode is not None:
        message = f"{policy.named('fulfilment')} is none, or a block such as {{mode: auto, sscc_prefix: 0614141}}"
        policy.complain("partner.value.choice", node.mark, message)
        return Fulfilment()
    form = policy.form("fulfilment")
    if form is None:
        return Fulfilment()
    form.only(("mode", "live", "sscc_prefix", "carrier", "transit_days"))
    mode = form.choice("mode", ("none", "auto"), "none")
    prefix = form.text("sscc_prefix", needed=mode == "auto")
    if prefix and not _PREFIX.fullmatch(prefix):
        message = f"{form.named('sscc_prefix')} is our GS1 company prefix, 7 to 10 digits, not {prefix}"
        form.complain("partner.value.code", form.mark_of("sscc_prefix"), message)
    live = form.text("live")
    if live and len(live.split()) < _SENTENCE_WORDS:
        message = f"{form.named('live')} is the sentence that allows shipping live orders by ourselves, not {live}"
        fix = "say in your own words who agreed to it, or take it out"
        form.complain("partner.value.sentence", form.mark_of("live"), message, fix=fix)
    carrier = _code(form, "carrier", _SCAC, "a carrier's SCAC of 2 to 4 capitals", "") if form.has("carrier") else ""
    return Fulfilment(mode, live, prefix, carrier or None, read_whole(form, "transit_days", 0, most=60))


def read_clocks(file: Form) -> Clocks:
    """Read `clocks:`: the partner's zone, and who must answer within what."""
    form = file.form("clocks")
    usual = Clocks()
    if form is None:
        return usual
    form.only(("zone", "997", "855"), unbuilt=("856", "810", "case"))
    acknowledge = usual.acknowledge_ours
    node = form.node("997")
    if isinstance(node, Text) and node.value:
        message = f"clocks.997 wants a block: it says who sends the 997; here stands {node.value}"
        fix = "write 997: {they_send: 24 h} for the time that they have to acknowledge what we send"
        form.complain("partner.value.kind", node.mark, message, fix=fix)
        both = None
    else:
        both = form.form("997")
    if both is not None:
        both.only(("they_send",), unbuilt=("we_send",))
        acknowledge = read_duration(both, "they_send", acknowledge, zero=False)
    return Clocks(_zone(form), acknowledge, read_duration(form, "855", usual.answer, zero=False))


def _zone(form: Form) -> str:
    zone = form.text("zone", "UTC")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        close = _AMERICAN.get(zone.upper()[:1]) if _SHORT.fullmatch(zone) else None
        close = close or nearest(zone, (one for one in sorted(available_timezones()) if "/" in one))
        hint = f"; nearest: {close}" if close is not None else ""
        message = f"{form.named('zone')} wants a time zone such as America/Chicago, not {zone}{hint}"
        form.complain("partner.value.zone", form.mark_of("zone"), message)
        return "UTC"
    return zone
