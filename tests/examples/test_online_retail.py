"""examples/online-retail against pandas: every segment's members, at the README's moment, in the
middle of the year, and at the edges of windows, sums and ranks."""

import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from examples.shops import DATA, follow, told_sizes

from lettershop import Workspace
from lettershop.app import Segment

FILE = "online_retail_II_2009-2010.parquet"
END = pd.Timestamp("2010-12-10", tz="UTC")
DAY = pd.Timedelta(days=1)
INSTANT = pd.Timedelta(milliseconds=1)
SEPTEMBER = pd.Timestamp("2010-09-01", tz="UTC")
MICRO = 1_000_000


class Lines:
    """Rows that name a customer, up to a moment: all, ordered, cancelled."""

    def __init__(self, rows: pd.DataFrame, as_of: pd.Timestamp) -> None:
        self.as_of = as_of
        self.all = rows[rows["t"] <= as_of]
        self.ordered = self.all[~self.all["is_cancelled"] & (self.all["Quantity"] > 0)]
        self.cancelled = self.all[self.all["is_cancelled"]]
        self.everyone = set(self.all["who"])
        self.last = self.ordered.groupby("who")["t"].max()

    def ordered_in(self, days: int) -> pd.DataFrame:
        return self.ordered[self.ordered["t"] > self.as_of - days * DAY]

    def cancelled_in(self, days: int) -> pd.DataFrame:
        return self.cancelled[self.cancelled["t"] > self.as_of - days * DAY]

    def ordered_in_year(self) -> pd.DataFrame:
        return self.ordered[self.ordered["t"] > self.as_of - pd.DateOffset(years=1)]


def read() -> pd.DataFrame:
    rows = pd.read_parquet(DATA / FILE)
    rows = rows[rows["Customer ID"].notna()].copy()
    rows["who"] = rows["Customer ID"].astype("int64").astype(str)
    local = pd.to_datetime(rows["InvoiceDate"])
    rows["t"] = local.dt.tz_localize("Europe/London").dt.tz_convert("UTC")
    rows["sku"] = rows["StockCode"].str.strip().str.lower()
    rows["is_cancelled"] = rows["Invoice"].str.startswith("C")
    rows["is_article"] = rows["StockCode"].str.contains(r"^[0-9]{5}")
    rows["revenue"] = rows["Quantity"] * (rows["Price"] * MICRO).round().astype("int64")
    return rows


def where(series: pd.Series) -> set[str]:
    """The index of what is true."""
    return set(series.index[series])


def reorders(x: Lines) -> set[str]:
    articles = x.ordered_in(90).query("is_article")
    return set((articles.groupby(["who", "sku"]).size() >= 4).loc[lambda s: s].reset_index()["who"])


def quarter(x: Lines) -> set[str]:
    return where(x.ordered_in(90).groupby("who")["revenue"].sum() >= 5000 * MICRO)


def quarter_kept(x: Lines) -> set[str]:
    both = pd.concat([x.ordered_in(90), x.cancelled_in(90)])
    return where(both.groupby("who")["revenue"].sum() >= 5000 * MICRO)


def wholesale(x: Lines) -> set[str]:
    return where(x.ordered_in(180).query("Quantity >= 144").groupby("who").size() >= 5)


def best_tenth(x: Lines) -> set[str]:
    revenue = x.ordered_in_year().groupby("who")["revenue"].sum()
    return where(revenue >= revenue.nlargest(math.ceil(len(revenue) / 10)).iloc[-1])


def wide_range(x: Lines) -> set[str]:
    articles = x.ordered_in_year().query("is_article")
    return where(articles.groupby("who")["sku"].nunique() >= 100)


def christmas(x: Lines) -> set[str]:
    season = x.ordered[(x.ordered["t"] >= SEPTEMBER) & (x.ordered["t"] < END)]
    return set(season[season["Description"].str.lower().str.contains("christmas")]["who"])


def abroad(x: Lines) -> set[str]:
    country = x.all.sort_values("t", kind="stable").groupby("who")["Country"].last()
    return where(~country.isin(["United Kingdom", "Unspecified"]))


def lapsed(x: Lines) -> set[str]:
    return where(x.last <= x.as_of - 60 * DAY)


def second_thoughts(x: Lines) -> set[str]:
    ordered = x.ordered_in(90)[["who", "t"]].drop_duplicates()
    pairs = ordered.merge(x.cancelled[["who", "t"]].drop_duplicates(), on="who")
    gap = pairs["t_y"] - pairs["t_x"]
    return set(pairs[(gap > pd.Timedelta(0)) & (gap <= 14 * DAY)]["who"])


def new(x: Lines) -> set[str]:
    return where(x.ordered.groupby("who")["t"].min() > x.as_of - 30 * DAY)


