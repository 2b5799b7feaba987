#!/usr/bin/env python3
"""Checks that data directories go both ways between this server and the reference (spec 06, Part 2, groups A and B).

    check.py --server BIN --reference REF [--reference-new REF40] --fixture DIR [--only TEXT] [--port N] [--verbose]

Every check works on directories of its own below a temporary one. Nothing but the standard library is needed. What
needs an endpoint that is read here but not served yet (settings, files, logs) is looked at in the database instead.
Closes with "N passed, N failed"; the exit status tells whether any failed.
"""
import argparse
import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request
import zlib

MIGRATIONS = [
    "1640988000_aux_init.go",
    "1640988000_init.go",
    "1717233556_v0.23_migrate.go",
    "1717233557_v0.23_migrate2.go",
    "1717233558_v0.23_migrate3.go",
    "1717233559_v0.23_migrate4.go",
    "1763020353_update_default_auth_alert_templates.go",
    "1778828400_normalize_indexes.go",
]
OWNER = "@request.auth.id != '' && recordRef = @request.auth.id && collectionRef = @request.auth.collectionId"
SELF = "id = @request.auth.id"
COLLECTIONS = [
    ("_mfas", "pbc_2279338944", "base", 1, OWNER, OWNER, None, None, None),
    ("_otps", "pbc_1638494021", "base", 1, OWNER, OWNER, None, None, None),
    ("_externalAuths", "pbc_2281828961", "base", 1, OWNER, OWNER, None, None, OWNER),
    ("_authOrigins", "pbc_4275539003", "base", 1, OWNER, OWNER, None, None, OWNER),
    ("_superusers", "pbc_3142635823", "auth", 1, None, None, None, None, None),
    ("users", "_pb_users_auth_", "auth", 0, SELF, SELF, "", SELF, SELF),
]
FIELDS = {
    "_mfas": (1126, 4257163633),
    "_otps": (1301, 3848375868),
    "_externalAuths": (1334, 3104168760),
    "_authOrigins": (1131, 3970442639),
    "_superusers": (1347, 3801722372),
    "users": (1821, 367359922),
}
INDEXES = {
    "idx__collections_type": "CREATE INDEX idx__collections_type on `_collections` (`type`)",
    "idx_mfas_collectionRef_recordRef":
        "CREATE INDEX `idx_mfas_collectionRef_recordRef` ON `_mfas` (\n  `collectionRef`,\n  `recordRef`\n)",
    "idx_otps_collectionRef_recordRef":
        "CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` (\n  `collectionRef`,\n  `recordRef`\n)",
    "idx_externalAuths_record_provider":
        "CREATE UNIQUE INDEX `idx_externalAuths_record_provider` ON `_externalAuths` (\n  `collectionRef`,\n"
        "  `recordRef`,\n  `provider`\n)",
    "idx_externalAuths_collection_provider":
        "CREATE UNIQUE INDEX `idx_externalAuths_collection_provider` ON `_externalAuths` (\n  `collectionRef`,\n"
        "  `provider`,\n  `providerId`\n)",
    "idx_authOrigins_unique_pairs":
        "CREATE UNIQUE INDEX `idx_authOrigins_unique_pairs` ON `_authOrigins` (\n  `collectionRef`,\n  `recordRef`,\n"
        "  `fingerprint`\n)",
    "idx_tokenKey_pbc_3142635823": "CREATE UNIQUE INDEX `idx_tokenKey_pbc_3142635823` ON `_superusers` (`tokenKey`)",
    "idx_email_pbc_3142635823":
        "CREATE UNIQUE INDEX `idx_email_pbc_3142635823` ON `_superusers` (`email`) WHERE `email` != ''",
    "idx_tokenKey__pb_users_auth_": "CREATE UNIQUE INDEX `idx_tokenKey__pb_users_auth_` ON `users` (`tokenKey`)",
    "idx_email__pb_users_auth_":
        "CREATE UNIQUE INDEX `idx_email__pb_users_auth_` ON `users` (`email`) WHERE `email` != ''",
}
UNLISTED_INDEXES = (
    "SELECT c.name FROM _collections c WHERE c.type <> 'view' AND json_array_length(c.indexes) <> (SELECT count(*) "
    "FROM sqlite_master m WHERE m.type = 'index' AND m.tbl_name = c.name AND m.sql IS NOT NULL)")
OLD_ALERT_SHA256 = "ba5c60f52c2370c3c8cbbf54cbca348bde1dfd6ccdca01b06d32524139312d28"
LEGACY_MESSAGE = (
    "the data directory was created by PocketBase < v0.23; start it once with a PocketBase v0.23..v0.39 executable to "
    "upgrade it and then try again")
