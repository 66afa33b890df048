# SPDX-License-Identifier: GPL-2.0
"""Read TAP as kselftest and KUnit write it, with subtests by indentation."""

import re
from dataclasses import dataclass, field

RESULT = re.compile(r"^(not )?ok (\d+)(?:\s+(?:- )?([^#]*))?(?:#\s*(.*))?$")
PLAN = re.compile(r"^1\.\.(\d+)\s*(?:#\s*SKIP\b\s*(?:- )?(.*))?$", re.I)


@dataclass
class Result:
    """One test: what it is called, how it went, and why."""

    name: str
    status: str  # "pass", "fail" or "skip"
    reason: str = ""
    output: list = field(default_factory=list)


@dataclass
class _Level:
    """The results of one indentation so far."""

    plan: int = -1
    seen: int = 0
    failed: int = 0
    skip_all: str = ""
    leaves: list = field(default_factory=list)


class Parser:
    """Feed it lines; it returns the leaf results that a line completes.

    A result line closes what was indented deeper since the last result of its
    own depth: those are its subtests.  A test with subtests is not counted
    itself, unless it failed and none of them did, or they are not as many as
    they planned.
    """

    def __init__(self):
        self._levels = {}
        self._output = []
        self.plan = -1
        self.seen = 0

    def feed(self, line):
        text = line.lstrip(" ")
        depth = len(line) - len(text)
        plan = PLAN.match(text)
        if plan:
            level = self._level(depth)
            level.plan = int(plan.group(1))
            level.skip_all = (plan.group(2) or "").strip()
            if depth == 0:
                self.plan = level.plan
            return []
        result = RESULT.match(text)
        if not result:
            self._output.append(text)
            return []
        return self._close(depth, result)

    def _level(self, depth):
        return self._levels.setdefault(depth, _Level())

    def _close(self, depth, match):
        bad, _, name, note = match.groups()
        name = (name or "").strip()
        note = (note or "").strip()
        level = self._level(depth)
        level.seen += 1
        if depth == 0:
            self.seen += 1

        inner = [d for d in self._levels if d > depth]
        leaves, skip_all, broken = [], "", ""
        for d in sorted(inner):
            sub = self._levels.pop(d)
            leaves += [
                Result(f"{name}: {r.name}", r.status, r.reason, r.output)
                for r in sub.leaves
            ]
            skip_all = skip_all or sub.skip_all
            if sub.plan >= 0 and sub.plan != sub.seen:
                broken = f"{sub.seen} of {sub.plan} subtests were reported"
        output, self._output = self._output, []

        skip = re.match(r"SKIP\b[: ]*(.*)", note, re.I)
        if bad:
            status, reason = "fail", note
        elif skip:
            status, reason = "skip", skip_all or skip.group(1)
        else:
            status, reason = "pass", ""
        if broken and status != "skip":
            status, reason = "fail", f"{broken}; {reason}".rstrip("; ")

        if not leaves or (
            status == "fail" and not any(r.status == "fail" for r in leaves)
        ):
            leaves.append(Result(name, status, reason, output))
        if depth == 0:
            return leaves
        level.leaves += leaves
        return []
