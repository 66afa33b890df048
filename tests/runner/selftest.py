#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The runner's own tests: a runner that misses a failure proves nothing."""

import sys
import unittest

sys.dont_write_bytecode = True

from group import Group, _word  # noqa: E402
from splat import scan  # noqa: E402
from tap import Parser  # noqa: E402


def parse(text):
    parser, results = Parser(), []
    for line in text.strip("\n").splitlines():
        results += parser.feed(line)
    return [(r.name, r.status, r.reason) for r in results], parser


class Tap(unittest.TestCase):
    def test_plain_program(self):
        results, _ = parse("1..1\n  some output\nok 1 prog # time=3")
        self.assertEqual(results, [("prog", "pass", "")])

    def test_failed_program_has_its_output(self):
        parser = Parser()
        parser.feed("  why")
        (result,) = parser.feed("not ok 1 prog # status 1")
        self.assertEqual((result.status, result.output), ("fail", ["why"]))

    def test_subtests_count_instead_of_the_program(self):
        results, _ = parse(
            """
  TAP version 13
  1..3
  ok 1 a
  not ok 2 b
  ok 3 c # SKIP no such thing
not ok 1 prog # status 1
"""
        )
        self.assertEqual(
            results,
            [
                ("prog: a", "pass", ""),
                ("prog: b", "fail", ""),
                ("prog: c", "skip", "no such thing"),
            ],
        )

    def test_missing_subtest_fails(self):
        results, _ = parse("  1..2\n  ok 1 a\nok 1 prog")
        self.assertEqual(results[-1][:2], ("prog", "fail"))

    def test_crash_after_passing_subtests_fails(self):
        results, _ = parse("  1..1\n  ok 1 a\nnot ok 1 prog # status 139")
        self.assertEqual(
            results[-1], ("prog", "fail", "status 139")
        )

    def test_skip_has_the_programs_reason(self):
        results, _ = parse("  1..0 # SKIP - no cpu\nok 1 prog # SKIP")
        self.assertEqual(results, [("prog", "skip", "no cpu")])

    def test_kunit_suites(self):
        results, parser = parse(
            """
KTAP version 1
1..2
    KTAP version 1
    # Subtest: pool
    # module: gmem
    1..2
    ok 1 first
    # second: EXPECTATION FAILED at x.c:3
    not ok 2 second
# pool: pass:1 fail:1 skip:0 total:2
not ok 1 pool
    KTAP version 1
    # Subtest: range
    1..1
        KTAP version 1
        # Subtest: cases
        ok 1 one
        ok 2 two
    ok 1 cases
ok 2 range
"""
        )
        self.assertEqual(
            [r[:2] for r in results],
            [
                ("pool: first", "pass"),
                ("pool: second", "fail"),
                ("range: cases: one", "pass"),
                ("range: cases: two", "pass"),
            ],
        )
        self.assertEqual((parser.plan, parser.seen), (2, 2))


class Splat(unittest.TestCase):
    REPORTS = (
        "BUG: KASAN: use-after-free in gmem_pool_put+0x1/0x2",
        "WARNING: possible circular locking dependency detected",
        "WARNING: CPU: 0 PID: 1 at mm/memory.c:1 foo+0x1/0x2",
        "Oops: general protection fault, maybe for address 0x0: 0000 [#1]",
        "UBSAN: shift-out-of-bounds in mm/gmem/alloc.c:1:2",
        "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug)",
        "rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
        "watchdog: BUG: soft lockup - CPU#0 stuck for 120s!",
        "INFO: task foo:12 blocked for more than 122 seconds.",
        "mm/pgtable-generic.c:43: bad pud 000000001(80000)",
        "Kernel panic - not syncing: Attempted to kill init!",
        "Call Trace:",
    )
    HARMLESS = (
        "AMD Zen1 DIV0 bug detected. Disable SMT for full protection.",
        "PCI: Using host bridge windows from ACPI; and report a bug",
        "Kernel command line: oops=panic rcupdate.rcu_cpu_stall_timeout=9",
        "hub 1-0:1.0: bad descriptor, ignoring hub",
        "kmemleak: Kernel memory leak detector initialized",
    )

    def test_reports_are_found(self):
        for report in self.REPORTS:
            line = f"[   12.345678] {report}"
            self.assertEqual(scan([line]), [line])

    def test_the_rest_is_not(self):
        self.assertEqual(scan(f"[ 0.1] {h}" for h in self.HARMLESS), [])

    def test_allowed(self):
        self.assertEqual(scan(["BUG: x y"], ["x y$"]), [])


class Groups(unittest.TestCase):
    def test_words(self):
        group = Group("g")
        for line in (
            ("append", "gmem=1G"),
            ("append", "quiet"),
            ("test", "a/b 30 prog -x 'y z'"),
            ("skip", "c needs a TPM"),
            ("reboot", "60"),
            ("system", "120"),
        ):
            _word(None, group, *line)
        self.assertEqual(group.append, "gmem=1G quiet")
        self.assertEqual(group.tests[0].command, "prog -x 'y z'")
        self.assertEqual(group.tests[1].skip, "needs a TPM")
        self.assertEqual(group.limit(), 390)
        self.assertTrue(group.reboots)
        self.assertEqual(group.tests[-1].command, "@system")

    def test_unknown_word(self):
        with self.assertRaises(ValueError):
            _word(None, Group("g"), "tset", "x")


if __name__ == "__main__":
    unittest.main()