KEY = "abcdabcdabcdabcdabcdabcdabcdabcd"
SEALED = "AAECAwQFBgcICQoLhdo5xhlL/D4ATI25UggA7Au/cj72wuVxqjMgMNommBFFZhKH2ZdiKYlgIQ=="   # {"meta":{"appName":"Acme"}}
EMAIL, PASSWORD = "a@b.co", "1234567890"


class Failed(Exception):
    pass


def expect(actual, expected, what):
    if actual != expected:
        raise Failed(f"{what}: expected {expected!r}, got {actual!r}")


def expect_in(part, text, what):
    if part not in text:
        raise Failed(f"{what}: {part!r} is not in {text[-600:]!r}")


class Server:
    """A running `serve`, stopped when the block ends."""

    def __init__(self, binary, home, port, args=(), env=None):
        self.binary, self.home, self.base = binary, home, f"http://127.0.0.1:{port}"
        self.env = dict(os.environ, **(env or {}))
        self.command = [binary, "serve", "--http", f"127.0.0.1:{port}", *common_flags(home), *args]
        self.process = None

    def __enter__(self):
        self.out = open(os.path.join(self.home, "serve.out"), "w+", encoding="utf-8")
        self.err = open(os.path.join(self.home, "serve.err"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(self.command, stdout=self.out, stderr=self.err, env=self.env)
        deadline = time.time() + 30
        while time.time() < deadline:
            if self.process.poll() is not None:
                raise Failed(f"{self.binary} ended with {self.process.returncode}: {self.output()[-600:]}")
            with contextlib.suppress(OSError):
                if self.call("GET", "/api/health")[0] == 200:
                    return self
            time.sleep(0.03)
        self.__exit__()
        raise Failed(f"{self.binary} did not answer: {self.output()[-600:]}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.out.close()
        self.err.close()

    def output(self):
        paths = [os.path.join(self.home, name) for name in ("serve.out", "serve.err")]
        return "".join(open(path, encoding="utf-8").read() for path in paths)

    def call(self, method, path, body=None, token=None):
        request = urllib.request.Request(self.base + path, method=method)
        if token:
            request.add_header("Authorization", token)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                return error.code, json.loads(text or b"null")
            except ValueError:
                return error.code, text.decode(errors="replace")

    def get(self, path, token=None):
        status, body = self.call("GET", path, token=token)
        expect(status, 200, f"GET {path} ({body})")
        return body

    def login(self, identity, password, collection="_superusers"):
        status, body = self.call("POST", f"/api/collections/{collection}/auth-with-password",
                                 {"identity": identity, "password": password})
        expect(status, 200, f"login of {identity} in {collection} ({body})")
        return body["token"]


def common_flags(home):
    # Siblings of the data directory, so that nothing of one check is seen by another.
    return ["--dir", os.path.join(home, "pb_data"), "--hooksDir", os.path.join(home, "pb_hooks"), "--migrationsDir",
            os.path.join(home, "pb_migrations"), "--publicDir", os.path.join(home, "pb_public")]


class Checks:
    def __init__(self, options, root):
        self.options, self.root, self.port = options, root, options.port
        self.server, self.reference, self.reference_new = options.server, options.reference, options.reference_new
        self.homes = {}

    # ---- directories

    def home(self, name):
        path = os.path.join(self.root, name)
        os.makedirs(path, exist_ok=True)
        return path

    def copy(self, source, name):
        target = os.path.join(self.root, name)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        return target

    def made_by(self, binary):
        """A directory that `binary` made by serving once. Made once, never served in place."""
        if binary not in self.homes:
            home = self.home(f"made{len(self.homes)}")
            with self.serve(binary, home):
                pass
            self.homes[binary] = home
        return self.homes[binary]

    def fixture(self, name):
        home = self.home(name)
        shutil.copytree(self.options.fixture, os.path.join(home, "pb_data"), dirs_exist_ok=True)
        for folder, _, files in os.walk(home):
            os.chmod(folder, 0o755)
            for file in files:
                os.chmod(os.path.join(folder, file), 0o644)
        return home

    # ---- processes

    def serve(self, binary, home, args=(), env=None):
        self.port += 1
        return Server(binary, home, self.port, args, env)

    def start_and_stop(self, home, args=(), env=None, binary=None):
        with self.serve(binary or self.server, home, args, env):
            pass

    def refused_start(self, home, args=(), env=None, binary=None):
        """The output of a `serve` that must end by itself with status 1."""
        self.port += 1
        command = [binary or self.server, "serve", "--http", f"127.0.0.1:{self.port}", *common_flags(home), *args]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env=dict(os.environ, **(env or {})))
        try:
            output, _ = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate()
            raise Failed(f"it did not refuse to start: {output[-400:]}") from None
        expect(process.returncode, 1, f"exit status of a refused start ({output[-400:]})")
        return output

    def upsert(self, binary, home, env=None, args=()):
        command = [binary, "superuser", "upsert", EMAIL, PASSWORD, *common_flags(home), *args]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=dict(os.environ, **(env or {})))
        expect_in("Successfully saved superuser", done.stdout + done.stderr, "superuser upsert")

    # ---- group A: a directory made by the server

    def a1_both_files_are_sound_and_in_wal_mode(self):
        for name in ("data.db", "auxiliary.db"):
            with database(self.copy(self.made_by(self.server), "a1"), name) as db:
                expect([one(db, f"PRAGMA {pragma}") for pragma in ("journal_mode", "user_version", "integrity_check")],
                       ["wal", 0, "ok"], name)

    def a2_all_migrations_are_recorded_in_order(self):
        with database(self.copy(self.made_by(self.server), "a2")) as db:
            expect(column(db, "SELECT file FROM _migrations ORDER BY applied"), MIGRATIONS, "files")
            expect(one(db, "SELECT min(applied) > 1.6e15 FROM _migrations"), 1, "microseconds")

    def a3_the_tables_are_the_references(self):
        with database(self.copy(self.made_by(self.server), "a3")) as db:
            expect(column(db, "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%' "
                              "ORDER BY 1"),
                   ["_authOrigins", "_collections", "_externalAuths", "_mfas", "_migrations", "_otps", "_params",
                    "_superusers", "users"], "tables")

    def a3_their_texts_are_the_references(self):
        """Not a numbered check: the CREATE statements of both, blanks collapsed."""
        texts = []
        for binary in (self.server, self.reference):
            with database(self.copy(self.made_by(binary), "a3_texts")) as db:
                rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'")
                texts.append({name: re.sub(r"\s+", " ", sql).replace("( ", "(").replace(" )", ")")
                              for name, sql in rows})
        expect(texts[0], texts[1], "CREATE TABLE texts")

    def a4_the_indexes_are_the_references(self):
        with database(self.copy(self.made_by(self.server), "a4")) as db:
            rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL")
            expect(dict(rows.fetchall()), INDEXES, "indexes")

    def a5_the_log_database_has_only_the_logs(self):
        with database(self.copy(self.made_by(self.server), "a5"), "auxiliary.db") as db:
            rows = db.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1, 2")
            expect(rows.fetchall(), [("index", "idx_logs_created_hour"), ("index", "idx_logs_level"),
                                     ("index", "idx_logs_message"), ("table", "_logs")], "objects")

    def a6_the_collections_are_the_references(self):
        with database(self.copy(self.made_by(self.server), "a6")) as db:
            rows = db.execute("SELECT name, id, type, system, listRule, viewRule, createRule, updateRule, deleteRule "
                              "FROM _collections ORDER BY rowid")
            expect(rows.fetchall(), COLLECTIONS, "collections")

    def a7_their_fields_are_the_references(self):
        with database(self.copy(self.made_by(self.server), "a7")) as db:
            rows = db.execute("SELECT name, fields FROM _collections")
            found = {name: (len(fields.encode()), zlib.crc32(fields.encode())) for name, fields in rows}
            expect(found, FIELDS, "fields")

    def a8_the_rules_tell_null_from_empty(self):
        with database(self.copy(self.made_by(self.server), "a8")) as db:
            query = "SELECT listRule IS NULL, createRule FROM _collections WHERE name=?"
            expect(db.execute(query, ("users",)).fetchone(), (0, ""), "users")
            expect(db.execute(query, ("_superusers",)).fetchone(), (1, None), "_superusers")

    def a9_the_settings_are_the_defaults_as_bytes(self):
        values = []
        for binary in (self.server, self.reference):
            with database(self.copy(self.made_by(binary), "a9")) as db:
                row = db.execute("SELECT id, typeof(value), length(value), "
                                 "json_extract(CAST(value AS TEXT), '$.meta.appName') FROM _params").fetchall()
                expect(row, [("settings", "blob", 1056, "Acme")], "row")
                values.append(one(db, "SELECT value FROM _params"))
        expect(values[0], values[1], "bytes")

    def a10_every_token_secret_is_long_and_its_own(self):
        with database(self.copy(self.made_by(self.server), "a10")) as db:
            secrets = column(db, """SELECT json_extract(c.options, '$.' || t.value || '.secret') FROM _collections c,
                json_each('["authToken","passwordResetToken","emailChangeToken","verificationToken","fileToken"]') t
                WHERE c.type = 'auth'""")
            expect([len(secret or "") for secret in secrets], [50] * 10, "lengths")
            expect(len(set(secrets)), 10, "distinct secrets")

    def a11_ids_have_a_default(self):
        with database(self.copy(self.made_by(self.server), "a11")) as db:
            expect(one(db, "SELECT dflt_value FROM pragma_table_info('users') WHERE name='id'"),
                   "'r'||lower(hex(randomblob(7)))", "default")

    def a12_otp_columns_are_sorted(self):
        with database(self.copy(self.made_by(self.server), "a12")) as db:
            expect(column(db, "SELECT name FROM pragma_table_info('_otps') ORDER BY cid"),
                   ["collectionRef", "created", "id", "password", "recordRef", "sentTo", "updated"], "columns")

    def a13_emails_may_be_empty_and_token_keys_not_equal(self):
        with database(self.copy(self.made_by(self.server), "a13")) as db:
            db.execute("INSERT INTO users(email, password, tokenKey) VALUES('', 'x', 'k1'), ('', 'x', 'k2')")
            try:
                db.execute("INSERT INTO users(email, password, tokenKey) VALUES('', 'x', 'k1')")
            except sqlite3.IntegrityError:
                return
            raise Failed("an equal tokenKey was stored")

    def a14_to_a16_the_reference_opens_it_and_changes_nothing(self):
        home = self.copy(self.made_by(self.server), "a14")
        before = kept_rows(home)
        with self.serve(self.reference, home):
            pass
        expect(open(os.path.join(home, "serve.err"), encoding="utf-8").read(), "", "the reference's stderr")
        with database(home, "auxiliary.db") as db:
            expect(one(db, "SELECT count(*) FROM _logs WHERE level >= 4"), 0, "warnings in its log")
        expect(kept_rows(home), before, "rows")

    def a14_the_newer_reference_opens_it(self):
        if not self.reference_new:
            return
        home = self.copy(self.made_by(self.server), "a14new")
        self.start_and_stop(home, binary=self.reference_new)
        self.start_and_stop(home)

    def a17_a_superuser_of_the_reference_signs_in(self):
        home = self.copy(self.made_by(self.server), "a17")
        self.upsert(self.reference, home)
        with self.serve(self.server, home) as server:
            server.login(EMAIL, PASSWORD)
        with database(home) as db:
            expect(one(db, "SELECT count(*) FROM _superusers WHERE email='__pbinstaller@example.com'"), 0, "installers")

    def a18_superusers_and_tokens_pass_both_ways(self):
        home = self.copy(self.made_by(self.server), "a18")
        self.upsert(self.server, home)
        with self.serve(self.server, home) as server:
            ours = server.login(EMAIL, PASSWORD)
        with self.serve(self.reference, home) as reference:
            theirs = reference.login(EMAIL, PASSWORD)
            status, _ = reference.call("POST", "/api/collections/_superusers/auth-refresh", token=ours)
            expect(status, 200, "the reference's answer to a token of the server")
        with self.serve(self.server, home) as server:
            status, _ = server.call("POST", "/api/collections/_superusers/auth-refresh", token=theirs)
            expect(status, 200, "the server's answer to a token of the reference")

    def a19_a_deleted_log_database_is_made_anew(self):
        pairs = ((self.server, self.server), (self.server, self.reference), (self.reference, self.server))
        for maker, starter in pairs:
            home = self.copy(self.made_by(maker), "a19")
            for name in os.listdir(data_dir(home)):
                if name.startswith("auxiliary.db"):
                    os.remove(os.path.join(data_dir(home), name))
            self.start_and_stop(home, binary=starter)
            with database(home, "auxiliary.db") as db:
                expect(one(db, "SELECT count(*) FROM sqlite_master WHERE name='_logs'"), 1, "_logs")
            with database(home) as db:
                files = column(db, "SELECT file FROM _migrations ORDER BY applied")
                expect((len(files), files[-1]), (8, MIGRATIONS[0]), "migrations")

    def a20_encrypted_settings_pass_both_ways(self):
        for maker, other in ((self.server, self.reference), (self.reference, self.server)):
            home = self.home(f"a20_{os.path.basename(maker)}_{maker == self.server}")
            flags, env = ["--encryptionEnv", "PB_K"], {"PB_K": KEY}
            self.start_and_stop(home, flags, env, maker)
            with database(home) as db:
                expect(one(db, "SELECT typeof(value) FROM _params"), "text", "class")
                expect(len(base64.b64decode(one(db, "SELECT value FROM _params"), validate=True)), 1056 + 28, "bytes")
            self.start_and_stop(home, flags, env, other)
            for binary in (maker, other):
                expect_in('invalid settings db data or missing encryption key "PB_K"',
                          self.refused_start(home, flags, {"PB_K": ""}, binary), "without the key")

    # ---- group B: a directory made by the reference

    def b1_a_start_changes_nothing(self):
        for binary in filter(None, (self.reference, self.reference_new)):
            home = self.copy(self.made_by(binary), "b1")
            before = kept_rows(home, schema=True)
            self.start_and_stop(home)
            expect(kept_rows(home, schema=True), before, f"rows of a directory of {binary}")
            self.start_and_stop(home, binary=binary)

    def b2_to_b4_the_fixture_opens(self):
        home = self.fixture("b2")
        with database(home) as db:
            migrations = one(db, "SELECT count(*) FROM _migrations")
        with self.serve(self.server, home) as server:
            token = server.login("test@example.com", PASSWORD)
            expect(server.get("/api/collections", token)["totalItems"], 16, "totalItems")
        with database(home) as db:
            types = dict(db.execute("SELECT type, count(*) FROM _collections GROUP BY type").fetchall())
            expect(types, {"auth": 4, "base": 9, "view": 3}, "collections")
            expect((migrations, one(db, "SELECT count(*) FROM _migrations")), (77, 77), "migrations")
            settings = json.loads(one(db, "SELECT CAST(value AS TEXT) FROM _params"))
            expect(one(db, "SELECT typeof(value) FROM _params"), "blob", "class of the settings")
            expect((settings["meta"]["appName"], settings["batch"]["enabled"], settings["logs"]["logIP"]),
                   ("acme_test", True, False), "settings")

    def b5_to_b9_records_of_the_fixture_read_right(self):
        home = self.fixture("b5")
        with self.serve(self.server, home) as server:
            token = server.login("test@example.com", PASSWORD)
            first = server.get("/api/collections/demo1/records/84nmscqy84lsi1t", token)
            expect((first["number"], first["bool"], first["json"], first["point"], len(first["file_many"]),
                    first["rel_many"]), (123456, True, [1, 2, 3], {"lon": 0, "lat": 0}, 5, ["oap640cot4yru2s"]),
                   "first")
            second = server.get("/api/collections/demo1/records/al1h9ijdeojtsjy", token)
            expect((second["json"], second["datetime"], second["point"]),
                   (None, "", {"lon": 23.333157, "lat": 42.654318}), "second")
            rows = server.get("/api/collections/demo2/records?sort=id", token)["items"]
            expect([(row["id"], row["title"]) for row in rows],
                   [("0yxhwia2amd8gec", "test3"), ("achvryl401bhse3", "test2"), ("llvuca81nly1qls", "test1")], "demo2")
            expect([row["active"] for row in rows], [True, True, False], "demo2.active")
            expect([row["id"] for row in server.get("/api/collections/numeric_id_view/records", token)["items"]],
                   ["1", "2"], "numeric ids")
            view = server.get("/api/collections/view2/records/84nmscqy84lsi1t", token)
            expect((view["state"], len(view["file_many"])), (True, 5), "view2")

    def b10_old_password_hashes_are_verified(self):
        with self.serve(self.server, self.fixture("b10")) as server:
            server.login("test@example.com", PASSWORD, "clients")

    def b12_every_index_is_listed(self):
        home = self.fixture("b12")
        for _ in range(2):
            with database(home) as db:
                expect(column(db, UNLISTED_INDEXES), [], "collections with unlisted indexes")
            self.start_and_stop(home)

    def b13_logs_are_written_beside_old_columns(self):
        home = self.fixture("b13")
        with database(home, "auxiliary.db") as db:
            expect_in("updated", column(db, "SELECT name FROM pragma_table_info('_logs')"), "columns")
        with self.serve(self.server, home) as server:
            expect(server.call("GET", "/api/collections/missing/records?marker=b13")[0], 404, "an error")
        with database(home, "auxiliary.db") as db:
            rows = column(db, "SELECT data FROM _logs WHERE message = ?",
                          "GET /api/collections/missing/records?marker=b13")
            expect(len(rows), 1, "log rows")
            keys = list(json.loads(rows[0]))
            expect(keys, sorted(keys), "keys of a log's data")

    def b14_an_unlisted_index_is_listed(self):
        home = self.fixture("b14")
        with database(home) as db:
            db.execute("DELETE FROM _migrations WHERE file = ?", (MIGRATIONS[7],))
            db.execute("CREATE INDEX x_ext ON demo2(title)")
        self.start_and_stop(home)
        with database(home) as db:
            expect(one(db, "SELECT count(*) FROM _migrations WHERE file = ?", MIGRATIONS[7]), 1, "record")
            expect_in("x_ext", one(db, "SELECT indexes FROM _collections WHERE name='demo2'"), "indexes of demo2")
            expect(column(db, UNLISTED_INDEXES), [], "collections with unlisted indexes")
        self.start_and_stop(home, binary=self.reference)

    def b15_the_old_alert_mail_is_replaced(self):
        home = self.copy(self.made_by(self.reference), "b15")
        path = "$.authAlert.emailTemplate.body"
        with database(home) as db:
            body = one(db, "SELECT json_extract(options, ?) FROM _collections WHERE name='users'", path)
            # The old text is the new one without its info line, with the two paragraphs after it swapped.
            lines = [line for line in body.split("\n") if "{ALERT_INFO}" not in line]
            lines[2:4] = lines[3:1:-1]
            old = "\n".join(lines).replace("location:</p>", "location.</p>")
            expect(hashlib.sha256(old.encode()).hexdigest(), OLD_ALERT_SHA256, "the old body, derived from the new one")
            db.execute("UPDATE _collections SET options = json_set(options, ?, ?) WHERE name='users'", (path, old))
            db.execute("UPDATE _collections SET options = json_set(options, ?, 'my own {ALERT_INFO}') "
                       "WHERE name='_superusers'", (path,))
            db.execute("DELETE FROM _migrations WHERE file IN (?, ?)", (MIGRATIONS[6], MIGRATIONS[7]))
        self.start_and_stop(home)
        with database(home) as db:
            bodies = dict(db.execute("SELECT name, json_extract(options, ?) FROM _collections WHERE type='auth'",
                                     (path,)))
            expect_in("{ALERT_INFO}", bodies["users"], "the new body")
            expect(bodies["_superusers"], "my own {ALERT_INFO}", "a body of one's own")
            expect(sorted(column(db, "SELECT file FROM _migrations")), MIGRATIONS, "records")
        self.start_and_stop(home, binary=self.reference)

    def b16_directories_before_v0_23_are_refused_untouched(self):
        signs = ["CREATE TABLE _admins (id TEXT PRIMARY KEY)", "CREATE TABLE _collections (id TEXT, schema JSON)",
                 "CREATE TABLE _params (id TEXT, key TEXT, value JSON)"]
        for i, sign in enumerate(signs):
            home = self.home(f"b16_{i}")
            os.makedirs(data_dir(home))
            with database(home) as db:
                db.execute("CREATE TABLE _migrations (file VARCHAR(255) PRIMARY KEY NOT NULL, "
                           "applied INTEGER NOT NULL)")
                db.execute("INSERT INTO _migrations VALUES ('1640988000_init.go', 1640988000)")
                db.execute(sign)
            before = file_hashes(home)
            expect_in(LEGACY_MESSAGE, self.refused_start(home), "message")
            expect(file_hashes(home), before, "files")

    def b16_also_when_only_the_wal_tells(self):
        home = self.home("b16_wal")
        os.makedirs(data_dir(home))
        live = sqlite3.connect(os.path.join(self.home("b16_live"), "data.db"))
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("CREATE TABLE _admins (id TEXT PRIMARY KEY)")
        live.commit()
        for name in ("data.db", "data.db-wal"):   # while it is open: what a killed process leaves behind
            shutil.copy(os.path.join(self.home("b16_live"), name), data_dir(home))
        live.close()
        before = file_hashes(home)
        expect_in(LEGACY_MESSAGE, self.refused_start(home), "message")
        expect(file_hashes(home), before, "files")

    def b17_keys_of_later_versions_may_be_missing(self):
        home = self.fixture("b17")
        with database(home) as db:
            db.execute("""UPDATE _collections SET
                fields = replace(replace(fields, '"help":"",', ''), ',"help":""', '')""")
            db.execute("UPDATE _params SET value = CAST(json_remove(CAST(value AS TEXT), '$.superuserIPs', "
                       "'$.meta.accentColor') AS BLOB)")
            expect(one(db, "SELECT count(*) FROM _collections WHERE fields LIKE '%\"help\"%'"), 0, "help keys")
        with self.serve(self.server, home) as server:
            token = server.login("test@example.com", PASSWORD)
            fields = server.get("/api/collections/demo2", token)["fields"]
            expect({field.get("help") for field in fields if field["type"] != "autodate"}, {""}, "help")

    def b18_an_unknown_field_type_is_refused(self):
        home = self.fixture("b18")
        with database(home) as db:
            db.execute("UPDATE _collections SET fields = json_set(fields, '$[1].type', 'foo') WHERE name='demo2'")
        for binary in (self.server, self.reference):
            expect_in("missing or unknown field type in", self.refused_start(home, binary=binary), binary)

    def b19_settings_that_the_reference_encrypted_are_read(self):
        home = self.copy(self.made_by(self.reference), "b19")
        flags = ["--encryptionEnv", "PB_K"]
        with database(home) as db:
            db.execute("UPDATE _params SET value = ?", (SEALED,))
        self.start_and_stop(home, flags, {"PB_K": KEY})
        for key, message in ((KEY[::-1], "cipher: message authentication failed"),
                             ("abcde", "crypto/aes: invalid key size 5")):
            expect_in(message, self.refused_start(home, flags, {"PB_K": key}), key)
        with database(home) as db:
            expect(one(db, "SELECT value FROM _params"), SEALED, "the row after these starts")
            db.execute("UPDATE _params SET value = 'AAEC$'")
        expect_in("illegal base64 data at input byte 4", self.refused_start(home, flags, {"PB_K": KEY}), "no base64")

    def b20_ids_of_new_collections_are_checksums(self):
        home = self.copy(self.made_by(self.reference), "b20")
        self.upsert(self.reference, home)
        with self.serve(self.server, home) as server:
            token = server.login(EMAIL, PASSWORD)
            status, body = server.call("POST", "/api/collections", {
                "name": "demo", "type": "base", "fields": [{"name": "title", "type": "text"}]}, token)
            expect(status, 200, f"create ({body})")
            expect(body["id"], "pbc_4048533520", "collection id")
            expect({field["name"]: field["id"] for field in body["fields"]}["title"], "text724990059", "field id")
        self.start_and_stop(home, binary=self.reference)

    def b21_an_import_writes_the_rows_of_the_reference(self):
        home = self.fixture("b21")
        self.upsert(self.reference, home)
        with self.serve(self.reference, home) as server:
            exported = server.get("/api/collections?perPage=500", server.login(EMAIL, PASSWORD))["items"]
        for collection in exported:      # an export has no secrets
            for provider in collection.get("oauth2", {}).get("providers", []):
                provider["clientSecret"] = "given anew"
        for delete_missing in (False, True):
            stored = {}
            for name, binary in (("server", self.server), ("reference", self.reference)):
                target = self.copy(self.made_by(self.reference), f"b21_{name}_{delete_missing}")
                self.upsert(self.reference, target)
                with self.serve(binary, target) as server:
                    token = server.login(EMAIL, PASSWORD)
                    status, body = server.call("PUT", "/api/collections/import",
                                               {"collections": exported, "deleteMissing": delete_missing}, token)
                    expect(status, 204, f"import by the {name} ({body})")
                stored[name] = stored_collections(target)
            for of_server, of_reference in zip(stored["server"][0], stored["reference"][0]):
                expect(of_server, of_reference, f"row of {of_reference[1]}, deleteMissing {delete_missing}")
            expect(stored["server"], stored["reference"], f"everything, deleteMissing {delete_missing}")

    def b22_the_same_changes_give_directories_that_the_other_opens(self):
        answers = {}
        for name, binary, other in (("server", self.server, self.reference), ("reference", self.reference, self.server)):
            home = self.copy(self.made_by(self.reference), f"b22_{name}")
            self.upsert(self.reference, home)
            with self.serve(binary, home) as server:
                change_collections(server, server.login(EMAIL, PASSWORD))
                answers[name] = read_back(server)
            with self.serve(other, home) as server:
                answers[f"{name}, opened by the other"] = read_back(server)
        for name, answer in answers.items():
            for mine, reference in zip(answer, answers["reference"]):
                expect(mine, reference, name)


# ---- helpers

def data_dir(home):
    return os.path.join(home, "pb_data")


@contextlib.contextmanager
def database(home, name="data.db"):
    connection = sqlite3.connect(os.path.join(data_dir(home), name))
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()


def column(db, sql, *values):
    return [row[0] for row in db.execute(sql, values)]


def one(db, sql, *values):
    return db.execute(sql, values).fetchone()[0]


def kept_rows(home, schema=False):
    """What a clean start leaves alone."""
    with database(home) as db:
        kept = {table: db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
                for table in ("_collections", "_params", "_migrations")}
        if schema:
            kept["schema"] = db.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%' "
                                        "ORDER BY name").fetchall()
        return kept


