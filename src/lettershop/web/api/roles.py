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
    # segments, imports, catalog
    "GET /catalog": "viewer",
    "GET /catalog/newest": "viewer",
    "POST /rates": "editor",
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
