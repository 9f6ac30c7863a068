"""A file that is wrong in every line: so many problems are told, and that there may be more."""

from __future__ import annotations

import pytest

from edi_engine.errors import ConfigurationError
from edi_engine.mapping.load import load
from edi_engine.partners.edition import load_edition
from edi_engine.text.yaml import MOST_PROBLEMS, read_yaml
from edi_engine.x12.dictionary import Dictionary

NOTHING = Dictionary(lambda _: None)
WORDS = "".join(f"wrd{number}: 1\n" for number in range(MOST_PROBLEMS * 3))


def yaml_of_aliases():
    read_yaml("a: [" + "*x, " * MOST_PROBLEMS * 3 + "]", "a.yaml")


def partner_of_unknown_words():
    load_edition({"partners/acme/partner.yaml": WORDS}, NOTHING)


def map_of_unknown_words():
    load("mine", lambda _: (f"reads: 850 004010\n{WORDS}", "mappings/mine.yaml"), NOTHING)


@pytest.mark.parametrize("read", [yaml_of_aliases, partner_of_unknown_words, map_of_unknown_words])
def test_problems_are_bounded(read):
    with pytest.raises(ConfigurationError) as error:
        read()
    codes = [finding.code for finding in error.value.findings]
    assert codes.count("partner.file.problems") == 1
    assert MOST_PROBLEMS < len(codes) <= MOST_PROBLEMS + 2
