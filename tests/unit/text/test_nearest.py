"""The nearest word is what was probably meant."""

from edi_engine.text.nearest import nearest, nearest_or_all


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
