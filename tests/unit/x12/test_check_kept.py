"""Checkers are kept as long as their dictionary, and no longer: a process that reads many must not grow."""

import gc
import weakref

from edi_engine.resources import shipped
from edi_engine.x12.check import checker
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.guide import Guide

ROOT = shipped("mappings") / "x12"
CACHE = {}


def standard():
    return Dictionary(lambda name: (ROOT / name).read_text("utf-8") if (ROOT / name).is_file() else None)


def test_the_same_checker_is_made_once():
    dictionary, guide = standard(), Guide("850", ())
    assert checker(dictionary, "004010", "850", guide, None, CACHE) is checker(
        dictionary, "004010", "850", guide, None, CACHE
    )


def test_they_go_with_their_dictionary():
    dictionary = standard()
    check = weakref.ref(checker(dictionary, "004010", "850", None, None, CACHE))
    del dictionary
    gc.collect()
    assert check() is None


def test_those_of_guides_that_are_read_again_and_again_are_bounded():
    dictionary = standard()
    checks = [weakref.ref(checker(dictionary, "004010", "850", Guide("850", ()), None, CACHE)) for _ in range(600)]
    gc.collect()
    assert sum(check() is not None for check in checks) <= 256
