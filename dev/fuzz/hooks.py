"""What schemathesis cannot know from the document alone, and the count of what was sent and answered."""

import atexit
import hashlib
import json
import os
import re
from collections import Counter

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from urllib3.util import SKIP_HEADER

NAME = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
KEY = "Idempotency-Key"


def is_sound(case, location):
    """Whether this part of the request is as the document says."""
    component = case.meta.components.get(location) if case.meta else None
    return component is None or component.mode.is_positive


def digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


# Names of which some are there, so that requests meet, and one that never is; mostly used instead of those made up.
PLACES = {
    "mesh": ["default", "default", "default", "default", "default", "a", "absent"],
    "name": ["a", "b", "web-1", "fuzz.default"],
    "tenant": ["fuzz-a", "fuzz-b", "fuzz-c"],
}
# What a document calls the parts of its address.
MEMBERS = {"mesh": "mesh", "name": "name", "id": "tenant"}


@schemathesis.hook
def map_case(context, case):
    """Addresses lead to what is there, a document names what its address names, and another request has another key."""
    number = int(digest([case.method, case.path, case.query, case.body])[:8], 16)
    names = case.path_parameters or {}
    if is_sound(case, ParameterLocation.PATH):
        for part in names:
            # A link leads from one request to the next.
            if names[part] not in PLACES.get(part, [names[part]]):
                number, odd = divmod(number, 16)
                names[part] = names[part] if odd == 0 else PLACES[part][number % len(PLACES[part])]
        if isinstance(case.body, dict):
            for member, part in MEMBERS.items():
                told = case.body.get(member)
                # An empty one in a body that is to be refused may be the very mistake.
                is_free = told == "" and is_sound(case, ParameterLocation.BODY)
                if is_free or (isinstance(told, str) and NAME.fullmatch(told)):
                    if part in names:
                        case.body[member] = names[part]
                    elif member == "id":
                        case.body[member] = PLACES[part][number % len(PLACES[part])]
    for name in [name for name, value in (case.headers or {}).items() if value == SKIP_HEADER]:
        # The client takes this text for an order of its own and refuses to send it.
        del case.headers[name]
    if case.headers and is_sound(case, ParameterLocation.HEADER):
        headers_like_document(case)
    return case


def headers_like_document(case):
    data = case.meta.phase.data if case.meta else None
    if data is None or data.parameter_location != ParameterLocation.HEADER:
        # Conditions mostly do not hold, and then nothing else is looked at.
        for name in ("If-Match", "If-None-Match"):
            case.headers.pop(name, None)
    if KEY in case.headers:
        key = digest([case.method, case.path, case.query, case.body])
        if not key.startswith("0"):
            case.headers[KEY] = key


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if failure.code in ("ST204", "ST205"):
        # These may also be the name of a resource, whose methods are then told.
        return not case.path.endswith(("/_overview", "/openapi.json"))
    if failure.code == "ST202" and case.method == "DELETE" and "dataplanes attached" in response.text:
        # A mesh that is in use stays, whatever the request says.
        return False
    return failure.code != "ST201" or not is_read_leniently(case)


def is_read_leniently(case):
    """Kuma takes more than the document tells people to send."""
    if any(isinstance(value, (list, dict)) for value in (case.query or {}).values()):
        # Of a parameter that is there more than once the first one counts.
        return True
    body = case.body
    if case.method != "PUT" or not isinstance(body, dict):
        return False
    # The older types are read as protobuf reads JSON, where a text may be a number; in the newer ones null is nothing.
    return "spec" not in body or has_null(body)


def has_null(value):
    if isinstance(value, dict):
        value = list(value.values())
    return value is None or (isinstance(value, list) and any(has_null(item) for item in value))


statuses = Counter()
slowest = {"seconds": 0, "request": ""}


@schemathesis.hook
def after_call(context, case, response):
    statuses[response.status_code] += 1
    if response.elapsed > slowest["seconds"]:
        slowest.update(seconds=response.elapsed, request=f"{case.method} {case.formatted_path}")


@atexit.register
def write_statistics():
    path = os.environ.get("FUZZ_STATISTICS")
    if path:
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"statuses": statuses, "slowest": slowest}, file)