def regulars(x: Lines) -> set[str]:
    lines = x.ordered_in(180)
    return where(lines["t"].dt.floor("D").groupby(lines["who"]).nunique() >= 12)


def last_within(x: Lines, days: int) -> set[str]:
    return where(x.last >= x.as_of - days * DAY)


def never_or_long_ago(x: Lines) -> set[str]:
    return x.everyone - last_within(x, 180)


EXPECTED: dict[str, Callable[[Lines], set[str]]] = {
    "reorders-an-article": reorders,
    "quarter-above-5000": quarter,
    "quarter-kept-above-5000": quarter_kept,
    "wholesale-like": wholesale,
    "best-tenth": best_tenth,
    "wide-range": wide_range,
    "christmas-2010": christmas,
    "abroad": abroad,
    "lapsed-60": lapsed,
    "win-back": lambda x: best_tenth(x) & lapsed(x),
    "second-thoughts": second_thoughts,
    "new": new,
    "regulars": regulars,
    "fresh": lambda x: last_within(x, 30),
    "warm": lambda x: last_within(x, 90) - last_within(x, 30),
    "cooling": lambda x: last_within(x, 180) - last_within(x, 90),
    "gone": never_or_long_ago,
}


def members(segment: Segment) -> set[str]:
    return {row["user_id"] for row in segment.members()}


def asked(shop: Workspace, text: str, as_of: pd.Timestamp) -> set[str]:
    return members(shop.count(text, as_of=ms(as_of)))


def ms(moment: pd.Timestamp) -> int:
    return moment.value // 1_000_000


def test_online_retail(tmp_path: Path) -> None:
    workspace = follow("online-retail", tmp_path, FILE)
    rows = read()
    with Workspace.open(workspace, environ={}) as shop:
        at_end = compare(shop, rows, END)
        assert at_end == told_sizes("online-retail")
        busiest = pd.Timestamp("2010-08-26T11:30", tz="UTC")
        compare(shop, rows, busiest)
        whole = Lines(rows, END)
        window_edges(shop, rows, whole.last)
        sum_edges(shop, whole)
        rank_ties(shop, whole)


def compare(shop: Workspace, rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, int]:
    """All segments hold exactly whom pandas finds; their sizes."""
    lines = Lines(rows, as_of)
    segments = shop.segments(ms(as_of))
    expected = {name: members_of(lines) for name, members_of in EXPECTED.items()}
    found = {segment.name: members(segment) for segment in segments}
    assert [*found] == [*expected]
    assert {name for name in found if found[name] != expected[name]} == set()
    assert {segment.universe for segment in segments} == {len(lines.everyone)}
    recency = [segment for segment in segments if segment.partition == "recency"]
    assert sum(segment.size for segment in recency) == len(lines.everyone)
    return {segment.name: segment.size for segment in segments}


def window_edges(shop: Workspace, rows: pd.DataFrame, last: pd.Series) -> None:
    """Somebody whose last order was at t is within the last 60 days until t + 60 days, exactly."""
    moment = last[last < END - 70 * DAY].max() + 60 * DAY
    leaving = where(last + 60 * DAY == moment)
    text = 'did not "Product Ordered" within last 60 days'
    before, after = asked(shop, text, moment - INSTANT), asked(shop, text, moment)
    assert leaving
    assert leaving & before == set()
    assert leaving <= after
    for as_of, found in ((moment - INSTANT, before), (moment, after)):
        x = Lines(rows, as_of)
        assert found == x.everyone - set(x.ordered_in(60)["who"])


def sum_edges(shop: Workspace, x: Lines) -> None:
    """A sum equal to the threshold reaches it and does not exceed it, to the millionth."""
    revenue = x.ordered_in(90).groupby("who")["revenue"].sum().sort_values()
    edge = int(revenue.iloc[len(revenue) // 2])
    amount = f"{edge // MICRO}.{edge % MICRO:06d}"
    text = 'sum of revenue over "Product Ordered" within last 90 days'
    reach, exceed = asked(shop, f"{text} >= {amount}", END), asked(shop, f"{text} > {amount}", END)
    assert reach == where(revenue >= edge)
    assert exceed == where(revenue > edge)
    assert reach > exceed


def rank_ties(shop: Workspace, x: Lines) -> None:
    """All who share the last place of the top are in."""
    articles = x.ordered_in(30).query("is_article").groupby("who")["sku"].nunique()
    ranked = articles.sort_values(ascending=False)
    n = next(n for n in range(20, len(ranked)) if ranked.iloc[n - 1] == ranked.iloc[n])
    text = f"""among top {n} by count of different sku over "Product Ordered"
      within last 30 days where sku matches /^[0-9]{{5}}/"""
    found = asked(shop, text, END)
    assert found == where(articles >= ranked.iloc[n - 1])
    assert n < len(found) < len(articles)
