"""Two servers on equal data directories, and requests that both must answer alike."""
import http.client, json, os, re, shutil, socket, subprocess, sys, tempfile, time
from dataclasses import dataclass, field
from pathlib import Path

EMAIL, PASSWORD = "root@differential.test", "differential1234"
START_TIMEOUT, REQUEST_TIMEOUT = 30, 60


class Failure(Exception):
    """Something without which nothing can be compared."""


@dataclass
class Request:
    method: str
    path: str
    token: str = ""
    body: bytes | None = None
    headers: dict = field(default_factory=dict)

    @staticmethod
    def json(method, path, body, token=""):
        return Request(method, path, token, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def all_headers(self):
        return {**self.headers, **({"Authorization": self.token} if self.token else {})}

    def __str__(self):
        shown = f"{self.method} {self.path[:1500]}"
        return shown if self.body is None else f"{shown}\n      body {self.body[:700]!r}"


@dataclass
class Answer:
    status: int
    body: bytes

    def json(self):
        return json.loads(self.body) if self.body else None

    def __str__(self):
        if self.body.startswith(b'{"items":'):
            page = self.json()
            return f"{self.status} {[item['id'] for item in page.pop('items')]} {page}"
        return f"{self.status} {self.body[:700].decode(errors='replace').strip()}"


class Server:
    def __init__(self, name, program, folder, port):
        self.name, self.program, self.folder, self.port = name, program, Path(folder), port
        self.process = self.connection = None

    def start(self, arguments=()):
        log = open(self.folder.parent / f"{self.name}.log", "ab")
        self.process = subprocess.Popen([self.program, "serve", "--http", f"127.0.0.1:{self.port}", "--dir",
                                         self.folder,
                                         *arguments], stdout=log, stderr=log)
        log.close()
        until = time.monotonic() + START_TIMEOUT
        while time.monotonic() < until:
            try:
                if self.ask(Request("GET", "/api/health")).status == 200:
                    return self
            except OSError:
                self.connection = None
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise Failure(f"{self.name} does not come up: {(self.folder.parent / f'{self.name}.log').read_text()[-800:]}")

    def stop(self):
        if self.connection:
            self.connection.close()
            self.connection = None
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def send(self, request):
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REQUEST_TIMEOUT)
        try:
            self.connection.request(request.method, request.path, request.body, request.all_headers())
        except (OSError, http.client.HTTPException):
            self.connection.close()  # the server had closed it while idle
            self.connection.request(request.method, request.path, request.body, request.all_headers())

    def receive(self):
        try:
            response = self.connection.getresponse()
            return Answer(response.status, response.read())
        except http.client.HTTPException as failure:
            self.connection.close()
            raise OSError(f"{self.name}: {failure!r}") from failure

    def ask(self, request):
        self.send(request)
        return self.receive()

    def call(self, method, path, body=None, token=""):
        """The parsed answer; anything but a 2xx is a Failure."""
        answer = self.ask(Request(method, path, token) if body is None else Request.json(method, path, body, token))
        if not 200 <= answer.status < 300:
            raise Failure(f"{self.name}: {method} {path}: {answer}")
        return answer.json()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pair:
    """The reference and the server under test. `fill` is called once with the reference's Server and the superuser's
    token, `fill_files` with the data directory while nothing runs on it; both servers then get copies of it."""

    def __init__(self, reference, candidate, ports=None):
        self.folder = Path(tempfile.mkdtemp(prefix="wombat_differential_"))
        ports = ports or (free_port(), free_port())
        self.reference = Server("reference", reference, self.folder / "reference" / "pb_data", ports[0])
        self.candidate = Server("candidate", candidate, self.folder / "candidate" / "pb_data", ports[1])
        self.token = ""

    def prepare(self, fill, fill_files=None):
        self.reference.folder.mkdir(parents=True)
        subprocess.run([self.reference.program, "superuser", "upsert", EMAIL, PASSWORD, "--dir", self.reference.folder],
                       check=True, capture_output=True)
        self.reference.start()
        self.token = self.sign_in("_superusers", EMAIL, PASSWORD)
        self.reference.call("PATCH", "/api/settings", {"logs": {"maxDays": 0}}, self.token)
        fill(self.reference, self.token)
        self.reference.stop()
        if fill_files:
            fill_files(self.reference.folder)
        shutil.copytree(self.reference.folder, self.candidate.folder)
        self.reference.start()
        self.candidate.start()

    def sign_in(self, collection, email, password):
        return self.reference.call("POST", f"/api/collections/{collection}/auth-with-password",
                                   {"identity": email, "password": password})["token"]

    def ask(self, request):
        """Both answers; the servers work at the same time."""
        self.reference.send(request)
        self.candidate.send(request)
        return self.reference.receive(), self.candidate.receive()

    def close(self):
        self.reference.stop()
        self.candidate.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def reference_program():
    program = os.environ.get("WOMBAT_REFERENCE", "")
    if os.access(program, os.X_OK):
        return os.path.abspath(program)
    print("the reference program is not there: WOMBAT_REFERENCE must name it (tests/run fetches it)")
    print("0 passed, 1 failed, 0 skipped")
    sys.exit(1)


# What two servers choose by themselves: generated ids and clock times.
RANDOM_ID = re.compile(rb'"([a-z0-9]{15}|_clone_\w{4})"')
CLOCK = re.compile(rb'"20[2-9]\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z"')


def scrub(body):
    return CLOCK.sub(b'"TIME"', RANDOM_ID.sub(b'"ID"', body))
