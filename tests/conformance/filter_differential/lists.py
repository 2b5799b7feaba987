"""Lists under random filters and sorts, valid, damaged and deep."""
import json
from itertools import combinations
from urllib.parse import quote

from pair import Request

LISTED = ["posts", "posts", "posts", "people", "notes", "packs", "stats", "seen", "empties"]
QUERY = "q=7&total=10&title=Red%20fox&empty="
BODIES = [None, None,
          {"title": "Red fox", "total": 10, "tags": ["x", "y"], "author": "p1", "editors": ["p1", "p3"],
           "active": True},
          {"title": "", "total": "5", "kind": "news", "meta": {"n": 1}, "nope": None, "parent": "posta", "tags": "x"},
          {"editors": [], "total": None, "meta": [1, {"k": "v"}], "published": "2026-03-10",
           "spot": {"lon": 1, "lat": 2}}]


def list_request(collection, token, body=None, tail="&perPage=200", **query):
    path = f"/api/collections/{collection}/records?{QUERY}{tail}"
    for name, value in query.items():
        if value is not None:
            path += f"&{name}={quote(value, safe='')}"
    headers = {"X-Key": "K"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    return Request("GET", path, token, None if body is None else json.dumps(body).encode(), headers)


def as_set(answer):
    """The answer without the order of its items."""
    body = answer.json()
    if "items" in body:
        body["items"].sort(key=lambda item: item["id"])
    return body


def parts_of(parts):
    """A filter's comparisons alone, then in twos, joined both ways."""
    yield from parts
    for two in combinations(parts, 2):
        yield " && ".join(two)
        yield " || ".join(two)


def tells_addresses(user, sort):
    """Sorting by e-mail without the right to see it: refused on purpose (README, "Differences")."""
    return user != "superuser" and "email" in sort


def lists(pair, tally, expressions, tokens, rounds):
    rng = expressions.rng
    for _ in range(rounds):
        collection, user = rng.choice(LISTED), rng.choice(list(tokens))
        is_superuser = user == "superuser"
        text, parts = expressions.filter(collection, as_rule=is_superuser and rng.random() < 0.7)
        sort, exact = expressions.sort(collection, is_superuser) if rng.random() < 0.5 else ("id", True)
        if tells_addresses(user, sort):
            sort, exact = "id", True
        body, tail = rng.choice(BODIES), rng.choice(["&perPage=200", "&perPage=200", "&perPage=3&page=2",
                                                     "&perPage=5&skipTotal=1"])
        if not exact:
            tail = "&perPage=200"
        token = tokens[user]
        smaller = [list_request(collection, token, body, filter=part, sort="id") for part in parts_of(parts)]
        smaller += [list_request(collection, token, body, sort=sort)]
        tally.check(list_request(collection, token, body, tail, filter=text, sort=sort),
                    **({} if exact else {"view": as_set}), smaller=smaller, about=user)


def invalid(pair, tally, expressions, tokens, rounds):
    rng = expressions.rng
    for _ in range(rounds):
        collection, user = rng.choice(LISTED), rng.choice(list(tokens))
        text, _ = expressions.filter(collection, as_rule=user == "superuser" and rng.random() < 0.5,
                                     budget=rng.choice([1, 1, 2, 3]))
        sort = "id"
        if rng.random() < 0.8:
            text = expressions.damaged(text)
        else:
            sort = expressions.damaged(expressions.sort(collection, user == "superuser")[0])
        if tells_addresses(user, sort) or "random" in sort:
            sort = "id"
        tally.check(list_request(collection, tokens[user], filter=text or None, sort=sort), view=as_set, about=user)


def deep(pair, tally, expressions, tokens, rounds):
    """Nested as deep and as long as the limits let a client go."""
    token = tokens["superuser"]
    for text in deep_filters():
        tally.check(list_request("posts", token, filter=text, sort="id"), about="superuser")


def deep_filters():
    for depth in (5, 20, 37, 38, 39, 60, 98, 99, 100, 150, 199, 200, 201):
        openings = ("kind!='x'&&(" if i % 2 else "total>=0||(" for i in range(depth - 1))
        yield "".join(openings) + "total<1" + ")" * (depth - 1)
        yield "(" * (depth - 1) + "id!=1" + "".join(")&&id=2" if i % 2 else ")||id!=3" for i in range(depth - 1))
        yield "(" * depth + "id!='x'" + ")" * depth
        yield "||".join(["id='posta'"] * depth)
        yield "&&".join(["id!='posta'"] * depth)
        yield "&&".join(["(id!=1||id=2)"] * depth)
        yield "||".join(["(id=1&&(id=2||id=1))"] * (depth // 3 + 1))
    yield "(" * 1500 + "id='posta'" + ")" * 1500
    for length in (3499, 3500, 3501):
        yield "title='" + "x" * (length - 8) + "'"
    for hops in range(1, 9):
        yield ".".join(["parent"] * hops) + ".title!='x'"
        yield ".".join(["parent"] * hops) + ".id!='x'"
        yield "&&".join(["author." + "boss." * (hops - 1) + "name!='x'"] * 2)
