# SPDX-License-Identifier: GPL-2.0
"""Find what a kernel must never say in its log."""

import re

# The first line of each kind of report.  Most begin with BUG: or WARNING:.
PATTERNS = (
    r"\bBUG: ",
    r"\bWARNING: ",
    r"\bkernel BUG at ",
    r"\bOops\b",
    r"\bCall Trace:",
    r"\bKernel panic ",
    r"\bgeneral protection fault",
    r"\bunable to handle ",
    r"\bKASAN: ",
    r"\bUBSAN: ",
    r"\bKFENCE: ",
    r"\bkmemleak: \d+ new suspected",
    r"\bpossible circular locking",
    r"\bpossible recursive locking",
    r"\binconsistent lock state",
    r"\binvalid wait context",
    r"\bsuspicious RCU usage",
    r"\bsleeping function called from invalid context",
    r"\bscheduling while atomic",
    r"\bbad (pgd|p4d|pud|pmd|pte)\b",
    r"\bBad (page|rss-counter|swap)\b",
    r"\bblocked for more than \d+ seconds",
    r"\bsoft lockup\b",
    r"\bhard LOCKUP\b",
    r"\bself-detected stall\b",
    r"\bdetected stalls?\b",
    r"\brefcount_t: ",
    r"\blist_(add|del) corruption",
    r"\bODEBUG: ",
    r"\bDEBUG_LOCKS_WARN_ON\b",
    r"\bbad unlock balance\b",
    r"\bheld lock freed\b",
    r"\block held when returning to user space\b",
)
SPLAT = re.compile("|".join(PATTERNS))


def scan(lines, allowed=()):
    """The lines that begin a report, less those that match one of allowed."""
    allow = [re.compile(a) for a in allowed]
    return [
        line
        for line in lines
        if SPLAT.search(line) and not any(a.search(line) for a in allow)
    ]
