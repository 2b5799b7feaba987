#!/usr/bin/env python3
"""Asks the reference and the server under test for the same records under random filters, sorts and rules, and reports
every difference.

    run.py --server BIN [--seed N] [--rounds N] [--only lists,invalid,rules,deep,queries]

WOMBAT_REFERENCE names the reference program. Each difference is shown with the smallest request that still shows it. The
same seed makes the same requests. Closes with `N passed, N failed, N skipped`; a passed one is one request.
"""
import argparse, os, random, sys, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE)]

from expressions import Expressions  # noqa: E402
from pair import Failure, Pair, reference_program  # noqa: E402
from tally import Tally  # noqa: E402
from world import USER_PASSWORD, World  # noqa: E402
import lists, queries, rules  # noqa: E402

PARTS = {"lists": lists.lists, "invalid": lists.invalid, "rules": rules.rules, "deep": lists.deep,
         "queries": queries.queries}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("DIFFERENTIAL_SEED", time.time_ns() % 10**9)))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("DIFFERENTIAL_ROUNDS", 800)))
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--ports", type=int, help="the first of two ports (default: free ones)")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)

    world = World(options.seed)
    ports = (options.ports, options.ports + 1) if options.ports else None
    pair = Pair(reference_program(), os.path.abspath(options.server), ports)
    tally = Tally(pair)
    try:
        pair.prepare(world.fill, world.fill_files)
        tokens = {"superuser": pair.token, "guest": ""}
        for collection, name in (("people", "p1"), ("people", "p2"), ("staff", "s1")):
            tokens[name] = pair.sign_in(collection, f"{name}@x.io", USER_PASSWORD)
        for part in options.only.split(","):
            begin = time.monotonic()
            expressions = Expressions(world, f"{part} {options.seed}")
            PARTS[part](pair, tally, expressions, tokens, options.rounds)
            print(f"{part}: {tally.passed} alike, {tally.failed} different so far, {time.monotonic() - begin:.0f}s",
                  flush=True)
    except Failure as failure:
        tally.failed += 1
        print(f"FAILED: {failure}")
    finally:
        pair.close()
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
