"""The reference of the language says what is there: its examples load, and each word of the code is in it."""

import re
from pathlib import Path

import pytest

from edi_engine.mapping.fields import LEVELS
from edi_engine.mapping.language import ON_MISSING, ROW_WORDS, TRANSFORMS
from edi_engine.orders.rulings import REASONS
from tests.fixtures.maps import load_text

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "mapping.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split("\n")[0])
def test_the_examples_load(example):
    assert load_text(example).tables == ()


@pytest.mark.parametrize("word", [*ROW_WORDS, *ON_MISSING, *TRANSFORMS, *LEVELS, "each", "omit"])
def test_every_word_is_told(word):
    assert re.search(rf"`{word}\b", PAGE)


@pytest.mark.parametrize("reason", sorted(set(REASONS.values())))
def test_every_reason_is_told(reason):
    assert f"`{reason}`" in PAGE
