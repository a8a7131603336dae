"""Cells of one camera written into a ledger, every other byte left alone."""

import pytest

from cammon.calibration.ledgerfile import split, with_cells
from cammon.problem import UserError

TEXT = 'id,name,azimuth_deg\r\nA,"one, ""two""\r\nlines",10\r\nB,二,20\r\n'


@pytest.mark.parametrize(
    "text", [TEXT, "", "a", "a,b", "a,b\n\n,,\n", '"x\ny",1\r2,"" \n', 'a"b,"c""d"\n"', "a,\n"], ids=repr
)
def test_records_put_together_are_the_text(text):
    assert "".join(record.text(",") for record in split(text, ",")) == text


def test_quoted_line_ends_and_marks_stay_in_their_cell():
    assert [len(record.cells) for record in split(TEXT, ",")] == [3, 3, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_only_the_cell_changes(encoding, separator):
    text = f"id{separator}名称{separator}方位角(°)\r\nA{separator}一{separator}10\r\nB{separator}二{separator}20\r\n"
    written = with_cells(text.encode(encoding), "B", {"azimuth_deg": "33.50"})
    assert written == text.replace(f"二{separator}20", f"二{separator}33.50").encode(encoding)


def test_a_new_column_goes_to_the_right_of_every_row():
    written = with_cells(TEXT.encode(), "A", {"pose_grade": "calibrated"}).decode()
    expected = 'id,name,azimuth_deg,pose_grade\r\nA,"one, ""two""\r\nlines",10,calibrated\r\nB,二,20,\r\n'
    assert written == expected


def test_titles_above_the_header_stay():
    text = "一机一档,,\n编号,名称,方位角\nA,x,10\n\nB,y,20"
    written = with_cells(text.encode(), "B", {"azimuth_deg": "5", "tilt_deg": "1"}).decode()
    assert written == "一机一档,,\n编号,名称,方位角,tilt_deg\nA,x,10,\n\nB,y,5,1"


@pytest.mark.parametrize(
    "text", ["id,azimuth_deg\nA,1\nA,2\n", "id,azimuth_deg\nB,1\n", "name\nA\n"], ids=["twice", "none", "no id"]
)
def test_a_row_that_cannot_be_told_is_not_written(text):
    with pytest.raises(UserError):
        with_cells(text.encode(), "A", {"azimuth_deg": "1"})
