"""Creates and updates with one odd value each, as JSON and as forms, with every modifier."""
import json, re
from urllib.parse import quote_plus

from pair import Request, scrub
from shapes import many_fields
from values import every_value, values_for

MODIFIERS = ["f+", "+f", "f-", "f:autogenerate", "f:each", "F", " f"]
GENERATED = re.compile(rb"GEN[0-9]{6}")
BOUNDARY = "differential-boundary"


def comparable(answer):
    return GENERATED.sub(b"GEN", scrub(answer.body))


def written(members):
    """A JSON body from (key, JSON text) pairs."""
    return "{" + ",".join(f"{json.dumps(key)}:{value}" for key, value in members) + "}"


def json_request(method, path, members, token=""):
    return Request(method, path, token, written(members).encode("utf-8", "surrogatepass"),
                   {"Content-Type": "application/json"})


def multipart(method, path, parts, token=""):
    lines = []
    for key, value in parts:
        lines += [f"--{BOUNDARY}", f'Content-Disposition: form-data; name="{key}"', "", value]
    body = "\r\n".join([*lines, f"--{BOUNDARY}--", ""])
    return Request(method, path, token, body.encode(), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})


def urlencoded(method, path, parts, token=""):
    body = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in parts)
    return Request(method, path, token, body.encode(), {"Content-Type": "application/x-www-form-urlencoded"})


class Submissions:
    def __init__(self, pair, tally, rng, share):
        self.pair, self.tally, self.rng, self.share = pair, tally, rng, share
        self.last = 0

    def next_id(self):
        self.last += 1
        return f"new{self.last}"

    def some(self, values):
        return self.rng.sample(values, max(1, int(len(values) * self.share)))

    def check(self, request, about):
        return self.tally.check(request, view=comparable, about=about)

    def token(self):
        return self.rng.choice(["", self.pair.token])

    def field(self, shape):
        """Everything about one field."""
        records = f"/api/collections/{shape.name}/records"
        values = values_for(shape.kind)
        for value in self.some(values):
            self.create(shape, records, value)
        base = self.a_record(shape, records)
        if not base:
            return
        for value in self.some(values):
            key = "f" if self.rng.random() < 0.4 else self.rng.choice(MODIFIERS)
            self.update(records, base, [(key, value)])
        for _ in range(int(20 * self.share) + 1):
            members = [(self.rng.choice(["f", *MODIFIERS[:4]]), self.rng.choice(values)) for _ in range(2)]
            # Two modifiers of one length have no promised order.
            if len({len(key) for key, _ in members}) == 2:
                self.update(records, base, members)
        for _ in range(int(60 * self.share) + 1):
            self.form(records, base, shape.kind)

    def create(self, shape, records, value):
        identifier = self.next_id()
        key = "f" if self.rng.random() < 0.85 else self.rng.choice(MODIFIERS)
        token = self.token()
        answer = self.check(json_request("POST", records, [("id", json.dumps(identifier)), (key, value)], token),
                            shape.field)
        if answer.status == 200:
            # What was stored may read differently from what was answered.
            self.check(Request("GET", f"{records}/{identifier}", self.pair.token), f"read after {key}={value[:60]}")

    def a_record(self, shape, records):
        """A record to update, whatever the field requires."""
        for value in ['"abc"', '"abcde"', "5", "true", '"a@allowed.test"', '"https://allowed.test"', '"2024-01-02"',
                      '"1999-01-01"', '"x"',
                      '["x","y"]', '"rec1"', '["rec1","rec2"]', '{"lon":1,"lat":2}', "null"]:
            identifier = self.next_id()
            request = json_request("POST", records, [("id", json.dumps(identifier)), ("f", value)], self.pair.token)
            if self.check(request, "base").status == 200:
                return identifier
        return None

    def update(self, records, identifier, members):
        answer = self.check(json_request("PATCH", f"{records}/{identifier}", members, self.token()), members[0][0])
        if answer.status == 200:
            self.check(Request("GET", f"{records}/{identifier}", self.pair.token), f"read after {members}"[:300])

    def form(self, records, identifier, kind):
        texts = [json.loads(v) for v in values_for(kind) if v.startswith('"')]
        texts = [t for t in texts if t.isprintable() and t.isascii()] + ["ü", ""]
        keys = ["f", "f", *MODIFIERS[:4]]
        parts = [(self.rng.choice(keys), self.rng.choice(texts)) for _ in range(self.rng.choice([1, 1, 2, 3]))]
        if len({len(key) for key, _ in parts}) != len({key for key, _ in parts}):
            parts = parts[:1]
        if self.rng.random() < 0.2:
            parts.append(("@jsonPayload",
                          self.rng.choice(['{"f":"x"}', '{"f":["x","y"]}', "{", "[]", "null", "", '{"note":"n"}',
                                           '{"f+":1}'])))
        make = self.rng.choice([multipart, multipart, urlencoded])
        query = self.rng.choice(["", "", "?note=q", "?f=x"])
        self.check(make("PATCH", f"{records}/{identifier}{query}", parts, self.token()), kind)
        if self.rng.random() < 0.5:
            self.check(make("POST", records + query, [("id", self.next_id()), *parts], self.token()), kind)

    def ids(self):
        """Ids of a pattern of one's own, ids of the usual pattern."""
        for collection in ("ids", "plain"):
            records = f"/api/collections/{collection}/records"
            for value in [*every_value(), '"abcdefghijklmno"', '"abcdefghijklmno"', '"ABCDEFGHIJKLMNO"', '"con"',
                          '"COM1"', '"lpt9x"', '"a/b"', '"a.b"',
                          '"a|b"', '"aa"', '"AA"', '"aA"', '"a%b"', '"a$b"', '"a b"', '"123456789"', '"1234567890"',
                          "12", "123456789012345"]:
                self.check(json_request("POST", records, [("id", value)], self.token()), collection)
        for value in ["null", '""', '"x"', '"abcdefghijklmno"', "5", "[]"]:
            self.check(json_request("PATCH", "/api/collections/plain/records/abcdefghijklmno",
                                    [("id", value), ("note", '"n"')]), "id")

    def many(self, count):
        """Several fields at once; several fields fail at once."""
        records = "/api/collections/many/records"
        names = [field["name"] for field in many_fields()]
        values = [value for value in every_value() if len(value) < 300]
        for _ in range(count):
            identifier = self.next_id()
            for method, path in (("POST", records), ("PATCH", f"{records}/{identifier}")):
                members = [(name, self.rng.choice(values)) for name in self.rng.sample(names, self.rng.randint(1, 5))]
                if method == "POST":
                    members.append(("id", json.dumps(identifier)))
                self.check(json_request(method, path, members, self.token()), "many")
            self.check(Request("GET", f"{records}/{identifier}", self.token()), "many")
