"""The data that filters are asked about: collections of every kind and rows that are odd on purpose."""
import json, random, sqlite3, string

USER_PASSWORD = "user-password-1"
KINDS = ["news", "blog", "x", "a b"]
TAGS = ["x", "y", "z", "new", "Ünï"]
TITLES = ["Red fox", "red FOX", "50% off", "snake_case", "", "x", "10", "2.5", "true", "null", "it's", 'say "hi"',
          "back\\slash",
          "Ünï cödé", "a\nb", "a__b", "fox%", "  padded ", "10.0", "日本", "Ann", "2026-03-10"]
NUMBERS = [0, 1, -3, 2.5, 10, 1000000, 0.1, -0.5, 1e-7, 1e21]
DATES = ["", "2026-03-10 08:00:00.000Z", "2026-02-01 10:00:00.000Z", "2025-12-31 23:59:59.999Z",
         "2026-01-01 00:00:00.000Z",
         "1999-05-05 05:05:05.005Z", "2031-07-07 07:07:07.007Z"]
METAS = [None, "null", '""', "1", '"abc"', "true", "[]", "{}", '{"n":1,"s":"1","f":true,"z":null,"arr":[5,{"k":"v"}]}',
         '{"n":2.5,"s":"abc","arr":[]}', '[1,2,{"k":"w"}]', '{"n":"1","o":{"n":3}}', '"x"', "[\"x\",\"y\"]",
         "not json", ""]
SPOTS = [(0, 0), (23.32, 42.69), (-73.9, 40.7), (23.3, 42.7), (179.9, -89.5)]
PEOPLE = [f"p{i}" for i in range(1, 8)]
STAFF = ["s1", "s2"]
POSTS = [f"post{letter}" for letter in string.ascii_lowercase[:24]]


def identifiers(length=1):
    return {"name": "id", "type": "text", "primaryKey": True, "required": True, "system": True, "min": length,
            "max": 40,
            "pattern": "^[a-zA-Z0-9_]+$", "autogeneratePattern": "[a-z0-9]{15}"}


def text(name, **more):
    return {"name": name, "type": "text", **more}


def relation(name, target, many=False, **more):
    return {"name": name, "type": "relation", "collectionId": f"col_{target}", "maxSelect": 9 if many else 1, **more}


def base(name, fields, list_rule="", **more):
    return {"id": f"col_{name}", "name": name, "type": "base", "listRule": list_rule, "viewRule": list_rule,
            "createRule": None, "updateRule": None, "deleteRule": None, "fields": [identifiers(), *fields], **more}


def auth(name, fields, list_rule):
    return {**base(name, fields, list_rule), "type": "auth"}


def collections():
    people = [text("name"), text("role"), text("secret", hidden=True), {"name": "age", "type": "number"},
              relation("boss", "people"), relation("friends", "people", True),
              {"name": "skills", "type": "select", "values": TAGS, "maxSelect": 5}, relation("fav", "posts")]
    posts = [text("title"), {"name": "total", "type": "number"}, {"name": "active", "type": "bool"},
             {"name": "published", "type": "date"}, {"name": "kind", "type": "select", "values": KINDS, "maxSelect": 1},
             {"name": "tags", "type": "select", "values": TAGS, "maxSelect": 5},
             {"name": "docs", "type": "file", "maxSelect": 5},
             {"name": "cover", "type": "file", "maxSelect": 1}, {"name": "meta", "type": "json"},
             {"name": "spot", "type": "geoPoint"}, {"name": "link", "type": "url"}, {"name": "mail", "type": "email"},
             {"name": "html", "type": "editor"}, text("hid", hidden=True), relation("author", "people"),
             relation("editors", "people", True), relation("parent", "posts"), relation("keeper", "staff"),
             relation("shadow", "people", hidden=True)]
    notes = [relation("post", "posts"), text("body"), {"name": "rating", "type": "number"}, relation("by", "people")]
    packs = [relation("items", "posts", True), text("label"), relation("owners", "people", True)]
    view = {"id": "col_seen", "name": "seen", "type": "view", "listRule": "", "viewRule": "",
            "viewQuery": "SELECT posts.id, posts.title, posts.total, posts.author, posts.editors, posts.meta, posts.tags,"
                         " (posts.total * 2) AS twice, COUNT(notes.id) AS answers FROM posts LEFT JOIN notes ON"
                         " notes.post = posts.id GROUP BY posts.id"}
    return [auth("people", people, "verified = true"), auth("staff", [text("name"), text("badge")], ""),
            base("posts", posts),
            base("notes", notes, "body != 'bad' || by = @request.auth.id"),
            base("stats", [relation("post", "posts"), {"name": "views", "type": "number"}], "views > 3",
                 indexes=["CREATE UNIQUE INDEX idx_stats_post ON stats (post)"]),
            base("packs", packs, "owners.id ?= @request.auth.id || label != 'tin'"),
            base("vault", [relation("post", "posts"), text("code")], None),
            base("empties", [text("name"), relation("who", "people")]),
            view]


