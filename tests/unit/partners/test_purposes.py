"""The codes that policy: speaks of are the ones that the base map of the 850 reads, and the rules know each."""

from __future__ import annotations

import yaml

from edi_engine.orders.policy import PURPOSES
from edi_engine.partners.read_purposes import CHANGE, DUPLICATE, MEANT
from edi_engine.resources import shipped

ORDER = yaml.load((shipped("mappings") / "850-to-order.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)["order"]
CODES = ORDER["purpose"]["codes"]


def test_each_code_means_what_the_map_makes_of_it() -> None:
    assert {code: CODES[code] for code in MEANT} == MEANT
    assert {*DUPLICATE, *CHANGE} - {"same_number"} == set(MEANT)


def test_the_rules_have_a_manner_for_each_purpose_that_the_map_makes() -> None:
    assert set(CODES.values()) == set(PURPOSES)
