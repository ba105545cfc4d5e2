"""Ids as they come in files."""

from ingest.books import Book


def test_a_whole_number_written_as_a_float_is_the_same_id(book: Book) -> None:
    """A data frame writes a column of ids with gaps as 13085.0; a version like 1.10 stays."""
    text = "id;name\n13085.0;ann\n13085;ann\n1.10;bob\nA.0;cy\n"
    book.load("a.csv", text, '[contact]\nuser_id = "id"\n[contact.traits]\nname = "name"\n')
    assert set(book.contacts("name")) == {"user:13085", "user:1.10", "user:A.0"}
