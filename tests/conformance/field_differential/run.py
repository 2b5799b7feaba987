#!/usr/bin/env python3
"""Submits odd values to fields of every type and option, through the reference and the server under test, and reports
every answer and every stored value that differs.

    run.py --server BIN [--seed N] [--share 0..1] [--only NAME]

WOMBAT_REFERENCE names the reference program. `--share` is the part of all values that is tried (default 0.5). Closes with
`N passed, N failed, N skipped`; a passed one is one request.
"""
import argparse, os, random, sys, time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE)]

from bodies import bodies  # noqa: E402
from pair import Failure, Pair, reference_program  # noqa: E402
from shapes import fill, shapes  # noqa: E402
from submissions import Submissions  # noqa: E402
from tally import Tally  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("DIFFERENTIAL_SEED", time.time_ns() % 10**9)))
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--only", default="", help="collections whose name begins so; or ids, many, bodies")
    parser.add_argument("--ports", type=int, help="the first of two ports (default: free ones)")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)

    ports = (options.ports, options.ports + 1) if options.ports else None
    pair = Pair(reference_program(), os.path.abspath(options.server), ports)
    tally = Tally(pair)
    wanted = lambda name: name.startswith(options.only)
    try:
        pair.prepare(fill)
        submissions = Submissions(pair, tally, random.Random(options.seed), options.share)
        for shape in shapes():
            if wanted(shape.name):
                submissions.field(shape)
        if wanted("ids"):
            submissions.ids()
        if wanted("many"):
            submissions.many(int(600 * options.share))
        if wanted("bodies"):
            bodies(pair, tally, random.Random(options.seed))
    except Failure as failure:
        tally.failed += 1
        print(f"FAILED: {failure}")
    finally:
        pair.close()
    return tally.close()


if __name__ == "__main__":
    sys.exit(main())
