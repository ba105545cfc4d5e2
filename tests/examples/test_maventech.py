"""examples/maventech against pandas: every segment's accounts, at the end of the year and in its
middle, and at the edges of windows, sums and ranks."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from examples.shops import DATA, follow, told_sizes

from lettershop import Workspace
from lettershop.app import Segment

FILES = [f"maventech_{n}.csv" for n in ("accounts", "products", "sales_pipeline", "sales_teams")]
END = pd.Timestamp("2018-01-01")
SUMMER = pd.Timestamp("2017-08-10")


class Crm:
    """The accounts, and the deals of accounts as they stood at a moment."""

    def __init__(self, as_of: pd.Timestamp) -> None:
        self.as_of = as_of
        self.accounts = table("accounts").set_index("account")
        deals = table("sales_pipeline").merge(table("sales_teams"), on="sales_agent")
        for column in ("engage_date", "close_date"):
            deals[column] = pd.to_datetime(deals[column])
        deals = deals[~(deals["engage_date"] > as_of) & deals["account"].notna()].copy()
        open_ = (deals["deal_stage"].isin(["Won", "Lost"])) & ~(deals["close_date"] <= as_of)
        deals.loc[open_, "deal_stage"] = "Engaging"
        self.deals = deals
        self.leads = deals[deals["deal_stage"].isin(["Prospecting", "Engaging"])]
        self.won, self.lost, self.engaging = (
            deals[deals["deal_stage"] == stage] for stage in ("Won", "Lost", "Engaging")
        )
        self.value = self.won.groupby("account")["close_value"].sum()

    def closed_in(self, deals: pd.DataFrame, days: int) -> pd.DataFrame:
        return deals[deals["close_date"] > self.as_of - pd.Timedelta(days=days)]

    def employing(self, least: int, most: int) -> set[str]:
        return where(self.accounts["employees"].between(least, most))


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"maventech_{name}.csv")


def where(series: pd.Series) -> set[str]:
    """The index of what is true."""
    return set(series.index[series])


def stuck(x: Crm) -> set[str]:
    a_year_ago = x.as_of - pd.DateOffset(years=1)
    return set(x.engaging[x.engaging["engage_date"] <= a_year_ago]["account"])


def best_ten(x: Crm) -> set[str]:
    return where(x.value >= x.value.nlargest(10).iloc[-1])


def nothing_won_lately(x: Crm) -> set[str]:
    return set(x.accounts.index) - set(x.closed_in(x.won, 14)["account"])


def fond_of_gtx_pro(x: Crm) -> set[str]:
    bought = x.closed_in(x.won, 90).query("product == 'GTXPro'")
    return where(bought.groupby("account").size() >= 3)


def established_abroad(x: Crm) -> set[str]:
    old = x.accounts["year_established"] < 1990
    return where(old & (x.accounts["office_location"] != "United States"))


EXPECTED: dict[str, Callable[[Crm], set[str]]] = {
    "technology": lambda x: where(x.accounts["sector"].isin(["technolgy", "software"])),
    "large-subsidiaries": lambda x: where(
        x.accounts["subsidiary_of"].notna() & (x.accounts["employees"] >= 1000)
    ),
    "established-abroad": established_abroad,
    "size-1-10": lambda x: x.employing(1, 10),
    "size-11-50": lambda x: x.employing(11, 50),
    "size-51-200": lambda x: x.employing(51, 200),
    "size-201-1000": lambda x: x.employing(201, 1000),
    "size-1001-5000": lambda x: x.employing(1001, 5000),
    "size-above-5000": lambda x: x.employing(5001, 1_000_000),
    "size-unknown": lambda x: where(x.accounts["employees"].isna()),
    "prospecting": lambda x: set(x.deals.query("deal_stage == 'Prospecting'")["account"]),
    "many-engaging": lambda x: where(x.engaging.groupby("account").size() >= 8),
    "engaging-gtk-500": lambda x: set(x.engaging.query("product == 'GTK 500'")["account"]),
    "stuck": stuck,
    "leads-of-darcel-schlecht": lambda x: set(
        x.leads.query("sales_agent == 'Darcel Schlecht'")["account"]
    ),
    "leads-of-rocco-neuberts-team": lambda x: set(
        x.leads.query("manager == 'Rocco Neubert'")["account"]
    ),
    "won-150000": lambda x: where(x.value >= 150_000),
    "best-ten": best_ten,
    "nothing-won-lately": nothing_won_lately,
    "losing-lately": lambda x: where(x.closed_in(x.lost, 14).groupby("account").size() >= 2),
    "fond-of-gtx-pro": fond_of_gtx_pro,
    "east-and-west": lambda x: (
        set(x.won.query("regional_office == 'East'")["account"])
        & set(x.won.query("regional_office == 'West'")["account"])
    ),
    "win-back": lambda x: best_ten(x) & nothing_won_lately(x),
}


def members(segment: Segment) -> set[str]:
    return {row["account"] for row in segment.members()}


def asked(shop: Workspace, text: str, as_of: pd.Timestamp) -> set[str]:
    return members(shop.count(text, "account", ms(as_of)))


def ms(moment: pd.Timestamp) -> int:
    return moment.tz_localize("UTC").value // 1_000_000


def test_maventech(tmp_path: Path) -> None:
    workspace = follow("maventech", tmp_path, *FILES)
    with Workspace.open(workspace, environ={}) as shop:
        assert compare(shop, Crm(END)) == told_sizes("maventech")
        compare(shop, Crm(SUMMER))
        window_edges(shop)
        value_edges(shop, Crm(END))
        rank_ties(shop, Crm(END))
        blemishes(shop)


def compare(shop: Workspace, x: Crm) -> dict[str, int]:
    """All segments hold exactly the accounts pandas finds; their sizes."""
    segments = shop.segments(ms(x.as_of))
    expected = {name: accounts(x) for name, accounts in EXPECTED.items()}
    found = {segment.name: members(segment) for segment in segments}
    assert [*found] == [*expected]
    assert {name for name in found if found[name] != expected[name]} == set()
    assert {segment.universe for segment in segments} == {len(x.accounts)}
    sizes = [segment.size for segment in segments if segment.partition == "size"]
    assert sum(sizes) == len(x.accounts)
    return {segment.name: segment.size for segment in segments}


def window_edges(shop: Workspace) -> None:
    """A deal won on day d is in the last 14 days until d + 14 days, and not at that moment."""
    at_end = Crm(END)
    edge = END - pd.Timedelta(days=14)
    last = at_end.won.groupby("account")["close_date"].max()
    leaving = where(last == edge)
    text = 'has no deal where (stage = "Won" and close_date within last 14 days)'
    assert leaving
    assert leaving <= asked(shop, text, END)
    assert leaving & asked(shop, text, END - pd.Timedelta(milliseconds=1)) == set()


def value_edges(shop: Workspace, x: Crm) -> None:
    """A sum equal to the threshold reaches it and does not exceed it."""
    text = 'sum of close_value over deals where (stage = "Won")'
    edge = int(x.value.sort_values().iloc[len(x.value) // 2])
    assert asked(shop, f"{text} >= {edge}", END) == where(x.value >= edge)
    assert asked(shop, f"{text} > {edge}", END) == where(x.value > edge)
    employees = int(x.accounts["employees"].median())
    assert asked(shop, f"employees between 96 and {employees}", END) == x.employing(96, employees)
    assert asked(shop, f"employees between 97 and {employees - 1}", END) == x.employing(
        97, employees - 1
    )


def rank_ties(shop: Workspace, x: Crm) -> None:
    """Two accounts share the eleventh place: both are in the top eleven."""
    found = asked(shop, 'among top 11 by sum of close_value over deals where (stage = "Won")', END)
    assert found == where(x.value >= x.value.nlargest(11).iloc[-1])
    assert len(found) == 12


def blemishes(shop: Workspace) -> None:
    """What the mapping corrects is correct in the catalog, and the lookups found everything."""
    catalog = shop.store.catalog()
    deal = catalog.records["deal"].fields
    assert "technolgy" not in catalog.account["sector"].values
    assert "GTXPro" not in deal["product"].values
    assert "GTX Pro" in deal["product"].values
    assert deal["manager"].known == deal["region"].known == deal["list_price"].known == 8_800
