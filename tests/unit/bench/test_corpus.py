"""The measured files are always the same, without a fault by our check and by pyx12's, or with one in each set."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import corpus
from bench.files import Files as Measured
from bench.files import Sizes, write, write_maps
from bench.jobs import check, files, parse, pyx12, split

SMALL = Sizes(orders=40, files=3, lines=60, peers=4)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    made = Measured(tmp_path_factory.mktemp("bench"))
    write(made, SMALL)
    write_maps(made.maps)
    return made


def test_the_same_orders_each_time():
    assert list(corpus.orders(3)) == list(corpus.orders(3))
    assert len(set(corpus.orders(3))) == 3


def test_the_lines_of_an_order():
    (order,) = corpus.orders(1, lines=7)
    assert order.count("~PO1*") == 7
    assert all(8 <= order.count("~PO1*") <= 12 for order in corpus.orders(50))


@pytest.mark.parametrize("name", ["big", "tenth", "small", "long", "shorter"])
def test_no_fault_by_our_check(measured, name):
    done = check(getattr(measured, name))()
    assert done.sets == {"big": 40, "tenth": 4, "small": 4}.get(name, 1)
    assert done.findings == 0


@pytest.mark.parametrize("name", ["small", "long"])
def test_no_fault_by_pyx12(measured, name):
    assert pyx12(getattr(measured, name))().sets > 0


def test_one_order_in_each_file(measured):
    assert files(measured.alone)() == (sum(path.stat().st_size for path in sorted(measured.alone.iterdir())[1:]), 2, 0)


def test_a_fault_in_every_set(measured):
    from edi_engine.x12.reader import outline

    data = measured.faulty.read_bytes()
    (interchange,) = outline(data).interchanges
    assert not any(one.findings for one in interchange.groups[0].sets), "the fault is within the set, not around it"
    for text in corpus.spoiled(corpus.orders(20)):
        lone = measured.folder / "lone.edi"
        corpus.write(lone, corpus.interchange(iter((text,))))
        assert check(lone)().findings > 0, text


def test_what_is_split_and_parsed_is_the_whole_file(measured):
    size = measured.big.stat().st_size
    assert split(measured.big)().size == parse(measured.big)().size == size


def test_the_measured_files_lie_apart_from_the_project():
    root = Path(__file__).parents[3]
    assert "/bench/.cache/" in (root / ".gitignore").read_text(encoding="utf-8").splitlines()
