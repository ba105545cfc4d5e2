"""Exchange rates: all of a file or none of it."""

import pytest
from ingest.books import Book

from lettershop.ingest.rates import import_rates
from lettershop.model.errors import InputError, NotFound

HEAD = "day,source,target,rate\n"


def test_rates(book: Book) -> None:
    rows = HEAD + "2024-01-01,usd,EUR,0.9\n2024-01-02,USD,EUR,0.91\n"
    assert import_rates(book.store, book.write("r.csv", rows)) == 2
    assert book.store.catalog().rates == (("USD", "EUR"),)


@pytest.mark.parametrize(
    "row",
    ["2024-02-30,USD,EUR,1", "2024-01-01,US,EUR,1", "2024-01-01,USD,EUR,0", "2024-01-01,USD,EUR,x",
     "2024-01-01,USD,EUR", "x"],
)  # fmt: skip
def test_bad_rates_name_their_line(book: Book, row: str) -> None:
    path = book.write("r.csv", HEAD + "2024-01-01,USD,EUR,0.9\n" + row + "\n")
    with pytest.raises(InputError) as caught:
        import_rates(book.store, path)
    assert caught.value.code == "rates.row" and caught.value.where.endswith(":3")
    assert book.store.catalog().rates == ()


def test_missing_columns_and_files(book: Book) -> None:
    with pytest.raises(InputError, match="no column “rate”"):
        import_rates(book.store, book.write("r.csv", "day,source,target\n"))
    with pytest.raises(NotFound):
        import_rates(book.store, book.folder / "none.csv")
