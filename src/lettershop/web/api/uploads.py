"""Files that come with a request, and files that are sent back; never whole in memory."""

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from asgiref.sync import sync_to_async
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError

from lettershop.app.answers import failure
from lettershop.model.errors import InputError, LettershopError

BLOCK: Final = 256 * 1024


def one_file(request: HttpRequest) -> "UploadedFile[Any]":
    """The part `file` of a multipart body. InputError `request.multipart`."""
    fields(request)
    found = request.FILES.getlist("file")
    if len(found) != 1:
        hint = "curl -F file=@contacts.csv …"
        raise InputError("request.multipart", "one part called “file” is needed", hint=hint)
    return found[0]


def fields(request: HttpRequest) -> Mapping[str, str]:
    """The other parts, as text. InputError `request.multipart`."""
    if request.content_type != "multipart/form-data":
        said = request.content_type or "of no stated kind"
        message = f"the body is {said}, not multipart/form-data"
        raise InputError("request.media_type", message, hint="curl -F file=@contacts.csv …")
    try:
        return {name: str(value) for name, value in request.POST.items()}
    except (MultiPartParserError, SuspiciousOperation, UnreadablePostError) as error:
        raise InputError("request.multipart", f"the body cannot be read: {error}") from None


def renamed(error: LettershopError, names: Mapping[str, str]) -> LettershopError:
    """The error with paths of the server replaced by what the client calls the files."""
    return failure(error, names).error()


def send_file(
    request: HttpRequest, file: BinaryIO, name: str, media_type: str
) -> StreamingHttpResponse:
    """The rest of an open file as a download; it is closed afterwards."""
    size = os.fstat(file.fileno()).st_size - file.tell()
    # Django reads a plain iterator whole when it serves ASGI, and an asynchronous one with WSGI.
    blocks: Any = _later(file) if isinstance(request, ASGIRequest) else _now(file)
    response = StreamingHttpResponse(blocks, content_type=media_type)
    response["Content-Length"] = str(size)
    ascii_ = name.encode("ascii", "replace").decode().replace('"', "'")
    response["Content-Disposition"] = f'attachment; filename="{Path(ascii_).name}"'
    return response


def _now(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


async def _later(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while block := await sync_to_async(file.read, thread_sensitive=False)(BLOCK):
            yield block