class World:
    """Chosen by the seed. `fields` and `back` are what a generator of expressions needs to know."""

    def __init__(self, seed):
        self.random = random.Random(f"world {seed}")
        self.collections = collections()
        self.fields = {c["name"]: [f for f in c.get("fields", []) if f["name"] != "id"] for c in self.collections}
        view_columns = ("title", "total", "author", "editors", "meta", "tags")
        self.fields["seen"] = [f for f in self.fields["posts"] if f["name"] in view_columns]
        self.fields["seen"] += [{"name": "twice", "type": "json"}, {"name": "answers", "type": "number"}]
        for name in ("people", "staff"):
            self.fields[name] = self.fields[name] + [{"name": "email", "type": "email"},
                                                     {"name": "verified", "type": "bool"},
                                                     {"name": "emailVisibility", "type": "bool"}]
        self.back = {name: [] for name in self.fields}
        for name, fields in self.fields.items():
            for field in fields:
                if field["type"] == "relation":
                    self.back[field["collectionId"][4:]].append((name, field))

    def fill(self, server, token):
        server.call("PUT", "/api/collections/import", {"collections": self.collections, "deleteMissing": False}, token)
        for collection, ids in (("people", PEOPLE), ("staff", STAFF)):
            for i, identifier in enumerate(ids):
                server.call("POST", f"/api/collections/{collection}/records",
                            {"id": identifier, "email": f"{identifier}@x.io", "emailVisibility": i % 2 == 0,
                             "verified": i != 1,
                             "password": USER_PASSWORD, "passwordConfirm": USER_PASSWORD}, token)

    def fill_files(self, folder):
        with sqlite3.connect(folder / "data.db") as database:
            self._people(database)
            self._posts(database)
            self._around(database)
        database.close()

    def some(self, ids, most=3):
        """A relation list: mostly existing ids, sometimes a dangling one."""
        chosen = self.random.sample(ids, self.random.randint(0, min(most, len(ids))))
        return json.dumps(chosen + (["gone"] if self.random.random() < 0.15 else []), separators=(",", ":"))

    def one(self, ids):
        return self.random.choice([*ids, "", "", "gone"])

    def _people(self, database):
        for identifier in PEOPLE:
            database.execute("UPDATE people SET name=?, role=?, secret=?, age=?, boss=?, friends=?, skills=?, fav=? WHERE id=?",
                             (self.random.choice(["Ann", "ANN", "Bob", "", "Zoë"]),
                              self.random.choice(["", "lead", "dev"]),
                              self.random.choice(["s1", "s2"]), self.random.choice([0, 20, 33.5]), self.one(PEOPLE),
                              self.some(PEOPLE), self.some(TAGS).replace(',"gone"', "").replace('"gone"', ""),
                              self.one(POSTS), identifier))
        for identifier in STAFF:
            database.execute("UPDATE staff SET name=?, badge=? WHERE id=?",
                             ("Ann", self.random.choice(["", "b1"]), identifier))

    def _posts(self, database):
        pick = self.random.choice
        for identifier in POSTS:
            spot = pick(SPOTS)
            row = {"id": identifier, "title": pick(TITLES), "total": pick(NUMBERS), "active": pick([0, 1]),
                   "published": pick(DATES),
                   "kind": pick([*KINDS, ""]), "tags": json.dumps(self.random.sample(TAGS, self.random.randint(0, 3))),
                   "docs": json.dumps(self.random.sample(["f1.png", "f2.txt", "g.pdf"], self.random.randint(0, 3))),
                   "cover": pick(["", "c.png", "d.jpg"]), "meta": pick(METAS),
                   "spot": json.dumps({"lon": spot[0], "lat": spot[1]}),
                   "link": pick(["", "https://a.test/x", "http://b.test"]), "mail": pick(["", "a@b.co", "A@B.CO"]),
                   "html": pick(["", "<p>Red</p>", "plain"]), "hid": pick(["h1", "h2"]), "author": self.one(PEOPLE),
                   "editors": self.some(PEOPLE), "parent": self.one(POSTS), "keeper": self.one(STAFF),
                   "shadow": self.one(PEOPLE)}
            names = ",".join(f"`{name}`" for name in row)
            database.execute(f"INSERT INTO posts ({names}) VALUES ({','.join('?' * len(row))})", tuple(row.values()))

    def _around(self, database):
        pick = self.random.choice
        for i in range(20):
            database.execute("INSERT INTO notes (id, post, body, rating, `by`) VALUES (?,?,?,?,?)",
                             (f"n{i}", self.one(POSTS[:12]), pick(["ok", "bad", "", "Red fox"]), pick([0, 1, 5]),
                              self.one(PEOPLE)))
        for i, post in enumerate(self.random.sample(POSTS, 9)):
            database.execute("INSERT INTO stats (id, post, views) VALUES (?,?,?)", (f"st{i}", post, pick([0, 5, 100])))
        for i in range(8):
            database.execute("INSERT INTO packs (id, items, label, owners) VALUES (?,?,?,?)",
                             (f"k{i}", self.some(POSTS[:10]), pick(["gold", "tin", ""]), self.some(PEOPLE)))
        for i in range(4):
            database.execute("INSERT INTO vault (id, post, code) VALUES (?,?,?)",
                             (f"v{i}", pick(POSTS), pick(["x", "y"])))
