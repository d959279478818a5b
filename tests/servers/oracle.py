#!/usr/bin/env python3
"""What a SCIM server says it holds, read without the program under test.

usage: TOKEN=.. oracle.py [--raw] BASE [ATTRIBUTE..]

Reads every user and group, one page after another, and prints canonical JSON: users by userName
with the attributes asked for (dotted; those absent are null), groups by displayName with the sorted
userNames of their members. A member that is no user is shown as `?ID`, so that it equals nothing.
With --raw: every resource by itself, as the exact text that the server answers.
"""

import http.client
import json
import os
import sys
from urllib.parse import quote, urlsplit

PAGE = 50


class Server:
    def __init__(self, base):
        url = urlsplit(base)
        self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
        self.path = url.path.rstrip("/")
        self.headers = {"Authorization": "Bearer " + os.environ["TOKEN"]}

    def get(self, path):
        """The text at a path; anything but 200 ends the run."""
        self.connection.request("GET", self.path + path, headers=self.headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        if response.status != 200:
            sys.exit(f"GET {path}: {response.status} {text[:200]}")
        return text

    def list(self, collection):
        """Every resource of a collection. Rows are counted by hand: scimmy answers the count that
        was asked as itemsPerPage, and past the end it answers the last rows again."""
        rows, total = {}, None
        while total is None or len(rows) < total:
            page = json.loads(self.get(f"/{collection}?startIndex={len(rows) + 1}&count={PAGE}"))
            if total not in (None, page["totalResults"]):
                sys.exit(f"{collection}: totalResults moved from {total}: somebody writes")
            total = page["totalResults"]
            fresh = {row["id"]: row for row in page.get("Resources") or []}
            if total and (not fresh or fresh.keys() & rows.keys()):
                sys.exit(f"{collection}: the page at {len(rows) + 1} of {total} is empty or repeats")
            rows.update(fresh)
        return rows


def attribute(resource, path):
    value = resource
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def canonical(server, attributes):
    users = server.list("Users")
    names = {key: user["userName"] for key, user in users.items()}
    shown = [
        {"userName": user["userName"], **{name: attribute(user, name) for name in attributes}}
        for user in users.values()
    ]
    groups = [
        {
            "displayName": group["displayName"],
            "members": sorted(
                names.get(member["value"], "?" + member["value"])
                for member in group.get("members") or []
            ),
        }
        for group in server.list("Groups").values()
    ]
    return {
        "users": sorted(shown, key=lambda user: user["userName"]),
        "groups": sorted(groups, key=lambda group: group["displayName"]),
    }


def raw(server):
    return {
        f"{collection}/{key}": server.get(f"/{collection}/{quote(key, safe='')}")
        for collection in ("Users", "Groups")
        for key in server.list(collection)
    }


def main(arguments):
    as_raw = "--raw" in arguments
    base, *attributes = [word for word in arguments if word != "--raw"] or sys.exit(__doc__)
    server = Server(base)
    answer = raw(server) if as_raw else canonical(server, attributes)
    json.dump(answer, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main(sys.argv[1:])
