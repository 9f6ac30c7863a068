"""Tables are text with lines, and ragged ones are refused."""

import pytest

from edi_engine.errors import ConfigurationError
from edi_engine.text.csv import Row, Sheet, look_at_csv, read_csv


def problems(text: str) -> list[tuple[str, int | None]]:
    with pytest.raises(ConfigurationError) as caught:
        read_csv(text, "t.csv")
    return [(finding.code, finding.where.line_no) for finding in caught.value.findings]


def test_rows_are_text_with_their_lines():
    sheet = read_csv(
        '\ufefftheirs,ours,name\r\n0012, A-1 ,"Bolt, M8"\r\n\r\n0013,A-2,"two\nlines"\r\n0014,A-3,\r\n', "t.csv"
    )
    assert sheet == Sheet(
        ("theirs", "ours", "name"),
        (
            Row({"theirs": "0012", "ours": "A-1", "name": "Bolt, M8"}, 2),
            Row({"theirs": "0013", "ours": "A-2", "name": "two\nlines"}, 4),
            Row({"theirs": "0014", "ours": "A-3", "name": ""}, 6),
        ),
        "t.csv",
    )


def test_every_ragged_row_is_reported():
    assert problems("a,b\n1\n1,2\n1,2,3\n") == [("partner.file.row", 2), ("partner.file.row", 4)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a,a\n", [("partner.file.heading", 1)]),
        ("a,,c\n", [("partner.file.heading", 1)]),
        ("", [("partner.file.heading", 1)]),
        ("\n\n", [("partner.file.heading", 1)]),
        ('a,b\n1,"2\n', [("partner.file.syntax", 2)]),
        ('a,b\n1,"2"x\n', [("partner.file.syntax", 2)]),
    ],
)
def test_faults_of_the_whole_table(text, found):
    assert problems(text) == found


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_a_table_cut_by_another_mark_is_one_fault(mark: str, name: str):
    text = "theirs,ours,price\n0012,A-1,7.20\n0013,A-2,1.15\n".replace(",", mark)
    with pytest.raises(ConfigurationError, match=name) as caught:
        read_csv(text, "t.csv")
    assert [(finding.code, finding.where.line_no) for finding in caught.value.findings] == [("partner.file.heading", 1)]


def test_sound_rows_are_given_beside_the_problems_of_the_others():
    sheet, told = look_at_csv('a,b\n1\n1,2\n3,"4\n5,6\n', "t.csv")
    assert sheet is not None
    assert [row.line for row in sheet.rows] == [3]
    assert [(one.code, one.where.line_no) for one in told] == [("partner.file.syntax", 4), ("partner.file.row", 2)]
    assert "a quote is opened here and never closed" in told[0].message


def test_a_wrong_heading_gives_no_table():
    assert look_at_csv("a,a\n1,2\n", "t.csv")[0] is None
