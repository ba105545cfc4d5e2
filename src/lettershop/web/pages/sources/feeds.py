"""Feeds: when each event was last heard of, and which segments wait for it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.running import running
from lettershop.app.sources import feed_states
from lettershop.model.clock import parse_instant
from lettershop.web.pages.sources.said import COLOURS, FEED_STATES


def feeds(request: HttpRequest) -> HttpResponse:
    server = running()
    now = server.clock.now()
    with server.engine.read() as workspace:
        states, settings = feed_states(workspace, now), workspace.settings
    rows = [
        {
            "feed": state.feed,
            "last": parse_instant(state.feed.last_received) if state.feed.last_received else None,
            "usual": _hours(state.feed.usual_gap),
            "longest": _hours(state.feed.longest_gap),
            "waiting": state.waiting,
            "says": FEED_STATES[state.feed.state],
            "colour": COLOURS[state.feed.state],
        }
        for state in states
    ]
    known = {
        "rows": rows,
        "silent": [state for state in states if state.feed.state == "silent"],
        "settings": settings,
        "tab": "feeds",
    }
    return render(request, "sources/feeds.html", known)


def _hours(seconds: int | None) -> float | None:
    return None if seconds is None else round(seconds / 3600, 1)
