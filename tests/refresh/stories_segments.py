"""Stories about segments: modes, pins, partitions, references, new versions; and about accounts."""

from refresh.clockwork import Chapter, Tale, company, did, joins, keep, leaves, person

TEAM = [
    company("acme", employees=5),
    *(joins(who, "acme", role="user") for who in ("ann", "bob", "cy")),
    person("dan"),
]
SIZES = {
    "Solo": keep("employees <= 1", "account"),
    "Small": keep('employees <= 10 and not in segment "Solo"', "account"),
    "Others": keep('not in segment "Solo" and not in segment "Small"', "account"),
}

STORIES = [
    Tale(
        "the third person makes it a team",
        {
            "Team": keep(
                'account has at least 3 people who (did "Report Exported" within last 30 days)'
            ),
            "Accounts": keep(
                'has at least 3 people who (did "Report Exported" within last 30 days)', "account"
            ),
        },
        [
            Chapter("Mon 08:00", TEAM),
            Chapter(
                "Mon 09:00",
                [
                    did("ann", "Report Exported", "Mon 08:30"),
                    did("bob", "Report Exported", "Mon 08:45"),
                ],
            ),
            Chapter(
                "Tue 09:00",
                [did("cy", "Report Exported", "Tue 08:59")],
                holds={"Team": "ann bob cy", "Accounts": "acme"},
                moves=[
                    "acme enters Accounts: event, Tue 08:59",
                    "ann enters Team: event, Tue 08:59",
                    "bob enters Team: event, Tue 08:59",
                    "cy enters Team: event, Tue 08:59",
                ],
            ),
            Chapter(
                "Wed 09:00",
                [leaves("bob", "acme", "Wed 08:00")],
                moves=[
                    "acme leaves Accounts: trait, Wed 08:00",
                    "ann leaves Team: trait, Wed 08:00",
                    "bob leaves Team: trait, Wed 08:00",
                    "cy leaves Team: trait, Wed 08:00",
                ],
            ),
        ],
    ),
    Tale(
        "an account that is deleted takes its people along",
        {"People": keep('membership.role = "user"', "people")},
        [
            Chapter(
                "Mon 08:00",
                TEAM,
                holds={"People": "ann@acme bob@acme cy@acme"},
                moves=[
                    f"{who}@acme enters People: definition, Mon 08:00"
                    for who in ("ann", "bob", "cy")
                ],
            ),
            Chapter(
                "Tue 08:00",
                [company("acme", "Tue 07:00", deleted=True)],
                moves=[
                    f"{who}@acme leaves People: trait, Tue 07:00" for who in ("ann", "bob", "cy")
                ],
            ),
        ],
    ),
    Tale(
        "whoever was in stays in, the frozen stay as they were, the others come and go",
        {
            "Ever": keep('plan = "pro"', mode="add_only"),
            "Once": keep('plan = "pro"', mode="static"),
            "Now": keep('plan = "pro"'),
        },
        [
            Chapter(
                "Mon 08:00",
                [person("ann", plan="pro"), person("bob", plan="free")],
                holds={"Ever": "ann", "Once": "ann", "Now": "ann"},
                moves=[
                    f"ann enters {segment}: definition, Mon 08:00"
                    for segment in ("Ever", "Now", "Once")
                ],
            ),
            Chapter(
                "Tue 08:00",
                [person("ann", "Tue 07:00", plan="free"), person("bob", "Tue 07:30", plan="pro")],
                holds={"Ever": "ann bob", "Once": "ann", "Now": "bob"},
                moves=[
                    "ann leaves Now: trait, Tue 07:00",
                    "bob enters Ever: trait, Tue 07:30",
                    "bob enters Now: trait, Tue 07:30",
                ],
            ),
            Chapter(
                "Wed 08:00",
                [person("ann", "Wed 07:00", deleted=True)],
                holds={"Ever": "bob", "Once": "", "Now": "bob"},
                moves=[
                    "ann leaves Ever: trait, Wed 07:00",
                    "ann leaves Once: trait, Wed 07:00",
                ],
            ),
        ],
    ),
    Tale(
        "a company grows out of one part of a partition into the next, in one refresh",
        SIZES,
        [
            Chapter(
                "Mon 08:00",
                [company("acme", employees=1), company("zoo", employees=500), company("new")],
                holds={"Solo": "acme", "Small": "", "Others": "zoo new"},
                moves=[
                    "acme enters Solo: definition, Mon 08:00",
                    "new enters Others: definition, Mon 08:00",
                    "zoo enters Others: definition, Mon 08:00",
                ],
            ),
            Chapter(
                "Tue 08:00",
                [company("acme", "Tue 07:00", employees=2)],
                holds={"Solo": "", "Small": "acme", "Others": "zoo new"},
                moves=[
                    "acme enters Small: trait, Tue 07:00",
                    "acme leaves Solo: trait, Tue 07:00",
                ],
            ),
        ],
    ),
    Tale(
        "put in and kept out by hand; keeping out wins",
        {"VPs": keep('title contains "VP"'), "All but VPs": keep('not in segment "VPs"')},
        [
            Chapter(
                "Mon 08:00",
                [person("ann", title="VP"), person("bob")],
                holds={"VPs": "ann", "All but VPs": "bob"},
                moves=[
                    "ann enters VPs: definition, Mon 08:00",
                    "bob enters All but VPs: definition, Mon 08:00",
                ],
            ),
            Chapter(
                "Mon 09:00",
                pins=["bob in VPs", "ann in VPs", "ann out of VPs"],
                holds={"VPs": "bob", "All but VPs": "ann"},
                moves=[
                    "ann enters All but VPs: manual, Mon 09:00",
                    "ann leaves VPs: manual, Mon 09:00",
                    "bob enters VPs: manual, Mon 09:00",
                    "bob leaves All but VPs: manual, Mon 09:00",
                ],
            ),
            Chapter(
                "Mon 10:00",
                pins=[],
                holds={"VPs": "ann", "All but VPs": "bob"},
                moves=[
                    "ann enters VPs: manual, Mon 10:00",
                    "ann leaves All but VPs: manual, Mon 10:00",
                    "bob enters All but VPs: manual, Mon 10:00",
                    "bob leaves VPs: manual, Mon 10:00",
                ],
            ),
        ],
    ),
    Tale(
        "another definition is another version, also for who refers to it",
        {
            "Good": keep("score >= 5"),
            "Good and active": keep('in segment "Good" and did "Signed In"'),
        },
        [
            Chapter(
                "Mon 08:00",
                [
                    person("ann", score=5),
                    person("bob", score=9),
                    did("ann", "Signed In", "Mon 07:00"),
                ],
                holds={"Good": "ann bob", "Good and active": "ann"},
                moves=[
                    "ann enters Good and active: definition, Mon 08:00",
                    "ann enters Good: definition, Mon 08:00",
                    "bob enters Good: definition, Mon 08:00",
                ],
            ),
            Chapter(
                "Mon 09:00",
                edits={"Good": keep("score >= 8")},
                holds={"Good": "bob", "Good and active": ""},
                moves=[
                    "ann leaves Good and active: definition, Mon 09:00",
                    "ann leaves Good: definition, Mon 09:00",
                ],
            ),
            Chapter(
                "Mon 10:00",
                edits={"Good and active": None},
                holds={"Good": "bob"},
            ),
            Chapter(
                "Mon 11:00",
                edits={"Good": None, "Everyone": keep("everyone")},
                holds={"Everyone": "ann bob"},
                moves=[
                    "ann enters Everyone: definition, Mon 11:00",
                    "bob enters Everyone: definition, Mon 11:00",
                    "bob leaves Good: definition, Mon 11:00",
                ],
            ),
        ],
    ),
    Tale(
        "a click moves somebody through all segments that refer to each other, at once",
        {
            "Hot": keep('did "Demo Requested" within last 3 days'),
            "Cold": keep('not in segment "Hot"'),
            "Hot houses": keep('has at least 1 people who (in segment "Hot")', "account"),
        },
        [
            Chapter(
                "Mon 08:00",
                [company("acme"), joins("ann", "acme")],
                holds={"Hot": "", "Cold": "ann", "Hot houses": ""},
                moves=["ann enters Cold: definition, Mon 08:00"],
            ),
            Chapter(
                "Mon 09:00",
                [did("ann", "Demo Requested", "Mon 08:30")],
                holds={"Hot": "ann", "Cold": "", "Hot houses": "acme"},
                moves=[
                    "acme enters Hot houses: event, Mon 08:30",
                    "ann enters Hot: event, Mon 08:30",
                    "ann leaves Cold: event, Mon 08:30",
                ],
            ),
            Chapter(
                "Fri 08:00",
                holds={"Hot": "", "Cold": "ann", "Hot houses": ""},
                moves=[
                    "acme leaves Hot houses: time, Thu 08:30",
                    "ann enters Cold: time, Thu 08:30",
                    "ann leaves Hot: time, Thu 08:30",
                ],
            ),
        ],
    ),
]