RANDOM = re.compile(r'_clone_\w{4}|"secret":"\w+"')


def stored_collections(home):
    """Rows and schema without what is drawn or the time."""
    with database(home) as db:
        rows = db.execute("SELECT id, name, system, type, fields, indexes, listRule, viewRule, createRule, updateRule, deleteRule, "
                          "options FROM _collections ORDER BY rowid").fetchall()
        schema = db.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name").fetchall()
    return [[RANDOM.sub("*", cell) if isinstance(cell, str) else cell for cell in row] for row in rows], schema


# Names, types, indexes and fields change with records present.
CHANGES = [
    ("POST", "", {"name": "shelf", "type": "base", "listRule": "", "fields": [{"name": "label", "type": "text"}]}),
    ("POST", "", {"name": "book", "type": "base", "listRule": "", "fields": [
        {"name": "title", "id": "ftitle", "type": "text", "required": True}, {"name": "tags", "id": "ftags", "type": "select",
                                                                              "values": ["a", "b"], "maxSelect": 2},
        {"name": "stars", "id": "fstars", "type": "number"}, {"name": "old", "id": "fold", "type": "bool"}],
                 "indexes": ["CREATE UNIQUE INDEX idx_title ON book (title)", "create index `idx_s` on book (stars desc, title)"]}),
    ("POST", "/book/records", {"id": "book00000000001", "title": "One", "tags": ["a", "b"], "stars": 3, "old": True}),
    ("POST", "/book/records", {"id": "book00000000002", "title": "Two", "tags": [], "stars": 1.5}),
    ("PATCH", "/book", {"name": "books", "fields": [
        {"name": "name", "id": "ftitle", "type": "text", "required": True},
        {"name": "tags", "id": "ftags", "type": "select", "values": ["a", "b"], "maxSelect": 1},
        {"name": "stars", "id": "fstars", "type": "number", "max": 5},
        {"name": "notes", "id": "fnotes", "type": "json"}, {"name": "made", "id": "fmade", "type": "autodate", "onCreate": True}],
                        "indexes": ["CREATE UNIQUE INDEX idx_name ON books (name)"]}),
    ("PATCH", "/books/records/book00000000001", {"notes": {"b": 1, "a": [True, None]}}),
    ("POST", "", {"name": "reader", "type": "auth", "listRule": "", "fields": [{"name": "city", "type": "text"}]}),
    ("PATCH", "/reader", {"passwordAuth": {"enabled": True, "identityFields": ["email", "city"]},
                          "indexes": ["CREATE UNIQUE INDEX idx_city ON reader (city)"], "authRule": None}),
    ("DELETE", "/shelf", None),
    ("PATCH", "/users", {"name": "people", "fields": None}),
    ("POST", "/people/records", {"id": "people000000001", "email": "a@example.com", "password": "1234567890",
                                 "passwordConfirm": "1234567890"}),
]


