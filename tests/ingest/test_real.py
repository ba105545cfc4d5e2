"""Real files, where they are at hand: row counts against independent pandas code."""

from pathlib import Path

import pandas as pd
import pytest
from ingest.books import Book

DATA = Path(__file__).parents[3] / "shared" / "data"
RETAIL = DATA / "online_retail_II_2009-2010.parquet"


def needs(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"the real data is not here: ../shared/data/{path.name}")
    return path


def test_online_retail(book: Book) -> None:
    path = needs(RETAIL)
    mapping = """
    [file]
    where = { column = "Customer ID", known = true }
    timezone = "Europe/London"
    time = "InvoiceDate"
    [contact]
    user_id = "Customer ID"
    [contact.traits]
    country = "Country"
    [[event]]
    name = "Order Completed"
    where = { column = "Invoice", not_starts_with = "C" }
    [event.properties]
    revenue = { multiply = ["Quantity", "Price"], currency = "GBP" }
    article = "StockCode"
    [[event]]
    name = "Order Cancelled"
    where = { column = "Invoice", starts_with = "C" }
    """
    report = book.load_file(path, mapping)
    frame = pd.read_parquet(path)
    known = frame[frame["Customer ID"].notna()]
    cancelled = known["Invoice"].str.startswith("C")
    assert report.rows == len(frame) and report.left_out == len(frame) - len(known)
    assert not report.refused and not report.wrong
    assert report.new_contacts == known["Customer ID"].nunique()
    assert book.rows("SELECT count(*) FROM event_order_cancelled") == [(int(cancelled.sum()),)]
    bought = known[~cancelled]
    pence = (bought["Quantity"] * (bought["Price"] * 1000).round().astype("int64")).sum()
    assert book.rows("SELECT count(*), (sum(revenue) * 1000)::BIGINT FROM event_order_completed"
                     ) == [(len(bought), int(pence))]  # fmt: skip
    first = pd.Timestamp(bought["InvoiceDate"].min(), tz="Europe/London").value // 1_000_000
    assert book.rows("SELECT min(ts) FROM event_order_completed") == [(first,)]


def test_maven_crm(book: Book) -> None:
    accounts = needs(DATA / "maventech_accounts.csv")
    pipeline = needs(DATA / "maventech_sales_pipeline.csv")
    accounts_map = """
    [account]
    id = "account"
    [account.traits]
    sector = { column = "sector", values = { technolgy = "technology" } }
    "*" = "*"
    """
    deals_map = """
    [account]
    id = "account"
    required = false
    [record]
    kind = "deal"
    id = "opportunity_id"
    [record.fields]
    product = { column = "product", values = { GTXPro = "GTX Pro" } }
    amount = { column = "close_value", currency = "USD" }
    "*" = "*"
    """
    assert book.load_file(accounts, accounts_map).new_accounts == 85
    report = book.load_file(pipeline, deals_map)
    frame = pd.read_csv(pipeline)
    assert report.facts["record:deal"] == len(frame) and report.new_accounts == 0
    assert report.types[("record:deal", "close_date")] == "date"
    assert book.rows("SELECT sum(amount)::BIGINT, count(account) FROM record_deal") == [
        (int(frame["close_value"].sum()), int(frame["account"].notna().sum()))
    ]
    assert book.rows("SELECT count(*) FROM record_deal WHERE product = 'GTX Pro'") == [
        (int((frame["product"] == "GTXPro").sum()),)
    ]
    assert book.rows("SELECT count(*) FROM accounts WHERE sector = 'technology'") == [
        (int((pd.read_csv(accounts)["sector"] == "technolgy").sum()),)
    ]


def test_cdnow(book: Book) -> None:
    path = needs(DATA / "CDNOW_master.txt")
    mapping = """
    [file]
    format = "whitespace"
    [contact]
    user_id = "customer_id"
    [event]
    name = "Order Completed"
    time = { column = "date", format = "%Y%m%d" }
    [event.properties]
    revenue = { column = "dollar_value", currency = "USD" }
    """
    report = book.load_file(path, mapping)
    assert report.facts == {"event": 69_659} and report.new_contacts == 23_570
    assert set(book.contacts()) >= {"user:00001", "user:23570"}
