"""The addresses of this area."""

from typing import Final

from lettershop.web.pages.roles import page
from lettershop.web.pages.sources import feeds, imports, keys, live, pulls, refusals, uploads

PAGES: Final = [
    page("live", live.live_events, "viewer"),
    page("live/part", live.live_part, "viewer"),
    page("sources", keys.sources, "viewer"),
    page("sources/add", keys.add_source, "editor", "POST"),
    page("sources/refusals", refusals.refused_reasons, "viewer"),
    page("sources/refusals/events", refusals.refused_events, "viewer"),
    page("sources/refusals.csv", refusals.refused_csv, "viewer"),
    page("sources/feeds", feeds.feeds, "viewer"),
    page("sources/imports", imports.imports, "viewer"),
    page("sources/imports/upload", imports.upload_file, "editor", "POST"),
    page("sources/imports/<slug:id>", imports.one_import, "viewer"),
    page("sources/imports/<slug:id>/part", imports.import_part, "viewer"),
    page("sources/imports/<slug:id>/cancel", imports.cancel_import, "editor", "POST"),
    page("sources/imports/<slug:id>/refused", imports.import_refused, "viewer"),
    page("sources/imports/<slug:id>/mapping", uploads.import_mapping, "editor", "GET POST"),
    page("sources/imports/<slug:id>/rows", uploads.import_rows, "editor", "GET POST"),
    page("sources/imports/<slug:id>/drop", uploads.drop_import, "editor", "POST"),
    page("sources/pulls", pulls.pulls, "viewer"),
    page("sources/pulls/part", pulls.pulls_part, "viewer"),
    page("sources/pulls/<slug:name>/try", pulls.try_pull, "editor", "POST"),
    page("sources/pulls/<slug:name>/run", pulls.run_pull_now, "editor", "POST"),
    page("sources/<slug:name>/key", keys.new_source_key, "owner", "POST"),
    page("sources/<slug:name>/revoke", keys.revoke_source_key, "owner", "GET POST"),
]
