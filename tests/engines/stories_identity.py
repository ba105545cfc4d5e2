"""Stories about who is who: what is said together belongs together, within limits."""

from engines.telling import Story, company, did, joins, person, record

from lettershop.model.settings import Settings

VISITS = [
    did("anon:1", "Signed In", "2025-06-01"),
    did("anon:1", "Signed In", "2025-06-02"),
    did("ann", "Signed In", "2025-06-03"),
]
SIGNED_IN = {
    'did "Signed In" at least 3 times': "ann",
    'did "Signed In" exactly 1 time': "bob",
}
BOB = did("bob", "Signed In", "2025-06-01")

STORIES = [
    Story(
        "what an anonymous visitor did belongs to who they turn out to be",
        [*VISITS, BOB, person("ann", "2025-06-04", also="anon:1")],
        SIGNED_IN,
    ),
    Story(
        "what is said of the visitor later, too",
        [VISITS[0], VISITS[2], BOB, person("ann", "2025-06-04", also="anon:1"), VISITS[1]],
        SIGNED_IN,
    ),
    Story(
        "a shared device stays with who used it first",
        [
            *VISITS,
            BOB,
            person("ann", "2025-06-04", also="anon:1"),
            person("bob", "2025-06-05", also="anon:1"),
        ],
        SIGNED_IN,
    ),
    Story(
        "two user ids become one person only when that is said explicitly",
        [
            person("ann", plan="pro"),
            person("old", plan="free"),
            person("bob", plan="free"),
            person("ann", also="old", alias=True),
            person("bob", also="ann"),
        ],
        {'plan = "free"': "ann bob", 'plan = "pro"': ""},
    ),
    Story(
        "nobody gets more addresses than the settings allow",
        [
            person("ann", also="email:a@x.example"),
            person("ann", also="email:b@x.example"),
            person("email:b@x.example", plan="pro"),
        ],
        {'plan = "pro"': "email:b@x.example", "everyone": "ann email:b@x.example"},
        settings=Settings(most_emails=1),
    ),
    Story(
        "who was known by user id or address stays who they are, though the visitor came first",
        [did("anon:1", "Signed In", "2025-06-01"), person("ann"), person("ann", also="anon:1")],
        {"everyone": "ann"},
    ),
    Story(
        "values of both, the last word counts, and a deletion is one of both",
        [
            person("ann", "2025-01-01", plan="pro", title="CEO"),
            person("email:ann@x.example", "2025-02-01", plan="free"),
            person("bob", "2025-01-01", plan="pro"),
            person("email:bob@x.example", "2025-02-01", deleted=True),
            person("ann", "2025-03-01", also="email:ann@x.example"),
            person("bob", "2025-03-01", also="email:bob@x.example"),
        ],
        {'plan = "free"': "ann", 'title = "CEO"': "ann", "everyone": "ann"},
    ),
    Story(
        "two memberships of one account become one",
        [
            company("acme"),
            joins("ann", "acme", role="user"),
            joins("email:ann@x.example", "acme", "2025-02-01", role="admin"),
            joins("bob", "acme", role="user"),
            person("ann", "2025-03-01", also="email:ann@x.example"),
        ],
        {
            "has exactly 2 people": "acme",
            'has exactly 1 people with role "admin"': "acme",
            'has exactly 1 people with role "user"': "acme",
        },
        subject="account",
    ),
    Story(
        "a visitor's events count for the account of who they are",
        [
            company("acme"),
            did("anon:1", "Signed In", "2025-06-01"),
            joins("ann", "acme"),
            person("ann", "2025-06-02", also="anon:1"),
        ],
        {'account did "Signed In"': "acme"},
        subject="account",
    ),
    Story(
        "records of both are theirs",
        [
            record("deal", "1", contact="email:ann@x.example", stage="won"),
            record("deal", "2", contact="ann", stage="won"),
            person("ann", also="email:ann@x.example"),
        ],
        {"has at least 2 deals": "email:ann@x.example"},
    ),
    Story(
        "merges in a chain, in any order",
        [
            did("anon:1", "Signed In", "2025-06-01"),
            did("anon:2", "Signed In", "2025-06-02"),
            person("email:ann@x.example"),
            person("ann"),
            person("anon:2", also="anon:1"),
            person("email:ann@x.example", also="anon:1"),
            person("ann", also="email:ann@x.example"),
        ],
        {
            'did "Signed In" exactly 2 times': "email:ann@x.example",
            "everyone": "email:ann@x.example",
        },
    ),
]
