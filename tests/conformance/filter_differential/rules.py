"""Random rules: who sees, changes and deletes what, and what is said of rules that cannot be."""
import json

from lists import BODIES, list_request, parts_of
from pair import Request, scrub

RULED = ["posts", "posts", "notes", "packs", "people", "seen"]
RULES = ("listRule", "viewRule", "createRule", "updateRule", "deleteRule")


def set_rules(collection, token, **rules):
    return Request.json("PATCH", f"/api/collections/{collection}", rules, token)


def rules(pair, tally, expressions, tokens, rounds):
    rng = expressions.rng
    # One rule costs two saves of a collection and some twenty requests.
    for _ in range(rounds // 16):
        collection = rng.choice(RULED)
        text, parts = expressions.filter(collection, as_rule=True, budget=rng.choice([1, 1, 1, 2, 3]))
        if rng.random() < 0.08:
            text = expressions.damaged(text)
        names = ("listRule", "viewRule") if collection == "seen" else RULES
        before = {c["name"]: c for c in expressions.world.collections}[collection]
        saved = tally.check(set_rules(collection, tokens["superuser"], **dict.fromkeys(names, text)), view=comparable,
                            about=text)
        if saved.status == 200:
            visibility(pair, tally, expressions, tokens, collection, text, parts)
            restore = {name: before[name] for name in names}
            tally.check(set_rules(collection, tokens["superuser"], **restore), view=comparable, about="restored")


def comparable(answer):
    return scrub(answer.body)


def visibility(pair, tally, expressions, tokens, collection, text, parts):
    rng = expressions.rng
    ids = [row["id"] for row in pair.reference.call("GET",
                                                    f"/api/collections/{collection}/records?perPage=200&sort=id", None,
                                                    tokens["superuser"])["items"]]
    body = rng.choice(BODIES)
    for user, token in tokens.items():
        about = f"{user}, rule {text!r} on"
        tally.check(list_request(collection, token, body, sort="id"), about=about)
        more, _ = expressions.filter(collection, budget=1)
        tally.check(list_request(collection, token, body, filter=more, sort="id"), about=about)
        for identifier in rng.sample(ids, min(2, len(ids))):
            path = f"/api/collections/{collection}/records/{identifier}"
            tally.check(Request("GET", f"{path}?q=7&total=10", token, headers={"X-Key": "K"}), about=about)
    if collection == "seen":
        return
    for user, token in tokens.items():
        if user != "superuser":
            changes(tally, expressions, tokens, collection, rng.choice(ids), user, text)


def changed_values(expressions, collection):
    """A body for a create or an update: some fields, some of them odd."""
    rng, body = expressions.rng, {}
    for field in expressions.world.fields[collection]:
        if rng.random() > 0.35 or field["name"] in ("email", "verified", "emailVisibility") or field["type"] == "file":
            continue
        body[field["name"] + rng.choice(["", "", "", "+"] if field["type"] == "number" else [""])] = value_for(rng,
                                                                                                               field)
    if rng.random() < 0.3:
        body["nope"] = rng.choice([None, False, 1, "x", [1]])
    return body


def value_for(rng, field):
    choices = {"number": [0, 1, 10, 2.5, "5", -1], "bool": [True, False],
               "date": ["", "2026-03-10", "2026-03-10 08:00:00.000Z"],
               "json": [None, 1, "abc", {"n": 1}, [5, {"k": "v"}], True], "geoPoint": [{"lon": 1, "lat": 2}, None],
               "url": ["", "https://a.test/x"], "email": ["", "a@b.co"]}
    if field["type"] == "select":
        return rng.sample(field["values"], rng.randint(0, min(2, field["maxSelect"])))
    if field["type"] == "relation":
        ids = {"people": ["p1", "p2", "p3"], "posts": ["posta", "postb"], "staff": ["s1"]}[field["collectionId"][4:]]
        return rng.sample(ids, rng.randint(0, min(2, field["maxSelect"], len(ids))))
    return rng.choice(choices.get(field["type"], ["", "x", "Red fox", "10", None, 5]))


def changes(tally, expressions, tokens, collection, identifier, user, text):
    """An update, a create and a delete by a user; what they did is undone with the superuser's hand."""
    rng, token, root = expressions.rng, tokens[user], tokens["superuser"]
    records, query = f"/api/collections/{collection}/records", "?q=7&total=10"
    about = f"{user}, rule {text!r} on"
    tally.check(Request.json("PATCH", f"{records}/{identifier}{query}", changed_values(expressions, collection), token),
                view=comparable, about=about)
    if collection == "people":
        return  # passwords cost more than they tell here
    body = {**changed_values(expressions, collection), "id": "created1"}
    created = tally.check(Request.json("POST", records + query, body, token), view=comparable, about=about)
    target = "created1" if created.status == 200 else ""
    if not target:
        made = tally.check(Request.json("POST", records, {**body, "id": "created1"}, root), view=comparable,
                           about="superuser")
        target = "created1" if made.status == 200 else ""
    if target:
        payload = json.dumps(rng.choice(BODIES[2:])).encode()
        deleted = tally.check(Request("DELETE", f"{records}/{target}{query}", token, payload,
                                      {"Content-Type": "application/json", "X-Key": "K"}), about=about)
        if deleted.status != 204:
            tally.check(Request("DELETE", f"{records}/{target}", root), about="superuser")
