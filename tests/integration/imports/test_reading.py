"""Files as people have them: of other spreadsheets, broken, empty, huge."""

import pytest

from checkout.imports.operations import Unreadable, read_csv, reading

HEAD = "code,type,name,currency,prices"


@pytest.mark.parametrize("mark", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_a_file_of_any_spreadsheet_is_read_with_its_line_numbers(mark):
    text = '\ufeffCode,type,Name ,currency,prices\r\n\r\na,plan,"Two\nlines",EUR,3 month\r\n,,,,\r\nb,plan,B,EUR,\r\n'
    assert read_csv(text.replace(",", mark).encode(), kind="products") == [
        (3, {"code": "a", "type": "plan", "name": "Two\nlines", "currency": "EUR", "prices": "3 month"}),
        (6, {"code": "b", "type": "plan", "name": "B", "currency": "EUR", "prices": ""}),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The columns code, type, name, currency, prices are missing."),
        (HEAD.encode(), "The file has no rows."),
        (b"code,type,name,currency\n1,2,3,4", "The column prices is missing."),
        (f"{HEAD},colour\n".encode(), "There is no column colour."),
        (f"{HEAD},\n".encode(), "There is no column (no name)."),
        (f"{HEAD},code\n".encode(), "These columns stand there twice: code."),
        (f"{HEAD},,\n".encode(), "These columns stand there twice: (no name)."),
        (f"{HEAD}\na,plan,Caf\xe9,EUR,3 month".encode("latin-1"), "The file is not UTF-8. Save it as “CSV UTF-8”."),
        (f"{HEAD}\na,plan,\0,EUR,3 month".encode(), "The file is no text."),
        (f'{HEAD}\na,plan,"open,EUR,3 month'.encode(), "Line 2 cannot be read: unexpected end of data."),
    ],
)  # fmt: skip
def test_a_file_of_which_nothing_can_be_used_says_why(content, sentence):
    with pytest.raises(Unreadable) as refused:
        read_csv(content, kind="products")
    assert str(refused.value) == sentence


def test_a_file_that_is_too_large_is_to_be_split(monkeypatch):
    monkeypatch.setattr(reading, "MOST_ROWS", 1)
    monkeypatch.setattr(reading, "LARGEST_FILE", 100)
    with pytest.raises(Unreadable, match=r"^The file has 2 rows; at most 1 go into one\. Split it\.$"):
        read_csv(f"{HEAD}\na,,,,\nb,,,,".encode(), kind="products")
    with pytest.raises(Unreadable, match=r"^The file is larger than 20 MB\. Split it\.$"):
        read_csv(b" " * 101, kind="products")


def test_values_beyond_the_last_column_are_kept_to_be_refused():
    assert read_csv(f"{HEAD}\na,b,c,d,e,,f".encode(), kind="products")[0][1]["…"] == "f"


def test_an_apostrophe_that_kept_a_text_from_running_is_not_part_of_it():
    """The refused rows come back as they were."""
    (line,) = read_csv(f"{HEAD}\n'=a,'+b,'-c,'@d,'e".encode(), kind="products")
    assert list(line[1].values()) == ["=a", "+b", "-c", "@d", "'e"]
