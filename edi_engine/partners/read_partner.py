"""partner.yaml as a Partner: every word read, or refused by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from edi_engine.finding import Finding, Severity
from edi_engine.orders.order import Party
from edi_engine.partners.example import read_examples
from edi_engine.partners.form import Form, whole_file
from edi_engine.partners.partner import Fulfilment, Partner
from edi_engine.partners.read_connections import NAME
from edi_engine.partners.read_envelope import read_envelope, read_identity
from edi_engine.partners.read_expect import read_expect
from edi_engine.partners.read_guides import read_guides
from edi_engine.partners.read_maps import WRITTEN, read_maps
from edi_engine.partners.read_policy import read_clocks, read_policy, read_rules
from edi_engine.partners.read_reception import read_reception
from edi_engine.partners.read_tables import read_tables
from edi_engine.partners.shelf import Shelf
from edi_engine.text.yaml import Mapping as Block
from edi_engine.x12.dictionary import Dictionary

STATUSES: Final = ("draft", "test", "live")
_STATUSES_TO_COME: Final = ("parallel", "retired")
WORDS: Final = (
    "name",
    "status",
    "identity",
    "envelope",
    "guide",
    "maps",
    "tables",
    "rules",
    "policy",
    "clocks",
    "expect",
    "connection",
    "parties",
    "examples",
)
"""The words at the top of a partner file."""
TO_COME: Final = ("from", "extends", "group", "contacts", "calendar")
OUR_PARTIES: Final = ("ship_from", "remit_to", "vendor", "return_to")
_NOT_WORDS: Final = frozenset({"role", "contacts", "references", "span"})
_PARTY_WORDS: Final = tuple(field.name for field in fields(Party) if field.name not in _NOT_WORDS)


def read_partner(name: str, path: str, shelf: Shelf, dictionary: Dictionary) -> Partner | None:
    """Read the partner whose folder is `name`; what is wrong is added to the shelf's problems.

    Gives None where so much is wrong that no Partner can be made of it; the caller refuses the files anyway.
    """
    node = shelf.yaml(path)
    if node is None:
        return None
    file = whole_file(node, "a partner file", shelf.problems)
    if file is None:
        return None
    if not NAME.fullmatch(name):
        message = f"the folder name {name} may hold only small letters, digits, - and _"
        file.complain("partner.value.name", file.mark, message)
    file.only(WORDS, unbuilt=TO_COME)
    identity = read_identity(file)
    envelope = read_envelope(file, dictionary.group, dictionary.versions())
    title, (status, tests) = file.text("name", name, needed=True), _status(file)
    guides = read_guides(file, envelope, dictionary)
    tables = read_tables(file, name, shelf)
    maps = read_maps(file, name, envelope, shelf, tables.by_name, dictionary)
    agreed = read_policy(file)
    policy, clocks = read_rules(file, agreed.policy), read_clocks(file)
    parties, examples = _parties(file), read_examples(file, name, shelf)
    _warn_of_live_fulfilment(file, status, agreed.fulfilment)
    if identity is None or envelope is None:
        return None
    return Partner(
        name=name,
        title=title,
        status=status,
        tests=tests,
        expect=read_expect(file, clocks.zone, maps, tables.holidays, dictionary),
        identity=identity,
        envelope=envelope,
        guides=guides,
        maps=maps,
        tables=tables.by_name,
        policy=policy,
        clocks=clocks,
        fulfilment=agreed.fulfilment,
        connection=file.text("connection") or None,
        source=path,
        examples=examples,
        parties=parties,
        items=tables.items,
        ship_tos=tables.ship_tos,
        stores=tables.stores,
        routes=tables.routes,
        unlisted=tables.unlisted,
        reception=read_reception(file),
    )


def _status(file: Form) -> tuple[str, frozenset[str]]:
    """Read the status, and the sets that go only as tests although all else is live."""
    if not isinstance(file.node("status"), Block):
        return file.choice("status", STATUSES, "draft", unbuilt=_STATUSES_TO_COME), frozenset()
    form = file.form("status")
    if form is None:
        return "draft", frozenset()
    form.only(("all", *WRITTEN))
    form.text("all", needed=True)
    status = form.choice("all", STATUSES, "draft", unbuilt=_STATUSES_TO_COME)
    own = {set_id: form.choice(set_id, ("live", "test"), status) for set_id in WRITTEN if form.has(set_id)}
    for set_id, said in own.items():
        if said == "live" and status != "live":
            message = f"{form.named(set_id)} cannot be live while all is {status}: what answers a test is a test"
            form.complain("partner.value.choice", form.mark_of(set_id), message)
    return status, frozenset(set_id for set_id, said in own.items() if said == "test")


def _parties(file: Form) -> Mapping[str, Mapping[str, str]]:
    """Read our own parties: the addresses that we put on documents."""
    form = file.form("parties")
    if form is None:
        return {}
    form.only(OUR_PARTIES)
    found: dict[str, Mapping[str, str]] = {}
    for role in OUR_PARTIES:
        party = form.form(role)
        if party is None:
            continue
        party.only(_PARTY_WORDS)
        found[role] = {word: party.text(word) for word in _PARTY_WORDS if party.text(word)}
        if party.has("id") != party.has("id_type"):
            message = f"{party.place} has one of id and id_type; X12 wants both or none"
            party.complain("partner.value.missing", party.mark, message)
    return found


def _warn_of_live_fulfilment(file: Form, status: str, fulfilment: Fulfilment) -> None:
    if fulfilment.mode == "auto" and status == "live" and not fulfilment.auto_live:
        message = "fulfilment auto ships what was acknowledged without anybody; live orders are not shipped this way"
        where = file.mark_of("policy").position
        fix = (
            "let shipments come from people or the ERP, or allow it in a sentence: fulfilment: {mode: auto, live: ...}"
        )
        file.problems.append(Finding("partner.fulfilment.live", Severity.WARNING, message, where, fix=fix))
