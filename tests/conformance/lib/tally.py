"""Counts requests that were answered alike and shows those that were not."""

MOST_SHOWN = 25


class Tally:
    def __init__(self, pair):
        self.pair = pair
        self.passed = self.failed = self.skipped = 0
        self.statuses = {}

    def same(self, request, view=lambda answer: answer.body):
        """Whether both answer alike. Asked again when not: the clock may have moved between two answers."""
        for _ in range(2):
            reference, candidate = self.pair.ask(request)
            if reference.status == candidate.status and view(reference) == view(candidate):
                self.statuses[reference.status] = self.statuses.get(reference.status, 0) + 1
                return True, reference, candidate
        return False, reference, candidate

    def check(self, request, view=lambda answer: answer.body, smaller=None, about=""):
        """`smaller`: requests to try in place of a different one, smallest first."""
        alike, reference, candidate = self.same(request, view)
        if alike:
            self.passed += 1
            return reference
        self.failed += 1
        if self.failed > MOST_SHOWN:
            return reference
        for simple in smaller or ():
            alike, simple_reference, simple_candidate = self.same(simple, view)
            if not alike:
                request, reference, candidate = simple, simple_reference, simple_candidate
                break
        print(f"DIFFERS {about} {request}\n   reference {reference}\n   candidate {candidate}", flush=True)
        return reference

    def close(self):
        print("answers by status: " + ", ".join(f"{status}: {count}" for status,
                                                count in sorted(self.statuses.items())))
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped")
        return 1 if self.failed else 0
