"""Random filters, rules and sorts from the grammar (spec 03), most of them valid, and damaged ones."""
import random

from world import KINDS, PEOPLE, POSTS, SPOTS, TAGS, TITLES

OPERATORS = ["=", "!=", ">", ">=", "<", "<=", "~", "!~"]
MACROS = ["@now", "@yesterday", "@tomorrow", "@todayStart", "@todayEnd", "@monthStart", "@monthEnd", "@yearStart",
          "@yearEnd",
          "@month", "@year", "@day", "@weekday", "@hour"]
JSON_PATHS = ["n", "s", "f", "z", "arr", "arr.0", "arr.1.k", "o.n", "0", "2.k", "missing", "arr.0.k", "n.x"]
AUTH_PLAIN = ["id", "email", "verified", "collectionId", "collectionName", "emailVisibility"]
BODY_KEYS = ["title", "total", "active", "tags", "kind", "author", "editors", "meta", "published", "nope", "spot",
             "parent"]
PATTERNS = ["red%", "%x%", "_ed", "50\\\\%", "a\\_b", "snake_", "%_case", "__", "\\\\", "o", "", "%", "FOX", "1", ".",
            "e-"]
MODIFIED = {"relation": ["each", "length", "lower"], "select": ["each", "length", "lower"],
            "file": ["each", "length", "lower"]}
LIST_TYPES = ("relation", "select", "file")


def quoted(text, rng):
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    if rng.random() < 0.5:
        return "'" + escaped.replace("'", "\\'") + "'"
    return '"' + escaped.replace('"', '\\"') + '"'


