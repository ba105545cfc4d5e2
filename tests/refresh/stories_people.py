"""Stories about people: what they do, when it no longer counts, and what is learned of them."""

from refresh.clockwork import Chapter, Tale, did, keep, person

VPS = [
    person("ann", title="VP Sales"),
    person("bob", title="VP Finance"),
    person("cy", title="Student"),
]

STORIES = [
    Tale(
        "interest lasts three days, to the millisecond",
        {"Warm VPs": keep('title contains "VP" and did "Pricing Viewed" within last 3 days')},
        [
            Chapter("Mon 08:00", VPS),
            Chapter(
                "Mon 09:00:01",
                [did(who, "Pricing Viewed", "Mon 09:00") for who in ("ann", "bob", "cy")],
                holds={"Warm VPs": "ann bob"},
                moves=[
                    "ann enters Warm VPs: event, Mon 09:00",
                    "bob enters Warm VPs: event, Mon 09:00",
                ],
            ),
            Chapter(
                "Tue 10:00",
                [did("bob", "Pricing Viewed", "Tue 10:00")],
                holds={"Warm VPs": "ann bob"},
            ),
            Chapter("Thu 08:59:59.999", holds={"Warm VPs": "ann bob"}),
            Chapter(
                "Thu 09:00",
                holds={"Warm VPs": "bob"},
                moves=["ann leaves Warm VPs: time, Thu 09:00"],
            ),
            Chapter(
                "Sat 12:00",
                holds={"Warm VPs": ""},
                moves=["bob leaves Warm VPs: time, Fri 10:00"],
            ),
        ],
    ),
    Tale(
        "an event that was heard late, and one that was heard twice",
        {"Twice": keep('did "Pricing Viewed" at least 2 times within last 3 days')},
        [
            Chapter("Mon 08:00", [did("ann", "Pricing Viewed", "Mon 07:00")]),
            Chapter(
                "Tue 10:00",
                [did("ann", "Pricing Viewed", "Mon 22:00", heard="Tue 09:30", message="phone")],
                holds={"Twice": "ann"},
                moves=["ann enters Twice: event, Mon 22:00"],
            ),
            Chapter(
                "Tue 11:00",
                [did("ann", "Pricing Viewed", "Tue 10:30", message="phone")],
                holds={"Twice": "ann"},
            ),
            Chapter(
                "Thu 07:00",
                holds={"Twice": ""},
                moves=["ann leaves Twice: time, Thu 07:00"],
            ),
        ],
    ),
    Tale(
        "what is dated in the future waits for its day",
        {"Booked": keep('did "Webinar Attended"')},
        [
            Chapter("Mon 08:00", [person("ann")]),
            Chapter("Mon 09:00", [did("ann", "Webinar Attended", "Wed 15:00")]),
            Chapter("Wed 14:59:59.999"),
            Chapter(
                "Wed 15:00",
                holds={"Booked": "ann"},
                moves=["ann enters Booked: event, Wed 15:00"],
            ),
        ],
    ),
    Tale(
        "who does nothing for a week is in by the clock alone, and out by the next click",
        {"Quiet": keep("did not anything within last 7 days")},
        [
            Chapter(
                "Mon 09:00",
                [did("ann", "Signed In", "Mon 09:00"), did("bob", "Signed In", "Mon 08:00")],
            ),
            Chapter(
                "Mon2 12:00",
                holds={"Quiet": "ann bob"},
                moves=[
                    "ann enters Quiet: time, Mon2 09:00",
                    "bob enters Quiet: time, Mon2 08:00",
                ],
            ),
            Chapter(
                "Mon2 12:01",
                [did("ann", "Signed In", "Mon2 12:00:30")],
                holds={"Quiet": "bob"},
                moves=["ann leaves Quiet: event, Mon2 12:00:30"],
            ),
        ],
    ),
    Tale(
        "a trial of three days",
        {"Stuck": keep('plan = "trial" for at least 3 days')},
        [
            Chapter("Mon 09:00", [person("ann", "Mon 09:00", plan="trial"), person("bob")]),
            Chapter("Wed 09:00", [person("bob", "Wed 09:00", plan="trial")]),
            Chapter(
                "Thu 09:00",
                holds={"Stuck": "ann"},
                moves=["ann enters Stuck: time, Thu 09:00"],
            ),
            Chapter(
                "Thu 10:00",
                [person("ann", "Thu 10:00", plan="pro")],
                moves=["ann leaves Stuck: trait, Thu 10:00"],
            ),
            Chapter(
                "Sat 09:00",
                holds={"Stuck": "bob"},
                moves=["bob enters Stuck: time, Sat 09:00"],
            ),
        ],
    ),
    Tale(
        "today ends at midnight in the zone of each",
        {"Today": keep('did "Signed In" today')},
        [
            Chapter(
                "Mon 12:00",
                [
                    person("ann", timezone="Europe/Berlin"),
                    person("bob", timezone="America/New_York"),
                ],
            ),
            Chapter(
                "Mon 13:00",
                [did("ann", "Signed In", "Mon 12:30"), did("bob", "Signed In", "Mon 12:30")],
                holds={"Today": "ann bob"},
                moves=[
                    "ann enters Today: event, Mon 12:30",
                    "bob enters Today: event, Mon 12:30",
                ],
            ),
            Chapter(
                "Mon 22:00",
                holds={"Today": "bob"},
                moves=["ann leaves Today: time, Mon 22:00"],
            ),
            Chapter("Tue 03:59:59.999", holds={"Today": "bob"}),
            Chapter("Tue 04:00", moves=["bob leaves Today: time, Tue 04:00"]),
        ],
    ),
    Tale(
        "a visitor turns out to be somebody, and then somebody else",
        {"Seen twice": keep('did "Signed In" at least 2 times')},
        [
            Chapter(
                "Mon 09:00",
                [
                    person("ann"),
                    did("anon:1", "Signed In", "Mon 08:00"),
                    did("ann", "Signed In", "Mon 08:30"),
                ],
            ),
            Chapter(
                "Mon 10:00",
                [person("ann", "Mon 09:30", also="anon:1")],
                holds={"Seen twice": "ann"},
                moves=["ann enters Seen twice: merge, Mon 10:00"],
            ),
            Chapter(
                "Mon 11:00",
                undo=1,
                moves=["ann leaves Seen twice: merge, Mon 11:00"],
            ),
        ],
    ),
    Tale(
        "who is deleted is in nothing, who comes back is judged anew",
        {"VPs": keep('title contains "VP"'), "Quiet": keep('did not "Signed In"')},
        [
            Chapter(
                "Mon 09:00",
                VPS,
                holds={"VPs": "ann bob", "Quiet": "ann bob cy"},
                moves=[
                    "ann enters Quiet: definition, Mon 09:00",
                    "ann enters VPs: definition, Mon 09:00",
                    "bob enters Quiet: definition, Mon 09:00",
                    "bob enters VPs: definition, Mon 09:00",
                    "cy enters Quiet: definition, Mon 09:00",
                ],
            ),
            Chapter(
                "Mon 10:00",
                [person("ann", "Mon 09:59", deleted=True)],
                holds={"VPs": "bob", "Quiet": "bob cy"},
                moves=[
                    "ann leaves Quiet: trait, Mon 09:59",
                    "ann leaves VPs: trait, Mon 09:59",
                ],
            ),
            Chapter(
                "Mon 12:00",
                [person("ann", "Mon 11:00", deleted=False)],
                holds={"VPs": "ann bob", "Quiet": "ann bob cy"},
                moves=[
                    "ann enters Quiet: trait, Mon 11:00",
                    "ann enters VPs: trait, Mon 11:00",
                ],
            ),
        ],
    ),
    Tale(
        "one overtakes another",
        {"Best": keep("among top 1 by score")},
        [
            Chapter(
                "Mon 08:00",
                [person("ann", score=5), person("bob", score=3)],
                holds={"Best": "ann"},
                moves=["ann enters Best: definition, Mon 08:00"],
            ),
            Chapter(
                "Mon 09:00",
                [person("bob", "Mon 09:00", score=9)],
                holds={"Best": "bob"},
                moves=[
                    "ann leaves Best: trait, Mon 09:00",
                    "bob enters Best: trait, Mon 09:00",
                ],
            ),
            Chapter(
                "Mon 10:00",
                [person("ann", "Mon 10:00", score=9)],
                holds={"Best": "ann bob"},
                moves=["ann enters Best: trait, Mon 10:00"],
            ),
        ],
    ),
]
