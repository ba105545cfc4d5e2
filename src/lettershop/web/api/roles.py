"""Which role each operation of the API needs: the one place that says so.

`operation` (operations.py) reads it when a route is made, so a route that is missing here cannot
exist; the route-walk test reads it too. Viewers look, editors change data and definitions, owners
also keys.
"""

from collections.abc import Mapping
from typing import Final

from lettershop.access.principal import Role

ROLES: Final[Mapping[str, Role]] = {
    "GET /me": "viewer",
    # contacts and accounts
    "GET /contacts": "viewer",
    "POST /contacts": "editor",
    "GET /contacts/{path:who}": "viewer",
    "GET /contacts/{path:who}/timeline": "viewer",
    "GET /contacts/{path:who}/accounts": "viewer",
    "GET /accounts": "viewer",
    "POST /accounts": "editor",
    "GET /accounts/{path:account}": "viewer",
    "GET /accounts/{path:account}/people": "viewer",
    "GET /accounts/{path:account}/timeline": "viewer",
    "POST /addresses/check": "viewer",
    "GET /addresses/report": "viewer",
    "GET /addresses/explain": "viewer",
    # events and records
    "GET /events": "viewer",
    "GET /events/names": "viewer",
    "POST /records/{kind}": "editor",
    "GET /records/{kind}/{path:id}": "viewer",
    # what comes in
    "GET /sources": "viewer",
    "POST /sources": "editor",
    "POST /sources/{name}/keys": "owner",
    "DELETE /sources/{name}/keys/{prefix}": "owner",
    "GET /refusals": "viewer",
    "GET /live": "viewer",
    "GET /feeds": "viewer",
    # who entered and left segments, and who is told
    "GET /transitions": "viewer",
    "GET /transitions/stream": "viewer",
    "GET /segments/{path:name}/history": "viewer",
    "GET /segments/{path:name}/transitions": "viewer",
    "GET /cursors": "viewer",
    "GET /cursors/{name}": "viewer",
    "PUT /cursors/{name}": "editor",
    "DELETE /cursors/{name}": "editor",
    "GET /webhooks": "editor",
    "POST /webhooks": "editor",
    "DELETE /webhooks/{name}": "editor",
    "POST /webhooks/{name}/enable": "editor",
    "POST /webhooks/{name}/test": "editor",
    "GET /webhooks/{name}/deliveries": "editor",
    # segments, imports, catalog
    "GET /catalog": "viewer",
    "GET /catalog/newest": "viewer",
    "POST /rates": "editor",
    # catalogs of items that letters write about
    "GET /items": "viewer",
    "GET /items/{catalog}": "viewer",
    "POST /items/{catalog}": "editor",
    "GET /items/{catalog}/{path:id}": "viewer",
    "DELETE /items/{catalog}/{path:id}": "editor",
    "POST /conditions/check": "viewer",
    "POST /conditions/count": "viewer",
    "POST /conditions/preview": "viewer",
    "GET /segments": "viewer",
    "GET /overlap": "viewer",
    "GET /segments/{path:name}": "viewer",
    "GET /segments/{path:name}/members": "viewer",
    "GET /segments/{path:name}/members.csv": "viewer",
    "GET /segments/{path:name}/explain": "viewer",
    "GET /segments/{path:name}/sql": "viewer",
    # what is in force, and who is in or out by hand
    "POST /definitions/plan": "viewer",
    "POST /definitions/apply": "editor",
    "GET /published": "viewer",
    "GET /segments/{path:name}/versions": "viewer",
    "POST /segments/{path:name}/versions": "editor",
    "GET /segments/{path:name}/versions/{number}/diff": "viewer",
    "POST /segments/{path:name}/versions/{number}/publish": "editor",
    "DELETE /segments/{path:name}/versions/{number}": "editor",
    "DELETE /segments/{path:name}": "editor",
    "GET /partitions/{path:name}/proof": "viewer",
    "GET /pins": "viewer",
    "DELETE /pins/{number}": "editor",
    "GET /segments/{path:name}/pins": "viewer",
    "POST /segments/{path:name}/pins": "editor",
    # letters
    "GET /content/check": "viewer",
    "POST /content/{path:name}/preview": "viewer",
    "POST /content/{path:name}/test": "editor",
    "GET /content/{path:name}/report": "viewer",
    "GET /content/{path:name}/lock": "viewer",
    "POST /content/{path:name}/proofs": "editor",
    "GET /proofs": "viewer",
    "GET /proofs/{number}": "viewer",
    "GET /proofs/{number}/kept": "viewer",
    "POST /proofs/{number}/cancel": "editor",
    "POST /proofs/{number}/accept": "editor",
    "POST /proofs/{number}/withdraw": "editor",
    "GET /content": "viewer",
    "GET /content/{path:name}/versions": "viewer",
    "GET /content/{path:name}/versions/{number}": "viewer",
    # merges, pulls, backups, imports
    "GET /traits": "viewer",
    "GET /traits/{path:name}/explain": "viewer",
    "GET /merges": "viewer",
    "POST /merges/{number}/undo": "editor",
    "GET /pulls": "viewer",
    "POST /pulls/{path:name}/run": "editor",
    "POST /backups": "owner",
    "POST /imports": "editor",
    "GET /imports": "viewer",
    "GET /imports/{id}": "viewer",
    "GET /imports/{id}/refused": "viewer",
}
"""`METHOD /path` as the route is written (with converters) -> the least role."""