class Expressions:
    """`as_rule`: hidden fields, @request and @collection are free to use; otherwise what a client may send."""

    def __init__(self, world, seed):
        self.world = world
        self.rng = random.Random(seed)

    # Paths

    def path(self, collection, as_rule, most_hops=3, for_sort=False):
        """(text, field): a way from a collection to a field, over relations and back relations."""
        rng, parts = self.rng, []
        hops = rng.choices(range(most_hops + 1), [60, 25, 12, 6][: most_hops + 1])[0]
        for _ in range(hops):
            relations = [f for f in self.world.fields[collection] if f["type"] == "relation"]
            backs = self.world.back[collection] if collection != "seen" else []
            steps = [(f["name"], f["collectionId"][4:], f) for f in relations]
            steps += [(f"{name}_via_{f['name']}", name, f) for name, f in backs if name != "seen"]
            # A client may not go through hidden fields nor locked collections; that is tried now and then.
            if not as_rule and rng.random() < 0.95:
                steps = [s for s in steps if not s[2].get("hidden") and s[1] != "vault"]
            if not steps:
                break
            name, collection, _ = rng.choice(steps)
            parts.append(name)
        field = self.last(collection, as_rule)
        parts.append(self.spelled(field, for_sort))
        return ".".join(parts), field

    def last(self, collection, as_rule):
        fields = [f for f in self.world.fields[collection] if as_rule or not f.get("hidden") or self.rng.random() < 0.03]
        return self.rng.choice([{"name": "id", "type": "text"}, *fields, *fields])

    def spelled(self, field, for_sort=False):
        """A field's name with a json path or a modifier."""
        rng, name, kind = self.rng, field["name"], field["type"]
        if kind == "json" and rng.random() < 0.6:
            return f"{name}.{rng.choice(JSON_PATHS)}"
        if kind == "geoPoint" and rng.random() < 0.7:
            return f"{name}.{rng.choice(['lon', 'lat', 'lon', 'lat', 'alt'])}"
        if kind in LIST_TYPES and rng.random() < 0.4:
            return f"{name}:{rng.choice(MODIFIED[kind][1:] if for_sort else MODIFIED[kind])}"
        if rng.random() < 0.12:
            return f"{name}:{rng.choice(['lower', 'lower', 'length', 'each', 'isset', 'changed'])}"
        return name

    # Operands

    def literal(self, field=None):
        rng, kind = self.rng, field["type"] if field else ""
        if rng.random() < 0.25:
            kind = rng.choice(["text", "number", "bool", "date", "null", "empty", "relation"])
        choices = {"number": lambda: rng.choice(["0", "1", "-3", "2.5", "10", "-.5", "010", "5", "3", "1000000"]),
                   "bool": lambda: rng.choice(["true", "false", "TRUE", "False", "1", "0"]),
                   "null": lambda: rng.choice(["null", "NULL", "Null"]), "empty": lambda: rng.choice(["''", '""']),
                   "date": lambda: rng.choice(["'2026-03-10'", "'2026-03-10 08:00:00.000Z'", "'2026'", *MACROS]),
                   "relation": lambda: quoted(rng.choice([*PEOPLE[:4], *POSTS[:6], "gone", "s1"]), rng),
                   "select": lambda: quoted(rng.choice([*TAGS, *KINDS]), rng),
                   "file": lambda: quoted(rng.choice(["f1.png", "c.png"]), rng),
                   "json": lambda: rng.choice(["1", "'1'", "true", "null", "''", "'abc'", "'v'", "5",
                                               "'[1,2,{\"k\":\"w\"}]'"])}
        return choices.get(kind, lambda: quoted(rng.choice([*TITLES, "p1@x.io", "Bob", "lead", "ok", "bad"]), rng))()

    def geo_distance(self, collection, as_rule):
        """Never between equal points: whether those are 0 or nothing apart hangs on the last bit of a cosine."""
        def point(shift):
            if self.rng.random() < 0.1:
                return self.rng.sample(["null", "@request.query.total" if as_rule else "total", "title", "@year"], 2)
            return [str(round(x + shift, 3)) for x in self.rng.choice(SPOTS)]
        spots = [f for f in self.world.fields[collection] if f["type"] == "geoPoint"]
        sides = [["spot.lon", "spot.lat"] if spots and self.rng.random() < 0.8 else point(0.04), point(0.02)]
        return f"geoDistance({', '.join(sum(sides if self.rng.random() < 0.5 else sides[::-1], []))})"

    def strftime(self, collection, as_rule):
        form = quoted(self.rng.choice(["%Y", "%Y-%m", "%d", "%H:%M", "%w", "%Q", "%s", "%j"]), self.rng)
        value = self.rng.choice(["published", "'2026-03-10'", "@yearStart", self.path(collection, as_rule, 2)[0], "0"])
        if value == "published" and collection != "posts":
            value = self.path(collection, as_rule, 2)[0]
        modifiers = [quoted(m,
                            self.rng) for m in self.rng.sample(["+1 day", "start of month", "-3 months", "nonsense"],
                                                               self.rng.choice([0, 0, 1, 2]))]
        return f"strftime({', '.join([form, value, *modifiers])})"

    def request_value(self, collection):
        rng, sort = self.rng, self.rng.random()
        if sort < 0.3:
            return "@request.auth." + rng.choice(AUTH_PLAIN + ["name", "role", "nope", "boss.name", "friends.name",
                                                               "friends:length",
                                                              "skills:each", "posts_via_author.id", "secret",
                                                              "name:lower", "badge",
                                                              "notes_via_by.post", "fav", "fav.title",
                                                              "friends.boss.id"])
        if sort < 0.5:
            return "@request.query." + rng.choice(["q", "total", "title", "nope", "empty"]) + rng.choice(["", "", "",
                                                                                                          ":isset",
                                                                                                          ":lower"])
        if sort < 0.6:
            return "@request.headers.x_key" + rng.choice(["", ":lower", ":isset"])
        if sort < 0.67:
            return rng.choice(["@request.method", "@request.context"])
        key = rng.choice([*BODY_KEYS, *(f["name"] for f in self.world.fields[collection])])
        tail = rng.choice(["", "", "", ":isset", ":lower", ":changed", ":length", ":each", ".n", ".0", ".name", ".id",
                           ".name:lower"])
        return f"@request.body.{key}{tail}"

    def collection_value(self):
        name = self.rng.choice(["notes", "people", "stats", "packs", "empties", "staff", "posts", "vault"])
        alias = self.rng.choice(["", "", f":{name[:2]}"])
        return f"@collection.{name}{alias}.{self.path(name, True, 1)[0]}"

    def comparison(self, collection, as_rule):
        rng = self.rng
        operator = rng.choice(["", "", "?"]) + rng.choice(["=", "!=", *OPERATORS])
        left, field = self.path(collection, as_rule)
        sort = rng.random()
        if sort < 0.05:
            left, field = self.geo_distance(collection, as_rule), {"type": "number"}
        elif sort < 0.10:
            left, field = self.strftime(collection, as_rule), {"type": "date"}
        elif sort < 0.13:
            left, field = self.literal(), None
        elif as_rule and sort < 0.30:
            left, field = self.request_value(collection), None
        elif as_rule and sort < 0.36:
            left, field = self.collection_value(), None
        sort = rng.random()
        if operator.endswith("~") and sort < 0.7:
            right = quoted(rng.choice([*PATTERNS, *TITLES]), rng)
        elif sort < 0.72:
            right = self.literal(field)
        elif as_rule and sort < 0.85:
            right = self.request_value(collection)
        elif as_rule and sort < 0.9:
            right = self.collection_value()
        elif sort < 0.92:
            right = rng.choice([self.geo_distance, self.strftime])(collection, as_rule)
        else:
            right = self.path(collection, as_rule)[0]
        if rng.random() < 0.06:
            left, right = right, left
        space = rng.choice([" ", " ", "", "\n"])
        return f"{left}{space}{operator}{space}{right}"

    # Whole expressions

    def filter(self, collection, as_rule=False, budget=None):
        """(text, comparisons): the comparisons alone serve to make a difference smaller."""
        count = budget or self.rng.choices([1, 2, 3, 4, 6, 9], [40, 25, 15, 10, 6, 4])[0]
        parts = [self.comparison(collection, as_rule) for _ in range(count)]
        return self.joined(parts), parts

    def joined(self, parts):
        if len(parts) == 1:
            return self.grouped(parts[0]) if self.rng.random() < 0.1 else parts[0]
        cut = self.rng.randint(1, len(parts) - 1)
        sides = [self.joined(parts[:cut]), self.joined(parts[cut:])]
        sides = [self.grouped(side) if self.rng.random() < 0.35 else side for side in sides]
        return self.rng.choice([" && ", " || ", "&&", "||", " && // c\n"]).join(sides)

    def grouped(self, text):
        # A comment in a group hides nothing from the search for its end.
        return f"( {text} )" if self.rng.random() < 0.5 else f"({text})"

    def sort(self, collection, as_rule=False):
        """(text, is_exact): not exact when one of several joined rows decides, which nobody promises."""
        fields, exact = [], True
        for _ in range(self.rng.choices([1, 2, 3], [6, 3, 1])[0]):
            name, field = self.path(collection, as_rule, 2, for_sort=True)
            sort = self.rng.random()
            if sort < 0.03 and collection != "seen":
                name = "@rowid"
            elif sort < 0.05:
                name, exact = "@random", False
            elif sort < 0.07:
                name = self.rng.choice(["nope", "@request.auth.id", "'x'", "", "@now", "null"])
            exact = exact and not self.has_many(collection, name)
            fields.append(self.rng.choice(["", "-", "+", " ", "- "]) + name)
        return ",".join([*fields, "id"]), exact

    def has_many(self, collection, path):
        if ":each" in path:
            return True
        for part in path.split(".")[:-1]:
            field = next((f for f in self.world.fields.get(collection, []) if f["name"] == part), None)
            if field and field["type"] == "relation":
                if field["maxSelect"] > 1:
                    return True
                collection = field["collectionId"][4:]
            elif "_via_" in part:
                if not part.startswith("stats_via_"):
                    return True
                collection = "stats"
        return False

    def damaged(self, text):
        """The text with a few characters lost, doubled, put in or swapped."""
        rng = self.rng
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            at = rng.randrange(len(text) + 1)
            sort = rng.random()
            if sort < 0.4:
                text = text[:at] + text[at + rng.choice([1, 1, 2, 5]):]
            elif sort < 0.8:
                text = text[:at] + rng.choice("()'\"&|=?!~<>,.:@#-+ /\\%_{}[]*;a0é\t\r\n") + text[at:]
            else:
                text = text[:at] + text[at:at + 3] + text[at:]
        return text
