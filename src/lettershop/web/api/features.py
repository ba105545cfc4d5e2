"""The numbers behind segments, as a file."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router

from lettershop.app.features import write_features
from lettershop.app.running import running
from lettershop.web.api.moment import AsOf, moment
from lettershop.web.api.operations import operation
from lettershop.web.api.uploads import send_file

router = Router()
PARQUET = "application/vnd.apache.parquet"
Segments = Annotated[list[str], Query(description="Segments of one subject.")]
OnlyMembers = Annotated[bool, Query(description="Only those who are in one of the segments.")]


@operation(router, "GET", "/features.parquet", answer=str, media_type=PARQUET, tag="segments")
def segment_features(
    request: HttpRequest, names: Segments, as_of: AsOf = "", members_only: OnlyMembers = False
) -> HttpResponseBase:
    """The metrics that segments are made of, a row per subject, as a Parquet file."""
    with TemporaryDirectory(prefix="lettershop-") as folder:
        path = Path(folder) / "features.parquet"
        with running().engine.read() as workspace:
            found = write_features(workspace, names, moment(as_of), path, members_only=members_only)
        file = path.open("rb")  # readable until it is closed, though the folder goes
    response = send_file(request, file, "features.parquet", PARQUET)
    response["X-Total-Count"] = str(found.rows)
    return response
