"""Each story judged by the pure floors alone: the check, the map and the rules, without a store or a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache

import pytest

from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.flow.answer import map_for
from edi_engine.mapping.read import read
from edi_engine.mapping.write import write
from edi_engine.orders.decide import decide
from edi_engine.orders.decision import Answer, Decision, Ruling
from edi_engine.orders.facts import EarlierOrder, Facts
from edi_engine.orders.order import PurchaseOrder
from edi_engine.orders.prices import with_prices
from edi_engine.orders.purpose import consider
from edi_engine.partners.condition import describe_order, evaluate
from edi_engine.partners.edition import Edition, load_edition
from edi_engine.partners.facts import gather
from edi_engine.partners.partner import Partner
from edi_engine.resources import shipped
from edi_engine.x12.acknowledge import SetVerdict
from edi_engine.x12.check import checker
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.reader import outline
from edi_engine.x12.tree import parse
from edi_engine.x12.values import GroupOutline, InterchangeOutline, SetOutline
from tests.stories.story import Choosing, Incoming, Story

WORDS = {"accepted": "AD", "changed": "AC", "rejected": "RD"}
GROUPS = {frozenset("A"): "A", frozenset("R"): "R", frozenset("E"): "E", frozenset("AE"): "E"}
Identity = tuple[bool, str, str]


@cache
def standard() -> Dictionary:
    folder = shipped("mappings") / "x12"

    def text_of(name: str) -> str | None:
        path = folder / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return Dictionary(text_of)


@cache
def edition() -> Edition:
    files = {
        f"{name}/{path.relative_to(shipped(name)).as_posix()}": path.read_bytes()
        for name in ("partners", "mappings")
        for path in shipped(name).rglob("*")
        if path.suffix in {".yaml", ".csv", ".edi", ".json"}
    }
    return load_edition(files, standard())


@dataclass
class Booked:
    """An order as the rules know it, and where its answer stands in the story."""

    order: PurchaseOrder
    facts: Facts
    partner: Partner
    day: date
    place: int
    rulings: tuple[Ruling, ...] = ()
    cancelled: bool = False

    @property
    def decision(self) -> Decision:
        known = describe_order(with_prices(self.order, self.facts.items, self.partner.policy), self.facts)
        holds = tuple(
            Finding("order.hold.rule", Severity.HOLD, rule.reason)
            for rule in self.partner.policy.holds
            if evaluate(rule, known)
        )
        return decide(self.order, self.facts, self.partner.policy, self.rulings, extra=holds)

    @property
    def state(self) -> str:
        if self.cancelled:
            return "CANCELLED"
        if self.decision.held or self.decision.answer is None:
            return "HELD"
        return "SHIPPED" if self.partner.fulfilment.mode == "auto" else "ANSWERED"


@dataclass
class Judged:
    """What came of a story: AK901 of each group, BAK02 of each set, the kinds of the cases, the booked orders."""

    groups: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    booked: dict[Identity, Booked] = field(default_factory=dict)
    lines: dict[str, tuple[str, ...] | str] = field(default_factory=dict)
    interchanges: dict[tuple[str, str, str], bytes] = field(default_factory=dict)

    def file(self, story: Story, file: Incoming) -> None:
        for interchange in outline(file.data).interchanges:
            data = file.data[interchange.start : interchange.end]
            name = interchange.sender, interchange.receiver, interchange.control
            addresses = interchange.sender_qualifier, interchange.sender
            found = edition().partner_for(*addresses, interchange.receiver_qualifier, interchange.receiver)
            first = self.interchanges.get(name)
            if found is None or stops(interchange.findings) or first is not None:
                self.left_out(interchange, stranger=found is None, conflict=first not in {None, data})
                continue
            self.interchanges[name] = data
            partner, test_address = found
            live = not (test_address or interchange.usage in {"T", "I"})
            for group in interchange.groups:
                self.group(story, file, partner, interchange, group, live=live)

    def left_out(self, interchange: InterchangeOutline, *, stranger: bool, conflict: bool) -> None:
        self.kinds |= {finding.kind for finding in interchange.findings if finding.severity >= Severity.HOLD}
        self.kinds |= {"envelope.unknown-partner"} if stranger else {"envelope.conflict"} if conflict else set()
        for group in interchange.groups:
            self.groups.append("none")
            self.answers += ["none"] * (len(group.sets) if group.kind == "PO" else 0)

    def group(
        self,
        story: Story,
        file: Incoming,
        partner: Partner,
        interchange: InterchangeOutline,
        group: GroupOutline,
        *,
        live: bool,
    ) -> None:
        if group.kind != "PO":
            self.groups.append("none" if group.kind == "FA" else "A")
            return
        codes = {self.one_set(story, file, partner, interchange, group, one, live=live) for one in group.sets}
        self.groups.append(GROUPS.get(frozenset(codes), "P"))

    def one_set(
        self,
        story: Story,
        file: Incoming,
        partner: Partner,
        interchange: InterchangeOutline,
        group: GroupOutline,
        found: SetOutline,
        *,
        live: bool,
    ) -> str:
        text, place = file.data[found.start : found.end].decode("latin-1"), len(self.answers)
        self.answers.append("none")
        version, mapping = standard().resolve(group.version) or "", partner.maps["850"][0].map
        check = checker(standard(), version, "850", partner.guides.get("850"), mapping.places(version), {})
        findings = check.check(text, found, interchange.delimiters, Position())
        findings = (*found.findings, *findings)
        code = SetVerdict(found, findings).code
        tree = parse(text, interchange.delimiters, standard().set(version, "850"), found)
        order = read(mapping, tree, interchange.delimiters, version, partner.tables, Position()).order
        name = "" if order is None else named(story, (live, order.po_number, order.release or ""))
        if order is None or stops(findings):
            self.kinds |= {finding.kind for finding in findings if finding.severity >= Severity.HOLD}
            self.lines.setdefault(name, "refused" if code == "R" else "held")
            return code
        self.order(order, partner, file.day, place, name, live=live)
        return code

    def order(self, order: PurchaseOrder, partner: Partner, day: date, place: int, name: str, *, live: bool) -> None:
        identity = live, order.po_number, order.release or ""
        known = self.booked.get(identity)
        earlier = None if known is None else EarlierOrder(known.order, known.day, known.state)
        asked = consider(order, earlier, partner.policy)
        if asked.action in {"book", "replace"}:
            facts = gather(asked.order, partner, day)
            self.booked[identity] = Booked(asked.order, facts, partner, day, place)
            self.lines.pop(name, None)
        elif asked.action == "cancel":
            assert known is not None
            known.cancelled = True
        elif asked.action == "hold":
            self.kinds |= {finding.kind for finding in asked.findings}

    def choose(self, chosen: Choosing) -> None:
        for booked in self.booked.values():
            found = [one for one in booked.decision.all_findings() if one.kind == chosen.case]
            if any(one.severity >= Severity.HOLD for one in found) and chosen.order in {None, booked.order.po_number}:
                booked.rulings += (Ruling(chosen.case, chosen.choice, chosen.line),)

    def close(self, story: Story) -> None:
        for identity, booked in self.booked.items():
            name = named(story, identity)
            if booked.cancelled:
                self.lines[name] = "cancelled"
                continue
            decision = booked.decision
            self.kinds |= {one.kind for one in decision.all_findings() if one.severity >= Severity.HOLD}
            unsaid = () if decision.answer is None else unsayable(booked, decision.answer)
            if unsaid:
                self.kinds |= {one.kind for one in unsaid}
                self.lines[name] = "held"
                continue
            if decision.answer is not None:
                self.answers[booked.place] = WORDS[decision.answer.answer]
            self.lines[name] = tuple(statuses(decision))


def unsayable(booked: Booked, answer: Answer) -> tuple[Finding, ...]:
    """Give what keeps the partner's map from putting an answer into its 855."""
    partner = booked.partner
    chosen = map_for(partner, "855", booked.order)
    assert chosen is not None
    version = standard().resolve(partner.envelope.sets["855"].version) or ""
    made = write(chosen, answer, partner.tables, standard(), version)
    return tuple(one for one in made.findings if one.severity >= Severity.HOLD)


