"""A provider's webhook, checked and read: `parse`."""

from collections.abc import Mapping
from typing import Final, Literal, assert_never

from lettershop.delivery.returns.said import Return
from lettershop.delivery.returns.vendors import mailgun, postmark, sendgrid, ses
from lettershop.delivery.returns.vendors.common import Told, forged, made

Vendor = Literal["ses", "sendgrid", "postmark", "mailgun"]
VENDORS: Final[tuple[Vendor, ...]] = ("ses", "sendgrid", "postmark", "mailgun")


def parse(
    vendor: Vendor,
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    *,
    now: int,
    fetch: ses.Fetch | None = None,
) -> list[Return]:
    """What it tells of; opens and clicks are left out. `now`: ms. `fetch`: for certificates of SES.

    `secret`: of SES the topic ARNs, separated by spaces; of SendGrid the verification key; of
    Postmark the password; of Mailgun the signing key.
    AccessError `webhook.signature`, `webhook.topic`; InputError `webhook.body`, `webhook.key`.
    """
    found = (made(one, vendor) for one in _told(vendor, headers, body, secret, now, fetch))
    return [one for one in found if one is not None]


def _told(
    vendor: Vendor,
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    now: int,
    fetch: ses.Fetch | None,
) -> list[Told]:
    match vendor:
        case "ses":
            if fetch is None:
                raise forged("certificates cannot be fetched here")
            return ses.told(body, secret.split(), fetch)
        case "sendgrid":
            return sendgrid.told(headers, body, secret, now)
        case "postmark":
            return postmark.told(headers, body, secret)
        case "mailgun":
            return mailgun.told(body, secret, now)
        case _:
            assert_never(vendor)
