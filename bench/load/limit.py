"""The bare limit: two small programs outside this repository that do nothing but the unavoidable work."""

import glob
import os
import random
import signal
import sqlite3
import subprocess
import time

from scenarios import Scenario, raw, sentence
from servers import cpu_seconds

LLHTTP, LLHTTP_INCLUDE = "/usr/share/llhttp", "/usr/share/include/llhttp"
ROWS = 5000


def build(sources, folder):
    """Compiles limit.cpp and limit_write.cpp; the paths of the two programs."""
    os.makedirs(folder, exist_ok=True)
    objects = []
    for name in ("llhttp", "http", "api"):
        objects.append(os.path.join(folder, name + ".o"))
        subprocess.run(["gcc", "-O2", "-c", f"-I{LLHTTP_INCLUDE}", f"{LLHTTP}/{name}.c", "-o", objects[-1]], check=True)
    programs = []
    for name in ("limit", "limit_write"):
        programs.append(os.path.join(folder, name))
        subprocess.run(["g++", "-std=c++20", "-O2", "-w", f"-I{LLHTTP_INCLUDE}", os.path.join(sources, name + ".cpp"),
                        *objects, "-o", programs[-1], "-luv", "-lsqlite3", "-pthread"], check=True)
    return programs


def fill(path):
    for leftover in glob.glob(path + "*"):
        os.remove(leftover)
    source = random.Random(1)
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE posts (id TEXT PRIMARY KEY, title TEXT, body TEXT)")
    database.executemany("INSERT INTO posts VALUES (?,?,?)",
                         [(f"post{n:011d}", sentence(source, 5), sentence(source, 30)) for n in range(ROWS)])
    database.commit()
    database.close()


class Limit:
    """Answers like a Server to the parts of the benchmark that measure."""

    def __init__(self, sources, folder, port, workers):
        self.name, self.port, self.folder, self.workers = "bare limit", port, folder, workers
        self.reader, self.writer = build(sources, folder)
        self.processes = []

    def start(self):
        database = os.path.join(self.folder, "limit.db")
        fill(database)
        written = os.path.join(self.folder, "written.db")
        for leftover in glob.glob(written + "*"):
            os.remove(leftover)
        for program, port, path in ((self.reader, self.port, database), (self.writer, self.port + 1, written)):
            # A session of their own: the parent only waits, so its children are ended together with it.
            self.processes.append(subprocess.Popen([program, str(port), str(self.workers), path],
                                                   start_new_session=True, stdout=subprocess.DEVNULL))
        time.sleep(0.5)

    def stop(self):
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()
        self.processes = []

    def cpu(self):
        return sum(cpu_seconds(process.pid) for process in self.processes)

    def scenarios(self):
        """Each with the port that it goes to."""
        source = random.Random(2)
        views = [raw("GET", f"/row/post{source.randrange(ROWS):011d}") for _ in range(2000)]
        creates = [raw("POST", "/", {"title": sentence(source, 5), "body": sentence(source, 30),
                                     "views": source.randrange(10000)}) for _ in range(500)]
        found = {}
        for name, connections, requests, port in (
                ("health", 64, [raw("GET", "/plain")], self.port), ("view", 64, views, self.port),
                ("create-1", 1, creates, self.port + 1), ("create-64", 64, creates, self.port + 1),
                ("create-256", 256, creates, self.port + 1)):
            found[name] = (Scenario(name, connections, requests, None), port)
        return found
