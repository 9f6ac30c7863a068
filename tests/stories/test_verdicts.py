"""Each story judged by the pure floors alone: the check, the map and the rules, without a store or a folder."""

from __future__ import annotations

from functools import cache

import pytest

from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.mapping.read import read
from edi_engine.orders.decide import decide
from edi_engine.orders.facts import EarlierOrder
from edi_engine.partners.condition import evaluate
from edi_engine.partners.edition import load_edition
from edi_engine.partners.facts import gather
from edi_engine.resources import shipped
from edi_engine.x12.acknowledge import SetVerdict
from edi_engine.x12.check import checker
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.reader import outline
from edi_engine.x12.tree import parse

WORDS = {"AD": "accepted", "AC": "changed", "RD": "rejected"}
GROUPS = {frozenset("A"): "A", frozenset("R"): "R", frozenset("E"): "E", frozenset("AR"): "P"}


@cache
def standard():
    folder = shipped("mappings") / "x12"

    def text_of(name):
        path = folder / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    return Dictionary(text_of)


@cache
def edition():
    files = {
        f"{name}/{path.relative_to(shipped(name)).as_posix()}": path.read_bytes()
        for name in ("partners", "mappings")
        for path in shipped(name).rglob("*")
        if path.suffix in {".yaml", ".csv", ".edi", ".json"}
    }
    return load_edition(files, standard())


def judged(story):
    """Give AK901 of each group, BAK02 of each set (none where it waits), the kinds of cases, and each order's lines."""
    groups, answers, kinds, lines, booked = [], [], set(), {}, {}
    for interchange in outline(story.received).interchanges:
        addresses = interchange.sender_qualifier, interchange.sender
        partner, _ = edition().partner_for(*addresses, interchange.receiver_qualifier, interchange.receiver)
        assert partner.name == story.partner
        for group in interchange.groups:
            codes = []
            for found in group.sets:
                code, number, decision, findings = one_set(story, partner, interchange, group, found, booked)
                codes.append(code)
                kinds |= {finding.kind for finding in findings if finding.severity >= Severity.HOLD}
                answer = decision.answer.answer if decision is not None and decision.answer is not None else None
                answers.append(next((said for said, word in WORDS.items() if word == answer), "none"))
                lines.setdefault(number, statuses(decision, code))
            groups.append(GROUPS[frozenset(codes)])
    return tuple(groups), tuple(answers), kinds, lines


def one_set(story, partner, interchange, group, found, booked):
    text = story.received[found.start : found.end].decode("ascii")
    version, mapping = group.version[:6], partner.maps["850"][0].map
    check = checker(standard(), version, "850", partner.guides["850"], mapping.places(version), {})
    findings = check.check(text, found, interchange.delimiters, Position())
    code = SetVerdict(found, findings).code
    tree = parse(text, interchange.delimiters, standard().set(version, "850"), found)
    order = read(mapping, tree, interchange.delimiters, version, partner.tables, Position()).order
    if stops(findings):
        return code, order.po_number, None, findings
    earlier = EarlierOrder(booked[order.po_number], story.today, "ANSWERED") if order.po_number in booked else None
    booked.setdefault(order.po_number, order)
    facts = gather(order, partner, story.today, earlier, live=not story.test)
    holds = tuple(
        Finding("order.hold.rule", Severity.HOLD, rule.reason)
        for rule in partner.policy.holds
        if evaluate(rule, order, facts)
    )
    decision = decide(order, facts, partner.policy, (), extra=holds)
    return code, order.po_number, decision, decision.all_findings()


def statuses(decision, code):
    if decision is None:
        return "refused" if code == "R" else "held"
    return tuple(line.answers[0].status if line.answers else "held" for line in decision.lines)


@pytest.mark.stories
def test_verdicts_are_those_of_the_story(story):
    groups, answers, kinds, lines = judged(story)
    assert groups == story.acknowledged
    assert answers == story.answered
    assert kinds == set(story.cases)
    for number, wanted in story.lines.items():
        assert lines[number] in {wanted, *(wanted if len(set(wanted)) == 1 else ())}


def test_the_shipped_partner_files_load_without_a_remark():
    assert edition().findings == ()
    assert set(edition().partners) == {"bluebird"}
