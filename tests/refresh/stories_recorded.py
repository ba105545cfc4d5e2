"""Segments that ask who entered, left or has been in another, by what refreshes recorded."""

from refresh.clockwork import Chapter, Tale, company, did, joins, keep, leaves, person

STORIES = [
    Tale(
        "who entered is known one refresh later, and forgotten to the millisecond",
        {"Hot": keep('plan = "pro"'), "New": keep('entered segment "Hot" within last 3 days')},
        [
            Chapter(
                "Mon 08:00",
                [person("ann", plan="free"), person("bob", plan="pro")],
                holds={"Hot": "bob"},
                moves=["bob enters Hot: definition, Mon 08:00"],
            ),
            Chapter(
                "Mon 09:00",
                [person("ann", "Mon 08:30", plan="pro")],
                holds={"Hot": "ann bob"},
                moves=["ann enters Hot: trait, Mon 08:30"],
            ),
            Chapter(
                "Mon 09:00:01",
                holds={"Hot": "ann bob", "New": "ann"},
                moves=["ann enters New: trait, Mon 08:30"],
            ),
            Chapter("Thu 08:29:59.999", holds={"Hot": "ann bob", "New": "ann"}),
            Chapter(
                "Thu 10:00",
                holds={"Hot": "ann bob"},
                moves=["ann leaves New: time, Thu 08:30"],
            ),
        ],
    ),
    Tale(
        "published today, so nobody entered; put in by hand is entering",
        {"All": keep("everyone"), "New": keep('entered segment "VPs" within last 1 week')},
        [
            Chapter(
                "Mon 08:00",
                [person("ann", title="VP"), person("bob")],
                edits={"VPs": keep('title contains "VP"')},
                holds={"All": "ann bob", "VPs": "ann"},
                moves=[
                    "ann enters All: definition, Mon 08:00",
                    "ann enters VPs: definition, Mon 08:00",
                    "bob enters All: definition, Mon 08:00",
                ],
            ),
            Chapter("Tue 08:00", holds={"All": "ann bob", "VPs": "ann"}),
            Chapter(
                "Tue 09:00",
                edits={"VPs": keep('title contains "VP" or title is unknown')},
                holds={"All": "ann bob", "VPs": "ann bob"},
                moves=["bob enters VPs: definition, Tue 09:00"],
            ),
            Chapter(
                "Tue 10:00",
                pins=["ann out of VPs"],
                holds={"All": "ann bob", "VPs": "bob"},
                moves=["ann leaves VPs: manual, Tue 10:00"],
            ),
            Chapter(
                "Tue 11:00",
                pins=[],
                holds={"All": "ann bob", "VPs": "ann bob"},
                moves=["ann enters VPs: manual, Tue 11:00"],
            ),
            Chapter(
                "Tue 12:00",
                holds={"All": "ann bob", "VPs": "ann bob", "New": "ann"},
                moves=["ann enters New: manual, Tue 11:00"],
            ),
        ],
    ),
    Tale(
        "whoever left lately and is not back",
        {
            "Active": keep('did "Signed In" within last 2 days'),
            "Lost": keep('left segment "Active" within last 7 days and not in segment "Active"'),
        },
        [
            Chapter(
                "Mon 08:00",
                [person("ann"), did("ann", "Signed In", "Mon 07:00")],
                holds={"Active": "ann"},
                moves=["ann enters Active: definition, Mon 08:00"],
            ),
            Chapter("Wed 08:00", moves=["ann leaves Active: time, Wed 07:00"]),
            Chapter(
                "Wed 08:05",
                holds={"Lost": "ann"},
                moves=["ann enters Lost: time, Wed 07:00"],
            ),
            Chapter(
                "Fri 08:00",
                [did("ann", "Signed In", "Fri 07:30")],
                holds={"Active": "ann"},
                moves=["ann enters Active: event, Fri 07:30", "ann leaves Lost: event, Fri 07:30"],
            ),
        ],
    ),
    Tale(
        "in for at least three days, since it was published or since coming back",
        {"Pro": keep('plan = "pro"'), "Settled": keep('in segment "Pro" for at least 3 days')},
        [
            Chapter(
                "Mon 08:00",
                [person("ann", plan="pro"), person("bob", plan="pro")],
                holds={"Pro": "ann bob"},
                moves=[f"{who} enters Pro: definition, Mon 08:00" for who in ("ann", "bob")],
            ),
            Chapter("Thu 07:59:59.999", holds={"Pro": "ann bob"}),
            Chapter(
                "Thu 08:00",
                holds={"Pro": "ann bob", "Settled": "ann bob"},
                moves=[f"{who} enters Settled: time, Thu 08:00" for who in ("ann", "bob")],
            ),
            Chapter(
                "Fri 08:00",
                [person("bob", "Fri 07:00", plan="free")],
                holds={"Pro": "ann", "Settled": "ann"},
                moves=["bob leaves Pro: trait, Fri 07:00", "bob leaves Settled: trait, Fri 07:00"],
            ),
            Chapter(
                "Fri 09:00",
                [person("bob", "Fri 08:30", plan="pro")],
                holds={"Pro": "ann bob", "Settled": "ann"},
                moves=["bob enters Pro: trait, Fri 08:30"],
            ),
            Chapter(
                "Mon2 09:00",
                holds={"Pro": "ann bob", "Settled": "ann bob"},
                moves=["bob enters Settled: time, Mon2 08:30"],
            ),
        ],
    ),
    Tale(
        "the account entered, the membership has lasted, and people are counted by it",
        {
            "Houses": keep("has at least 2 people", "account"),
            "Members": keep("everyone", "people"),
            "Of new houses": keep('account entered segment "Houses" within last 2 days'),
            "Old hands": keep('in segment "Members" for at least 2 days', "people"),
            "Fresh": keep(
                'has at least 1 people who (entered segment "Members" within last 1 day)',
                "account",
            ),
        },
        [
            Chapter(
                "Mon 08:00",
                [company("acme"), person("ann"), person("bob"), joins("ann", "acme")],
                holds={"Members": "ann@acme"},
                moves=["ann@acme enters Members: definition, Mon 08:00"],
            ),
            Chapter(
                "Mon 09:00",
                [joins("bob", "acme", "Mon 08:30")],
                holds={"Houses": "acme", "Members": "ann@acme bob@acme"},
                moves=[
                    "acme enters Houses: trait, Mon 08:30",
                    "bob@acme enters Members: trait, Mon 08:30",
                ],
            ),
            Chapter(
                "Mon 10:00",
                holds={
                    "Houses": "acme",
                    "Members": "ann@acme bob@acme",
                    "Of new houses": "ann bob",
                    "Fresh": "acme",
                },
                moves=[
                    "acme enters Fresh: trait, Mon 08:30",
                    "ann enters Of new houses: trait, Mon 08:30",
                    "bob enters Of new houses: trait, Mon 08:30",
                ],
            ),
            Chapter(
                "Tue 10:00",
                [leaves("bob", "acme", "Tue 09:30")],
                holds={"Members": "ann@acme", "Of new houses": "ann"},
                moves=[
                    "acme leaves Fresh: trait, Tue 09:30",
                    "acme leaves Houses: trait, Tue 09:30",
                    "bob leaves Of new houses: trait, Tue 09:30",
                    "bob@acme leaves Members: trait, Tue 09:30",
                ],
            ),
            Chapter(
                "Wed 08:00",
                holds={
                    "Members": "ann@acme",
                    "Of new houses": "ann",
                    "Old hands": "ann@acme",
                },
                moves=["ann@acme enters Old hands: time, Wed 08:00"],
            ),
            Chapter(
                "Thu 08:00",
                [joins("bob", "acme", "Thu 07:00")],
                holds={
                    "Houses": "acme",
                    "Members": "ann@acme bob@acme",
                    "Old hands": "ann@acme",
                },
                moves=[
                    "acme enters Houses: trait, Thu 07:00",
                    "ann leaves Of new houses: time, Wed 08:30",
                    "bob@acme enters Members: trait, Thu 07:00",
                ],
            ),
        ],
    ),
]
