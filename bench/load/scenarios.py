"""The data that the servers hold and the requests that the scenarios send."""

import json
import random
import struct
from urllib.parse import quote

import files

POSTS, NOTES, CHANGED, MEMBERS, TEAMS, LINES = 5000, 1000, 1000, 20, 10, 100_000
SEED_CONNECTIONS = 16
BATCH = 100
MEMBER_PASSWORD = "member1234567890"
WORDS = ("river stone cloud lantern harbour meadow copper winter signal orchard violet thunder paper island candle "
         "forest silver anchor garden mirror").split()


def record_id(prefix, number):
    return f"{prefix}{number:0{15 - len(prefix)}d}"


def sentence(source, count):
    return " ".join(source.choice(WORDS) for _ in range(count))


def raw(method, path, body=None, token=""):
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if token:
        lines.append(f"Authorization: {token}")
    payload = b""
    if body is not None:
        payload = json.dumps(body, ensure_ascii=False).encode()
        lines += ["Content-Type: application/json", f"Content-Length: {len(payload)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


def write_requests(path, requests):
    with open(path, "wb") as file:
        for request in requests:
            file.write(struct.pack("<I", len(request)) + request)


def text(name, **more):
    return {"name": name, "type": "text", **more}


def relation(name, collection):
    return {"name": name, "type": "relation", "collectionId": collection, "maxSelect": 1, "cascadeDelete": False}


AUTODATES = [{"name": "created", "type": "autodate", "onCreate": True},
             {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True}]


def indexes(collection):
    return [f"CREATE INDEX idx_{collection}_views ON {collection} (views)",
            f"CREATE INDEX idx_{collection}_created ON {collection} (created)"]


def create_collections(server):
    everybody = {"listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": None}

    def create(name, kind, fields, rules, with_indexes=False):
        body = {"name": name, "type": kind, "fields": fields, **{**everybody, **rules}}
        if kind == "view":
            body.update(createRule=None, updateRule=None)
        if with_indexes:
            body["indexes"] = indexes(name)
        return server.call("POST", "/api/collections", body)["id"]

    server.call("PATCH", "/api/settings", {"batch": {"enabled": True, "maxRequests": BATCH, "timeout": 10, "maxBodySize": 0}})
    content = [text("title", max=200), text("body"), {"name": "views", "type": "number"},
               {"name": "published", "type": "bool"}]
    teams = create("teams", "base", [text("name"), {"name": "active", "type": "bool"}], {})
    members = create("members", "auth", [text("name"), relation("team", teams)], {})
    links = [relation("author", members), relation("team", teams)]
    create("posts", "base", content + links + AUTODATES, {}, True)
    create("notes", "base", content + links + AUTODATES,
           {"viewRule": '@request.auth.id != "" && (published = true || author = @request.auth.id)'})
    create("written", "base", content + AUTODATES, {}, True)
    create("joined", "base", content + AUTODATES, {"createRule": "@request.auth.team.active = true"}, True)
    create("changed", "base", content + AUTODATES, {}, True)
    lines = create("lines", "base", content + links + [{"name": "tags", "type": "select", "values": WORDS, "maxSelect": 5}],
                   {"listRule": "published = true || author = @request.auth.id"}, False)
    create("remarks", "base", [relation("line", lines), relation("by", members), text("body"), relation("post", lines)], {})
    create("seen", "view", [], {"viewQuery": "SELECT lines.id, lines.title, lines.views, lines.author, members.name AS who FROM lines"
                                             " LEFT JOIN members ON members.id = lines.author"})
    for collection, column in (("lines", "views"), ("lines", "author"), ("remarks", "line")):
        found = server.call("GET", f"/api/collections/{collection}")
        wanted = [*found["indexes"], f"CREATE INDEX idx_{collection}_{column} ON {collection} ({column})"]
        server.call("PATCH", f"/api/collections/{collection}", {"indexes": wanted})


def content(source, number=0):
    return {"title": sentence(source, 5), "body": sentence(source, 30), "views": source.randrange(10000),
            "published": number % 2 == 0}


def seed_batches(token):
    """Lists of requests; each list is sent once the one before it is through."""
    source = random.Random(1)
    team_of = lambda n: record_id("team", n % TEAMS)
    member_of = lambda n: record_id("member", n % MEMBERS)

    def create(collection, body):
        return raw("POST", f"/api/collections/{collection}/records", body, token)

    yield [create("teams", {"id": record_id("team", n), "name": f"team {n}", "active": True}) for n in range(TEAMS)]
    yield [create("members", {"id": member_of(n), "email": f"member{n}@example.com", "password": MEMBER_PASSWORD,
                              "passwordConfirm": MEMBER_PASSWORD, "name": f"member {n}", "team": team_of(n),
                              "verified": True}) for n in range(MEMBERS)]
    for collection, prefix, count in (("posts", "post", POSTS), ("notes", "note", NOTES)):
        yield [create(collection, {"id": record_id(prefix, n), **content(source, n), "author": member_of(n),
                                   "team": team_of(n)}) for n in range(count)]
    yield [create("changed", {"id": record_id("changed", n), **content(source)}) for n in range(CHANGED)]


def seed_rows(database):
    """What is too much to be sent over HTTP: written while the server is stopped."""
    source = random.Random(3)
    lines = ((record_id("line", n), sentence(source, 5), sentence(source, 12), source.randrange(10000), n % 3 > 0,
              record_id("member", n % MEMBERS), record_id("team", n % TEAMS), json.dumps(source.sample(WORDS, n % 4)))
             for n in range(LINES))
    database.executemany("INSERT INTO lines (id, title, body, views, published, author, team, tags) VALUES (?,?,?,?,?,?,?,?)", lines)
    remarks = ((record_id("remark", n), record_id("line", n % LINES), record_id("member", n % MEMBERS), sentence(source, 3))
               for n in range(0, 2 * LINES, 40))
    database.executemany("INSERT INTO remarks (id, line, `by`, body) VALUES (?,?,?,?)", remarks)


class Scenario:
    """`once`: that many requests make a measurement, and none of them is ever sent twice.
    `beside`: (connections, requests) of a second client, which is busy all the while and not measured."""

    def __init__(self, name, connections, requests, check=None, raw_check=None, once=0, beside=None):
        self.name, self.connections, self.requests, self.once = name, connections, requests, once
        self.check, self.raw_check, self.beside = check, raw_check, beside
        self.used = 0

    def answered_right(self, status, body):
        if self.raw_check:
            return self.raw_check(status, body)
        return status == 200 and self.check(json.loads(body))

    def next_requests(self):
        if not self.once:
            return self.requests
        self.used += self.once
        # The first one was sent to check the answer.
        return self.requests[1 + self.used - self.once:1 + self.used]


def sign_in(server, number):
    return server.call("POST", "/api/collections/members/auth-with-password",
                       {"identity": f"member{number}@example.com", "password": MEMBER_PASSWORD}, token="")["token"]


def records(collection, tail=""):
    return f"/api/collections/{collection}/records{tail}"


def build(server):
    """The scenarios of one server (their tokens are its own). A check gets the answer to the first request."""
    source = random.Random(2)
    tokens = [sign_in(server, number) for number in range(MEMBERS)]
    query = "?perPage=30&sort=-views,title&filter=" + quote("views > 9500 && published = true")

    views = [raw("GET", records("posts", "/" + record_id("post", source.randrange(POSTS)))) for _ in range(2000)]
    creates = [raw("POST", records("written"), content(source, n)) for n in range(500)]
    batches = [raw("POST", "/api/batch", {"requests": [{"method": "POST", "url": records("written"), "body": content(source, n)}
                                                       for n in range(BATCH)]}) for _ in range(20)]
    guarded = [raw("GET", records("notes", "/" + record_id("note", n)), token=tokens[n % MEMBERS])
               for n in range(NOTES)]
    joined = [raw("POST", records("joined"), content(source, n), tokens[n % MEMBERS]) for n in range(500)]
    updates = [raw("PATCH", records("changed", "/" + record_id("changed", n)),
                   {"title": sentence(source, 5), "views": source.randrange(10000)}) for n in range(CHANGED)]
    refreshes = [raw("POST", "/api/collections/members/auth-refresh", token=token) for token in tokens]
    passwords = [raw("POST", "/api/collections/members/auth-with-password",
                     {"identity": f"member{n}@example.com", "password": MEMBER_PASSWORD}) for n in range(MEMBERS)]

    of_lines = lambda query, n=0: raw("GET", records("lines", query), token=tokens[n])
    # Each asks for something else, so that no answer helps the next one.
    ruled = ["?perPage=30&sort=-views,title&filter=" + quote(f'views > {9000 + n % 97} && title ~ "{WORDS[n % len(WORDS)]}"')
             for n in range(2000)]
    # Ten joins: single relations, relations back, and a list.
    deep = " && ".join(['author.team.active = true', 'team.name != ""', 'remarks_via_line.body ?!= "x"', 'remarks_via_line.by.name ?!= "x"',
                        'remarks_via_line.by.team.name ?!= "x"', 'tags:each ?!= "x"', 'author.notes_via_author.title ?!= ""',
                        'author.notes_via_author.team.name ?!= "x"', 'views > 9990'])
    has_lines = lambda answer: len(answer["items"]) == 30 and answer["totalItems"] > 500
    has_id = lambda answer: len(answer["id"]) == 15
    is_page = lambda answer: len(answer["items"]) == 30 and answer["items"][0]["views"] > 9500
    no_total = lambda answer: is_page(answer) and answer["totalItems"] == -1
    with_total = lambda answer: is_page(answer) and answer["totalItems"] > 80
    expanded = lambda answer: len(answer["items"]) == 30 and len(answer["items"][0]["expand"]["author"]["id"]) == 15
    signed_in = lambda answer: len(answer["token"]) > 100 and len(answer["record"]["id"]) == 15
    return [
        Scenario("health", 64, [raw("GET", "/api/health")], lambda answer: answer["code"] == 200),
        Scenario("view", 64, views, has_id),
        Scenario("view-auth", 64, guarded, has_id),
        Scenario("list-30", 64, [raw("GET", records("posts", query + "&skipTotal=1"))], no_total),
        Scenario("list-30-total", 64, [raw("GET", records("posts", query))], with_total),
        Scenario("list-30-expand", 64, [raw("GET", records("posts", "?perPage=30&expand=author,team&skipTotal=1"))],
                 expanded),
        Scenario("list-30-expand-2", 64, [raw("GET", records("posts", "?perPage=30&expand=author.team,team&skipTotal=1"))],
                 lambda answer: expanded(answer) and answer["items"][0]["expand"]["author"]["expand"]["team"]["active"]),
        Scenario("list-100k-rule", 4, [of_lines(query, n % MEMBERS) for n, query in enumerate(ruled)], has_lines),
        Scenario("list-100k-scan", 4, [of_lines("?perPage=30&filter=" + quote('title ~ "river" && body !~ "paper"'))], has_lines),
        Scenario("list-100k-deep", 4, [of_lines("?perPage=30&filter=" + quote(deep))], lambda answer: answer["totalItems"] > 5),
        Scenario("list-100k-each", 4, [of_lines("?perPage=30&filter=" + quote('tags:each = "river"'))],
                 lambda answer: len(answer["items"]) == 30),
        Scenario("list-view", 4, [raw("GET", records("seen", "?perPage=30&sort=-views&filter=" + quote("views > 9000")))],
                 lambda answer: len(answer["items"]) == 30 and answer["totalItems"] > 5000),
        Scenario("create-1", 1, creates, has_id),
        Scenario("create-64", 64, creates, has_id),
        Scenario("create-256", 256, creates, has_id),
        Scenario("batch-100", 8, batches, lambda answer: len(answer) == BATCH and has_id(answer[-1]["body"])),
        Scenario("create-rule-join", 64, joined, has_id),
        Scenario("update", 64, updates, has_id),
        Scenario("mixed-90-10", 64, views[:1800] + creates[:200], has_id),
        Scenario("auth-refresh", 64, refreshes, signed_in),
        Scenario("sign-in", 4, passwords, signed_in),
        Scenario("view-quiet", 8, views, has_id),
        Scenario("view-sign-ins", 8, views, has_id, beside=(50, passwords)),
        *files.build(server, Scenario),
    ]
