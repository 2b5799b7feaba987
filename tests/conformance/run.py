#!/usr/bin/env python3
"""Plays the conformance material that lies beside the repository against a server.

    run.py --server BIN

../shared/conformance (seen from the repository) holds the scenarios and the differential cases; without it there is nothing
to play, which is said in one line. The cases also need the reference program: WOMBAT_REFERENCE names it.
scenarios.skip and cases.skip list what is known not to pass, one a line: `NAME  # reason`. A name that ends in "/" stands
for all that begin with it. A skipped case that passes is an error: its line has to go.
Closes with `N passed, N failed, N skipped`.
"""
import argparse, os, re, subprocess, sys, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MATERIAL = HERE.parents[2] / "shared" / "conformance"
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped")


def skip_list(name):
    """{name or prefix: reason}; every line must give a reason."""
    skips = {}
    for line in (HERE / name).read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        what, _, reason = line.partition("  # ")
        if not reason.strip():
            raise SystemExit(f"{name}: no reason for {what}")
        skips[what.strip()] = reason.strip()
    return skips


def listed(skips, name):
    return any(name == what or what.endswith("/") and name.startswith(what) for what in skips)


def play(command):
    """Runs a player, shows what it prints, returns its lines."""
    lines = []
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as process:
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            print(lines[-1], flush=True)
    return lines, process.returncode


def scenarios(server):
    skips = skip_list("scenarios.skip")
    with tempfile.NamedTemporaryFile("w", suffix=".skip") as file:
        file.write("\n".join(skips) + "\n")
        file.flush()
        lines, _ = play([sys.executable, str(MATERIAL / "scenarios.py"), "--server", server, "--no-hooks", "--jobs",
                         str(os.cpu_count() or 1), "--skip-list", file.name])
    closing = next((m for m in map(CLOSING.match, reversed(lines)) if m), None)
    return tuple(map(int, closing.groups())) if closing else (0, 1, 0)


def cases(server, reference):
    skips = skip_list("cases.skip")
    engine = [sys.executable, str(MATERIAL / "engine.py"), "--reference", reference, "--fixture", str(MATERIAL / "fixture")]
    names = subprocess.run([*engine, "--list"], capture_output=True, text=True, check=True).stdout.split()
    lines, status = play([*engine, "--candidate", server, "--verbose"])
    differ = {line.split()[1] for line in lines if line.startswith("DIFFERS ")}
    if status not in (0, 1) or not names or (status == 1 and not differ):
        print(f"the engine ended with {status}")
        return 0, 1, 0
    failed = [name for name in names if name in differ and not listed(skips, name)]
    skipped = [name for name in names if name in differ and listed(skips, name)]
    stale = [name for name in names if name in skips and name not in differ]
    for name in failed:
        print(f"failed: {name}")
    for name in stale:
        print(f"failed: {name} passes but is in cases.skip")
    return len(names) - len(failed) - len(skipped) - len(stale), len(failed) + len(stale), len(skipped)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--server", required=True)
    server = os.path.abspath(arguments.parse_args().server)
    counts = []
    if not (MATERIAL / "scenarios.py").exists():
        print("the conformance material is not beside the repository: its scenarios and cases are not played")
    else:
        counts.append(scenarios(server))
        reference = os.environ.get("WOMBAT_REFERENCE", "")
        if os.access(reference, os.X_OK):
            counts.append(cases(server, os.path.abspath(reference)))
        else:
            print("the reference program is not there: the cases that compare with it are not played")
    passed, failed, skipped = (sum(column) for column in zip(*counts)) if counts else (0, 0, 0)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
