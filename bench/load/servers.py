"""Starts, measures and ends the servers that are compared."""

import http.client
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time

EMAIL, PASSWORD = "bench@example.com", "bench1234567890"
TICKS = os.sysconf("SC_CLK_TCK")


def descendants(root):
    """The pids of a process and of all that descend from it."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    parent = int(file.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(name))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += children.get(pid, [])
    return found


def cpu_seconds(root):
    """User and system time of the whole tree, with what its dead children used."""
    ticks = 0
    for pid in descendants(root):
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS


def pss_mb(root):
    """Proportional set size of the whole tree."""
    kilobytes = 0
    for pid in descendants(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as file:
                kilobytes += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return kilobytes / 1024


class ApiFailure(Exception):
    pass


class Server:
    """One program on a fresh data directory."""

    def __init__(self, name, binary, port, folder, arguments=()):
        self.name, self.binary, self.port, self.folder = name, binary, port, folder
        self.arguments = list(arguments)
        self.process = None
        self.token = ""
        self.start_ms = self.idle_mb = 0.0

    def start(self):
        data = os.path.join(self.folder, "pb_data")
        shutil.rmtree(data, ignore_errors=True)
        os.makedirs(self.folder, exist_ok=True)
        made = subprocess.run([self.binary, "superuser", "upsert", EMAIL, PASSWORD, "--dir", data],
                              capture_output=True, text=True)
        if made.returncode != 0 or "Error" in made.stdout + made.stderr:
            raise ApiFailure(f"{self.name}: superuser upsert: {made.stdout}{made.stderr}")
        self._launch()
        time.sleep(1)
        self.idle_mb = pss_mb(self.process.pid)
        answer = self.call("POST", "/api/collections/_superusers/auth-with-password",
                           {"identity": EMAIL, "password": PASSWORD})
        self.token = answer["token"]

    def _launch(self):
        data = os.path.join(self.folder, "pb_data")
        with open(os.path.join(self.folder, "log"), "w") as log:
            begin = time.monotonic()
            self.process = subprocess.Popen(
                [self.binary, "serve", "--http", f"127.0.0.1:{self.port}", "--dir", data, *self.arguments],
                stdout=log, stderr=log)
        self._wait_until_up(begin)

    def fill(self, write_rows):
        """Lets `write_rows` write into the database while the server is stopped."""
        start_ms = self.start_ms
        self.stop()
        database = sqlite3.connect(os.path.join(self.folder, "pb_data", "data.db"))
        with database:
            write_rows(database)
        database.execute("PRAGMA optimize")
        database.close()
        self._launch()
        self.start_ms = start_ms

    def _wait_until_up(self, begin):
        while time.monotonic() - begin < 20:
            if self.process.poll() is not None:
                break
            try:
                self.call("GET", "/api/health")
                self.start_ms = (time.monotonic() - begin) * 1000
                return
            except ApiFailure:
                time.sleep(0.002)
        raise ApiFailure(f"{self.name} does not come up; its log: {self.log_tail()}")

    def stop(self):
        if not self.process:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def log_tail(self):
        with open(os.path.join(self.folder, "log")) as file:
            return file.read()[-500:]

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def memory(self):
        return pss_mb(self.process.pid)

    def send(self, request):
        """One request as it goes over the wire; status and body of the answer."""
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, path, _ = first.split(" ")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body or None, dict(line.split(": ", 1) for line in lines))
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as failure:
            raise ApiFailure(f"{self.name}: {method} {path}: {failure!r}; its log: {self.log_tail()}") from failure
        finally:
            connection.close()

    def call(self, method, path, body=None, token=None):
        """One request; the parsed answer. Anything but a 2xx is an ApiFailure."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Authorization": token if token is not None else self.token}
            if not headers["Authorization"]:
                headers = {}
            payload = None
            if body is not None:
                payload = json.dumps(body)
                headers["Content-Type"] = "application/json"
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
            text = response.read().decode()
            if not 200 <= response.status <= 299:
                raise ApiFailure(f"{self.name}: {method} {path}: {response.status} {text[:600]}")
            return json.loads(text) if text else None
        except (OSError, http.client.HTTPException) as failure:
            raise ApiFailure(f"{self.name}: {method} {path}: {failure!r}; its log: {self.log_tail()}") from failure
        finally:
            connection.close()
