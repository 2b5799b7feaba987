"""Realtime scenarios: many event streams, read by one program (bench/realtime), that also makes the changes."""

import json
import resource
import statistics
import subprocess
import time

from servers import ApiFailure

MANY, SOME = 10_000, 1_000
COLLECTION = "heard"
SETTLE_SECONDS = 2
# Name, subscribers, what wombat_listen is told; {ms} is the time of a measurement.
FAN_OUTS = (("realtime-one", MANY, ("each", "20")),
            ("realtime-fanout", MANY, ("burst", "50", "1")),
            ("realtime-rate", SOME, ("rate", "{ms}", "20")))
COMMITS = (("realtime-commit-1", 1), ("realtime-commit-8", 8), ("realtime-commit-64", 64))
IDLE = "realtime-idle"
NAMES = (IDLE, *(name for name, *_ in FAN_OUTS + COMMITS))


def allow_many_files():
    """For this process and the servers that it starts."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < MANY + 500:
        most = MANY + 500
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def create_collection(server):
    fields = [{"name": "title", "type": "text"}, {"name": "body", "type": "text"}, {"name": "views", "type": "number"},
              {"name": "published", "type": "bool"}, {"name": "created", "type": "autodate", "onCreate": True}]
    server.call("POST", "/api/collections", {"name": COLLECTION, "type": "base", "listRule": "", "viewRule": "",
                                             "createRule": "", "fields": fields})


class Listener:
    """Runs wombat_listen on servers and tells what came of it."""

    def __init__(self, program, seconds):
        self.program, self.milliseconds = program, str(int(seconds * 1000))

    def command(self, server, subscribers, words):
        told = [word.format(ms=self.milliseconds) for word in words]
        return [self.program, str(server.port), COLLECTION, str(subscribers), *told]

    def run(self, server, subscribers, *words):
        ran = subprocess.run(self.command(server, subscribers, words), capture_output=True, text=True)
        if ran.returncode != 0:
            raise ApiFailure(f"{server.name}: {ran.stderr.strip()}")
        result = json.loads(ran.stdout)
        if result["errors"] or result["broken"]:
            raise ApiFailure(f"{server.name}: {' '.join(words)}: {ran.stdout}{ran.stderr}")
        return result

    def fan_out(self, server, subscribers, words):
        result = self.run(server, subscribers, *words)
        return {"events": result["events"] / result["hear_seconds"], "p50_us": result["delay_p50_us"],
                "p99_us": result["delay_p99_us"], "incomplete": result["incomplete"], "orders": result["orders"]}

    def commits(self, server, connections):
        words = ("load", "{ms}", str(connections))
        alone = self.run(server, 0, *words)
        heard = self.run(server, SOME, *words)
        return {"alone": alone["changes"] / alone["seconds"], "heard": heard["changes"] / heard["seconds"],
                "p99_us": heard["delay_p99_us"], "incomplete": heard["incomplete"]}

    def idle_kilobytes(self, server):
        time.sleep(SETTLE_SECONDS)
        before = server.memory()
        held = subprocess.Popen(self.command(server, MANY, ("idle",)), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            if not held.stdout.readline():
                raise ApiFailure(f"{server.name}: {MANY} clients could not be connected")
            time.sleep(SETTLE_SECONDS)
            return (server.memory() - before) * 1024 / MANY
        finally:
            held.communicate()


def medians(rounds):
    return {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}


def in_turn(options, servers, measure):
    rounds = {server.name: [] for server in servers}
    for _ in range(options.rounds):
        for server in servers:
            rounds[server.name].append(measure(server))
    return {name: medians(all_rounds) for name, all_rounds in rounds.items()}


def print_fan_outs(name, results, base):
    for server, result in results.items():
        ratio = f"x{result['events'] / results[base]['events']:.1f}" if base in results and server != base else ""
        print(f"{name:<19} {server:<14} {result['events']:>11,.0f} {result['p50_us'] / 1000:>10,.1f} "
              f"{result['p99_us'] / 1000:>10,.1f} {result['incomplete']:>11.0f} {result['orders']:>7.0f} {ratio:>8}", flush=True)
        name = ""


def print_commits(name, results):
    for server, result in results.items():
        print(f"{name:<19} {server:<14} {result['alone']:>11,.0f} {result['heard']:>10,.0f} "
              f"{100 * result['heard'] / result['alone']:>9.0f}% {result['p99_us'] / 1000:>11,.1f} "
              f"{result['incomplete']:>11.0f}", flush=True)
        name = ""


def run(options, program, servers, wanted):
    """The scenarios whose names hold one of `wanted`; all without any."""
    chosen = [name for name in NAMES if not wanted or any(part in name for part in wanted)]
    if not chosen:
        return {}
    base = servers[-1].name if len(servers) > 1 else ""
    listener = Listener(program, options.seconds)
    for server in servers:
        create_collection(server)
    results = {}
    # Before all others: later clients would be put where the memory of earlier ones was.
    if IDLE in chosen:
        results[IDLE] = {server.name: listener.idle_kilobytes(server) for server in servers}
        print(f"\n{IDLE}: " + ", ".join(f"{name} {kilobytes:.1f} KB (PSS) for each of {MANY:,} clients"
                                        for name, kilobytes in results[IDLE].items()))
    print(f"\n{'scenario':<19} {'server':<14} {'events/s':>11} {'p50 ms':>10} {'p99 ms':>10} {'incomplete':>11} "
          f"{'orders':>7} {'events/s':>8}")
    for name, subscribers, words in FAN_OUTS:
        if name in chosen:
            results[name] = in_turn(options, servers, lambda server: listener.fan_out(server, subscribers, words))
            print_fan_outs(name, results[name], base)
    print(f"\n{'scenario':<19} {'server':<14} {'creates/s':>11} {'heard by':>10} {'':>10} {'delay':>11} {'':>11}\n"
          f"{'':<19} {'':<14} {'alone':>11} {SOME:>10,} {'share':>10} {'p99 ms':>11} {'incomplete':>11}")
    for name, connections in COMMITS:
        if name in chosen:
            results[name] = in_turn(options, servers, lambda server: listener.commits(server, connections))
            print_commits(name, results[name])
    return results