def named(story: Story, identity: Identity) -> str:
    live, number, release = identity
    return number + (f"/{release}" if release else "") + ("" if live or story.test else " test")


def statuses(decision: Decision) -> Iterator[str]:
    answered = {line.line.position: line.status for line in decision.answer.lines} if decision.answer else {}
    for line in decision.lines:
        yield "held" if line.held else answered.get(line.position) or line.answers[0].status


@pytest.mark.stories
def test_verdicts_are_those_of_the_story(story: Story) -> None:
    judged = Judged()
    for file in story.files:
        judged.file(story, file)
        for chosen in (one for one in story.decided if one.after == file.number):
            judged.choose(chosen)
    judged.close(story)
    if "x12.together" in story.cases:  # each set is judged alone here: one of them would stand if it had come alone
        assert (tuple(judged.groups), story.acknowledged) == (("P",), ("R",))
        return
    assert tuple(judged.groups) == story.acknowledged
    assert tuple(judged.answers) == story.answered
    # What they say about our documents is matched in a store, which is not here.
    assert judged.kinds == {kind for kind in story.cases if not kind.startswith("ack.")}
    for number, wanted in story.lines.items():
        assert judged.lines[number] in {wanted, *(wanted if len(set(wanted)) == 1 else ())}


def test_the_shipped_partner_files_load_without_a_remark() -> None:
    assert edition().findings == ()
    assert set(edition().partners) == {path.parent.name for path in shipped("partners").glob("*/partner.yaml")}
