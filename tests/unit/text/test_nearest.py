"""The nearest word is what was probably meant."""

from edi_engine.text.nearest import nearest, nearest_choices, nearest_or_all


def test_a_slip_of_the_finger_is_understood():
    assert nearest("po_nubmer", ["order_date", "po_number", "release"]) == "po_number"
    assert nearest("BAK11", ["BAK01", "BAK02", "BAK03"]) == "BAK01"
    assert nearest("Accepted", ["rejected", "accepted"]) == "accepted"


def test_nothing_close_is_none():
    assert nearest("quantity", ["city"]) is None
    assert nearest("x", []) is None


def test_without_a_near_word_all_are_listed():
    assert nearest_or_all("elze", ["else", "from"]) == "nearest: else"
    assert nearest_or_all("zzz", ["else", "from"]) == "one of: else, from"
    assert nearest_or_all("zzz", [f"word{n}" for n in range(13)]).endswith(", word11, ...")
    assert nearest_or_all("zzz", []) == "nothing may stand here"


def test_choices_that_are_as_near_are_all_named():
    modes = ["by_set", "whole_group", "whole_interchange", "hold_group", "hold_interchange"]
    assert nearest_choices("by_group", modes) == "nearest: hold_group, whole_group"
    assert nearest_choices("by_sets", modes) == "nearest: by_set"
    assert nearest_choices("Whole_Grup", modes) == "nearest: whole_group"
    assert nearest_choices("zzz", modes).startswith("one of: by_set, ")
