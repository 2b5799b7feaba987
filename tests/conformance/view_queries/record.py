#!/usr/bin/env python3
"""Writes expected.json: what the reference answers to the queries of queries.txt over the collections of world.json.

    record.py REFERENCE_PROGRAM

A line of queries.txt is one query; "\\n", "\\r" and "\\t" in it stand for the character. Ids that the reference draws at
random are cut ("_clone_abcd" to "_clone_"), the temporary collection's id and name are left out.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent
PORT = 9198


class Server:
    def __init__(self, program, directory):
        credentials = ["root@example.com", "1234567890"]
        # Migrations that it writes by itself would go beside the directory.
        flags = ["--dir", directory, "--migrationsDir", f"{directory}/migrations"]
        subprocess.run([program, "superuser", "upsert", *credentials, *flags], check=True, capture_output=True)
        self.process = subprocess.Popen([program, "serve", "--http", f"127.0.0.1:{PORT}", *flags],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.token = ""
        for _ in range(300):
            time.sleep(0.1)
            try:
                body = {"identity": credentials[0], "password": credentials[1]}
                self.token = self.send("POST", "/api/collections/_superusers/auth-with-password", body)[1]["token"]
                return
            except (urllib.error.URLError, KeyError):
                pass
        raise SystemExit("the reference does not start")

    def send(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json", "Authorization": self.token})
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


def same_each_time(value):
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in ("collectionName", "made")}
        if "collectionName" in value:
            kept.pop("collectionId")
        return {k: same_each_time(v) for k, v in kept.items()}
    if isinstance(value, list):
        return [same_each_time(v) for v in value]
    if isinstance(value, str):
        return re.sub(r"^_clone_\w{4}$", "_clone_", value)
    return value


def outcome(server, query):
    status, answer = server.send("POST", "/api/collections/meta/dry-run-view", {"query": query})
    if status != 200:
        message = answer["message"].split("\n", 1)[-1]
        return {"query": query, "error": "SQLite" if "SQL logic error" in message else message}
    result = {"query": query, "fields": same_each_time(answer["fields"]), "sample": same_each_time(answer["sample"])}
    status, view = server.send("POST", "/api/collections", {"name": "v", "type": "view", "viewQuery": query})
    if status != 200:
        raise SystemExit(f"dry run accepted, save refused: {query}: {view}")
    assert same_each_time(view["fields"]) == result["fields"], query
    result["list"] = same_each_time(server.send("GET", "/api/collections/v/records?sort=-id&perPage=2")[1])
    status, one = server.send("GET", f"/api/collections/v/records/{answer['sample'][0]['id']}" if answer["sample"]
                              else "/api/collections/v/records/none")
    result["view"] = same_each_time(one)
    server.send("DELETE", "/api/collections/v")
    return result


def main():
    world = json.loads((HERE / "world.json").read_text())
    lines = [line for line in (HERE / "queries.txt").read_text().split("\n") if line]
    queries = [line.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t") for line in lines]
    with tempfile.TemporaryDirectory() as directory:
        server = Server(sys.argv[1], directory)
        try:
            for collection in world["collections"]:
                status, answer = server.send("POST", "/api/collections", collection)
                assert status == 200, answer
            for name, records in world["records"].items():
                for record in records:
                    status, answer = server.send("POST", f"/api/collections/{name}/records", record)
                    assert status == 200, answer
            outcomes = [outcome(server, query) for query in queries]
        finally:
            server.process.terminate()
            server.process.wait()
    lines = ",\n".join("  " + json.dumps(o, ensure_ascii=False, sort_keys=True) for o in outcomes)
    (HERE / "expected.json").write_text(f"[\n{lines}\n]\n")


main()
