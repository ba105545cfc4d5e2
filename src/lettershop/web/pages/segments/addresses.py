"""The addresses of this area.

Names of segments may hold anything but line ends, also `/`: what stands first wins, so the fixed
addresses come before those of a name, and a segment's own page is the last.
"""

from typing import Final

from lettershop.web.pages.roles import page
from lettershop.web.pages.segments import (
    drafts,
    explaining,
    history,
    listing,
    overlap,
    overview,
    partition_form,
    partitions,
    pins,
    planning,
    publishing,
    standing_out,
)
from lettershop.web.pages.segments.building import choosing, views

PAGES: Final = [
    page("segments", listing.segments, "viewer"),
    page("segments/overlap", overlap.segments_overlap, "viewer"),
    page("segments/plan", planning.segments_plan, "viewer"),
    page("segments/plan/apply", planning.segments_apply, "editor", "POST"),
    page("segments/partitions/new", partition_form.partition_new, "editor", "GET POST"),
    page(
        "segments/partitions/<path:name>/edit", partition_form.partition_edit, "editor", "GET POST"
    ),
    page("segments/partitions/<path:name>", partitions.partition, "viewer"),
    page("segments/new", views.build_segment, "editor", "GET POST"),
    page("segments/build/count", views.count_condition, "editor", "POST"),
    page("segments/build/choices", choosing.find_choices, "viewer"),
    page("segments/<path:name>/edit", views.edit_segment, "editor", "GET POST"),
    page("segments/<path:name>/versions", drafts.segment_versions, "viewer"),
    page("segments/<path:name>/withdraw", publishing.withdraw_segment, "editor", "GET POST"),
    page("segments/<path:name>/draft/<int:number>", drafts.segment_draft, "viewer"),
    page(
        "segments/<path:name>/draft/<int:number>/publish",
        publishing.publish_draft,
        "editor",
        "POST",
    ),
    page("segments/<path:name>/draft/<int:number>/discard", drafts.discard_draft, "editor", "POST"),
    page("segments/<path:name>/members", overview.members, "viewer"),
    page("segments/<path:name>/members.csv", overview.members_csv, "viewer"),
    page("segments/<path:name>/history", history.history, "viewer"),
    page("segments/<path:name>/changes", history.changes, "viewer"),
    page("segments/<path:name>/overlap", overlap.overlap, "viewer"),
    page("segments/<path:name>/apart", standing_out.standing_out, "viewer"),
    page("segments/<path:name>/explain", explaining.explain, "viewer"),
    page("segments/<path:name>/explain/found", explaining.explain_found, "viewer"),
    page("segments/<path:name>/pins", pins.pins, "viewer"),
    page("segments/<path:name>/pins/add", pins.pin_add, "editor", "POST"),
    page("segments/<path:name>/pins/<int:number>/remove", pins.pin_remove, "editor", "POST"),
    page("segments/<path:name>", overview.segment, "viewer"),
]
