"""Online Retail II (Chen, UCI Machine Learning Repository, CC BY 4.0) as interactions.

Customers are accounts, stock codes items; invoices that start with C are cancellations, that is
returns. Lines without a customer, and codes that are no goods (postage, discounts, tests: goods
start with five digits), are left out.
"""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from lettershop.content.audience import Audience
from lettershop.content.recommend.interactions import BOUGHT, RETURNED, Interactions
from lettershop.model.clock import to_ms
from lettershop.planning.frame import Bits, Ids, Ints

NAME = "online_retail_II_2009-2010.parquet"
GOODS = r"^\d{5}"


class Goods(NamedTuple):
    ids: list[str]
    tags: list[list[str]]
    published_at: Ints
    available: Bits


class Retail(NamedTuple):
    """`countries`: (accounts,) of each customer."""

    rows: Interactions
    items: Goods
    countries: np.ndarray[tuple[int], np.dtype[np.object_]]


def read_retail(file: Path) -> Retail:
    code, customer = pl.col("StockCode").str.strip_chars().str.to_uppercase(), pl.col("Customer ID")
    lines = (
        pl.read_parquet(file)
        .with_columns(code=code, at=pl.col("InvoiceDate").str.to_datetime(time_unit="ms"))
        .filter(customer.is_not_null(), pl.col("code").str.contains(GOODS), pl.col("Quantity") != 0)
    )
    accounts, account = _numbered(lines["Customer ID"])
    ids, item = _numbered(lines["code"])
    _, event = _numbered(lines["Invoice"])
    markets, market = _numbered(lines["Country"].str.to_lowercase())
    back = lines["Invoice"].str.starts_with("C").to_numpy() | (lines["Quantity"].to_numpy() < 0)
    countries = np.empty(len(accounts), object)
    countries[account] = [markets[number] for number in market]
    rows = Interactions(
        contact=np.full(len(account), -1, np.int32),
        account=account,
        item=item,
        ts=lines["at"].dt.epoch("ms").to_numpy().astype(np.int64),
        quantity=np.abs(lines["Quantity"].to_numpy()).astype(np.float64),
        kind=np.where(back, RETURNED, BOUGHT).astype(np.int8),
        market=market,
        event=event.astype(np.int64),
        markets=tuple(markets),
    )
    none = np.zeros(len(ids), np.int64)
    goods = Goods(ids, [[] for _ in ids], none, np.ones(len(ids), np.bool_))
    return Retail(rows, goods, countries)


def everybody(accounts: Ids) -> Audience:
    """Those accounts, each with a contact who bought nothing alone."""
    return Audience(
        segment="customers",
        as_of=0,
        contacts=np.full(len(accounts), -1, np.int32),
        accounts=accounts,
        shown=np.zeros((len(accounts), 0), np.int8),
        matched={},
        defaults={},
    )


def instant(day: str) -> int:
    return to_ms(datetime.fromisoformat(day + "T00:00+00:00"))


def _numbered(values: pl.Series) -> tuple[list[str], Ids]:
    """The different values in order, and the number of each."""
    different = values.unique().sort()
    numbers = values.replace_strict(different, pl.int_range(len(different), eager=True))
    return [str(value) for value in different], numbers.to_numpy().astype(np.int32)
