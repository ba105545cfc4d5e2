"""The names the sample company is made of: all invented or everyday."""

import msgspec


class Place(msgspec.Struct, frozen=True):
    city: str
    region: str
    country: str
    zone: str
    latitude: float
    longitude: float
    dial: str
    weight: int


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACES = (
    Place("Newark", "New Jersey", "US", "America/New_York", 40.736, -74.172, "+1 973", 9),
    Place("Jersey City", "New Jersey", "US", "America/New_York", 40.728, -74.078, "+1 201", 6),
    Place("Boston", "Massachusetts", "US", "America/New_York", 42.360, -71.058, "+1 617", 8),
    Place("Austin", "Texas", "US", "America/Chicago", 30.267, -97.743, "+1 512", 8),
    Place("Denver", "Colorado", "US", "America/Denver", 39.739, -104.990, "+1 303", 5),
    Place("Oakland", "California", "US", "America/Los_Angeles", 37.804, -122.271, "+1 510", 9),
    Place("Toronto", "Ontario", "CA", "America/Toronto", 43.653, -79.383, "+1 416", 6),
    Place("Berlin", "Berlin", "DE", "Europe/Berlin", 52.520, 13.405, "+49 30", 10),
    Place("Potsdam", "Brandenburg", "DE", "Europe/Berlin", 52.391, 13.064, "+49 331", 3),
    Place("Hamburg", "Hamburg", "DE", "Europe/Berlin", 53.551, 9.994, "+49 40", 6),
    Place("Lyon", "Auvergne-Rhône-Alpes", "FR", "Europe/Paris", 45.764, 4.836, "+33 4", 5),
    Place("Utrecht", "Utrecht", "NL", "Europe/Amsterdam", 52.091, 5.122, "+31 30", 4),
    Place("Leeds", "England", "GB", "Europe/London", 53.801, -1.549, "+44 113", 7),
    Place("Dublin", "Leinster", "IE", "Europe/Dublin", 53.350, -6.260, "+353 1", 4),
    Place("Kraków", "Małopolska", "PL", "Europe/Warsaw", 50.065, 19.945, "+48 12", 4),
    Place("Pune", "Maharashtra", "IN", "Asia/Kolkata", 18.520, 73.857, "+91 20", 4),
    Place("Osaka", "Osaka", "JP", "Asia/Tokyo", 34.694, 135.502, "+81 6", 2),
)

FIRST = _words(
    """
    Ada Aisha Alan Alice Amara Anders Anna Arjun Astrid Beatriz Ben Björn Camille Carla Chloé
    Claire Daniel David Deepa Diego Elena Elif Emma Erik Fatima Felix Fiona Gabriel Giulia
    Grace Hana Hannah Hugo Ines Ingrid Isaac Ivan Jamal James Jana Julia Jürgen Kaito Karin
    Kate Keiko Lars Laura Lena Leo Liam Linh Louise Lucas Luis Magda Maria Marcus Mateo Maya
    Mei Mia Michael Mina Nadia Naomi Nina Noah Nora Olga Oliver Omar Oscar Paula Pedro Petra
    Priya Rafael Rania Renée Rosa Ruth Sam Sara Sean Silvia Sofia Stefan Sven Tara Theo Thomas
    Tomás Uma Vera Victor Wei Yara Yusuf Zoë
    """
)

LAST = _words(
    """
    Abebe Adler Almeida Andersen Baker Bauer Becker Bennett Bianchi Brandt Brooks Castillo
    Chen Clarke Costa Dahl Das Diaz Dubois Eklund Evans Ferreira Fischer Fontaine Fuchs Garcia
    Gomez Grant Gupta Haas Hansen Hayes Hoffmann Ibrahim Ito Jansen Joshi Kaya Keller Khan Kim
    Kowalski Kumar Lambert Larsen Lee Lopez Marino Martin Meyer Mitchell Moreau Moretti Müller
    Nakamura Nguyen Novak O’Brien Okafor Olsen Park Patel Pereira Petrov Quinn Rahman Reyes
    Richter Rossi Roy Sato Schmidt Schneider Shah Silva Singh Smith Sørensen Suzuki Tanaka
    Taylor Torres Turner Varga Vogel Wagner Walker Wang Weber White Wójcik Wood Wright Yamada
    Young Zhang Ziegler
    """
)

FIRM_START = _words(
    """
    Alder Amber Anchor Ash Beacon Birch Bright Cedar Cinder Clear Cobalt Copper Coral Crest
    Delta Drift Ember Fern Field Flint Forge Gable Garnet Glen Granite Harbor Hazel Heron Iron
    Ivory Juniper Kestrel Lantern Larch Linden Lumen Maple Marble Meadow Mill Moss North Oak
    Onyx Opal Osprey Pebble Pine Quarry Quill Raven Reed Ridge River Rowan Sable Sage Slate
    Spruce Stone Thistle Timber Vale Wren Yarrow
    """
)

FIRM_END = _words(
    """
    works labs path point line bridge gate field house mark craft ware metrics logic grid port
    """
)

FIRM_FORM = {"US": "Inc.", "CA": "Ltd.", "DE": "GmbH", "FR": "SAS", "NL": "B.V.", "GB": "Ltd."}

INDUSTRIES = (
    "Software",
    "Manufacturing",
    "Consulting",
    "Logistics",
    "Health care",
    "Education",
    "Retail",
    "Energy",
)

TITLES = (
    ("VP Sales", 5),
    ("VP Operations", 4),
    ("VP Finance", 4),
    ("Chief Financial Officer", 3),
    ("Travel Manager", 14),
    ("Office Manager", 12),
    ("HR Manager", 10),
    ("Payroll Specialist", 7),
    ("Executive Assistant", 9),
    ("Account Executive", 12),
    ("Consultant", 12),
    ("Engineer", 14),
    ("Founder", 4),
)

TAGS = ("hr", "payroll", "finance", "travel", "it", "partner", "press", "champion")
MANAGERS = ("Ines Calder", "Tom Abara", "Yuki Lindt", "Rosa Fell")
DESTINATIONS = ("LHR", "CDG", "FRA", "JFK", "SFO", "AMS", "MUC", "DUB", "BOS", "WAW", "BCN", "SIN")
PAGES = ("/pricing", "/docs", "/blog", "/trips", "/expenses", "/security", "/changelog")
PRODUCTS = ("Trips", "Expenses", "Carbon")
TOPICS = ("Travel policy", "Expenses", "Carbon", "Duty of care")
REPORTS = ("Spend by team", "Open trips", "Carbon footprint", "Late receipts")
PLANS = ("starter", "pro", "business")
PRICES = {"starter": 29, "pro": 79, "business": 149}