def change_collections(server, token):
    for method, path, body in CHANGES:
        status, answer = server.call(method, "/api/collections" + path, body, token)
        expect(status in (200, 204), True, f"{method} {path} ({answer})")


def read_back(server):
    token = server.login(EMAIL, PASSWORD)
    collections = server.get("/api/collections?perPage=500&sort=name", token)
    records = [server.get(f"/api/collections/{name}/records?sort=id", token) for name in ("books", "reader", "people")]
    texts = [json.dumps(item, sort_keys=True) for item in collections["items"]] + [json.dumps(page) for page in records]
    # The wording of the default mails is each program's own.
    texts = [re.sub(r'"body": "(?:[^"\\]|\\.)*"', '"body": "*"', text) for text in texts]
    return [re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z", "<time>", text) for text in texts]


def file_hashes(home):
    hashes = {}
    for folder, _, files in os.walk(data_dir(home)):
        for name in files:
            with open(os.path.join(folder, name), "rb") as file:
                hashes[os.path.relpath(os.path.join(folder, name), home)] = hashlib.sha256(file.read()).hexdigest()
    return hashes


def check_number(name):
    group, number = re.match(r"([ab])(\d+)_", name).groups()
    return group, int(number), name


def main():
    parser = argparse.ArgumentParser()
    for flag in ("server", "reference", "fixture"):
        parser.add_argument(f"--{flag}", required=True)
    parser.add_argument("--reference-new")
    parser.add_argument("--only", default="", help="run checks whose name contains this")
    parser.add_argument("--port", type=int, default=19950)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    for name in ("server", "reference", "fixture", "reference_new"):
        if getattr(options, name):
            setattr(options, name, os.path.abspath(getattr(options, name)))

    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="datadir_check_") as root:
        checks = Checks(options, root)
        names = [name for name in dir(checks) if re.match(r"[ab]\d+_", name) and options.only in name]
        for name in sorted(names, key=check_number):
            checks.port = options.port   # every server of the check before has ended
            try:
                getattr(checks, name)()
                passed += 1
                if options.verbose:
                    print(f"ok      {name}")
            except Failed as failure:
                failed += 1
                print(f"FAILED  {name}: {failure}")
            except Exception:   # a check that breaks has not passed
                failed += 1
                print(f"FAILED  {name}:\n{traceback.format_exc()}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
