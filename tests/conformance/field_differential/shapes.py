"""One collection for each field type and set of options."""

RECORDS = ["rec1", "rec2", "rec3"]
ID = {"name": "id", "type": "text", "primaryKey": True, "required": True, "system": True, "min": 1, "max": 40,
      "pattern": "^[a-zA-Z0-9_]+$", "autogeneratePattern": "[a-z0-9]{15}"}

OPTIONS = {
    "text": [{}, {"required": True}, {"min": 3, "max": 5}, {"pattern": "^a.c"},
             {"pattern": "b", "required": True, "min": 2},
             {"autogeneratePattern": "GEN[0-9]{6}"},
             {"autogeneratePattern": "GEN[0-9]{6}", "required": True, "max": 12}, {"hidden": True},
             {"hidden": True, "required": True}, {"presentable": True, "unique": True}],
    "editor": [{}, {"required": True}, {"maxSize": 10}],
    "number": [{}, {"required": True}, {"min": -1, "max": 10}, {"onlyInt": True},
               {"onlyInt": True, "required": True, "min": 2},
               {"min": 0.5}, {"unique": True}],
    "bool": [{}, {"required": True}],
    "email": [{}, {"required": True}, {"onlyDomains": ["allowed.test"]}, {"exceptDomains": ["denied.test"]}],
    "url": [{}, {"required": True}, {"onlyDomains": ["allowed.test", "ab.co"]}, {"exceptDomains": ["denied.test"]}],
    "date": [{}, {"required": True}, {"min": "2020-01-01", "max": "2025-01-01 00:00:00.000Z"},
             {"max": "2000-01-01", "required": True}],
    "autodate": [{"onCreate": True}, {"onUpdate": True}, {"onCreate": True, "onUpdate": True, "hidden": True}],
    "select": [{"values": ["x", "y", "z", "1", "true"], "maxSelect": 1},
               {"values": ["x", "y"], "maxSelect": 1, "required": True},
               {"values": ["x", "y", "z", "1"], "maxSelect": 2},
               {"values": ["x", "y", "z", "1", "true"], "maxSelect": 5, "required": True}],
    "relation": [{"maxSelect": 1}, {"maxSelect": 1, "required": True}, {"maxSelect": 2},
                 {"maxSelect": 3, "minSelect": 2},
                 {"maxSelect": 3, "required": True, "hidden": True}],
    "json": [{}, {"required": True}, {"maxSize": 12}],
    "geoPoint": [{}, {"required": True}],
    "password": [{"cost": 4}, {"cost": 4, "required": True}, {"cost": 4, "min": 5, "max": 8},
                 {"cost": 4, "pattern": "^a", "required": True},
                 {"cost": 4, "hidden": True}],
}


class Shape:
    def __init__(self, kind, number, options):
        self.kind, self.name = kind, f"{kind.lower()}{number}"
        options = dict(options)
        self.unique = options.pop("unique", False)
        self.field = {"name": "f", "type": kind, **options}
        if kind == "relation":
            self.field["collectionId"] = "col_targets"

    def collection(self):
        rules = dict.fromkeys(("listRule", "viewRule", "createRule", "updateRule", "deleteRule"), "")
        return {"id": f"col_{self.name}", "name": self.name, "type": "base", **rules,
                "fields": [ID, self.field, {"name": "note", "type": "text"}],
                "indexes": [f"CREATE UNIQUE INDEX idx_{self.name} ON {self.name} (f) WHERE f != ''"] if self.unique else []}


def shapes():
    return [Shape(kind, number, options) for kind, sets in OPTIONS.items() for number, options in enumerate(sets)]


def fill(server, token):
    rules = dict.fromkeys(("listRule", "viewRule", "createRule", "updateRule", "deleteRule"), "")
    targets = {"id": "col_targets", "name": "targets", "type": "base", **rules,
               "fields": [ID, {"name": "name", "type": "text"}]}
    ids = {"id": "col_ids", "name": "ids", "type": "base", **rules, "fields": [
        {**ID, "min": 2, "max": 9, "pattern": "^[^#]+$", "autogeneratePattern": "GEN[0-9]{6}"}]}
    plain = {"id": "col_plain", "name": "plain", "type": "base", **rules, "fields": [{"name": "note", "type": "text"}]}
    many = {"id": "col_many", "name": "many", "type": "base", **rules, "fields": [ID, *many_fields()]}
    server.call("PUT", "/api/collections/import", {"deleteMissing": False, "collections": [
        targets, ids, plain, *(shape.collection() for shape in shapes()), many]}, token)
    for identifier in RECORDS:
        server.call("POST", "/api/collections/targets/records", {"id": identifier, "name": identifier}, token)


def many_fields():
    """All types together: for bodies that set several fields."""
    return [{"name": "text", "type": "text"}, {"name": "number", "type": "number"}, {"name": "bool", "type": "bool"},
            {"name": "date", "type": "date"}, {"name": "json", "type": "json"}, {"name": "point", "type": "geoPoint"},
            {"name": "one", "type": "select", "values": ["x", "y", "z"], "maxSelect": 1},
            {"name": "some", "type": "select", "values": ["x", "y", "z"], "maxSelect": 3},
            {"name": "rel", "type": "relation", "collectionId": "col_targets", "maxSelect": 1},
            {"name": "rels", "type": "relation", "collectionId": "col_targets", "maxSelect": 3},
            {"name": "hid", "type": "text", "hidden": True}, {"name": "url", "type": "url"},
            {"name": "email", "type": "email"}]
