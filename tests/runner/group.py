# SPDX-License-Identifier: GPL-2.0
"""The descriptions of the test groups: tests/groups/*.conf."""

from dataclasses import dataclass, field
from pathlib import Path


class ConfError(Exception):
    """A line of a description that makes no sense."""


# The commands of tests that are a boot of the same machine, and the start of
# the system that its disk has.
REBOOT = "@reboot"
SYSTEM = "@system"


@dataclass
class Test:
    """One command; with a reason, it is not run but reported as skipped."""

    name: str
    seconds: int = 0
    command: str = ""
    skip: str = ""


@dataclass
class Group:
    """Tests that share one boot of one machine."""

    name: str
    kernel: str = "debug"
    memory: str = "4G"
    nodes: int = 2
    cpus: int = 2
    append: str = ""
    qemu: str = ""
    disk: str = ""
    kunit: str = ""
    timeout: int = 0
    figures: bool = False
    extra: bool = False
    alone: bool = False
    files: list = field(default_factory=list)
    tests: list = field(default_factory=list)
    allowed: list = field(default_factory=list)

    @property
    def on_host(self):
        """True for checks that need no virtual machine."""
        return self.kernel == "none"

    @property
    def mib(self):
        return int(self.memory[:-1]) * (1024 if self.memory[-1] == "G" else 1)

    @property
    def runnable(self):
        return [t for t in self.tests if not t.skip]

    @property
    def reboots(self):
        return any(t.command == REBOOT for t in self.tests)

    def limit(self):
        """Seconds until the machine counts as hung."""
        return self.timeout or 180 + sum(t.seconds for t in self.runnable)


def load(path):
    """Read one description; see tests/README for the words it may use."""
    group = Group(path.stem)
    _read(path, group)
    return group


def _read(path, group):
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        try:
            _word(path, group, word, rest.strip())
        except (ValueError, IndexError) as error:
            raise ConfError(f"{path}:{number}: {line}: {error}") from error


def _word(path, group, word, rest):
    if word in ("kernel", "memory", "kunit", "disk"):
        setattr(group, word, rest)
    elif word in ("nodes", "cpus", "timeout"):
        setattr(group, word, int(rest))
    elif word in ("append", "qemu"):
        setattr(group, word, f"{getattr(group, word)} {rest}".strip())
    elif word in ("figures", "extra", "alone"):
        setattr(group, word, True)
    elif word == "file":
        group.files += rest.split()
    elif word == "allow":
        group.allowed.append(rest)
    elif word == "include":
        _read(path.parent / rest, group)
    elif word == "test":
        name, seconds, command = rest.split(None, 2)
        group.tests.append(Test(name, int(seconds), command))
    elif word in ("reboot", "system"):
        command = REBOOT if word == "reboot" else SYSTEM
        group.tests.append(Test(word, int(rest), command))
    elif word == "skip":
        name, reason = rest.split(None, 1)
        group.tests.append(Test(name, skip=reason))
    else:
        raise ValueError("unknown word")


def load_all(directory, names):
    """The named groups, or all but extra ones, in the order of their names."""
    paths = {p.stem: p for p in sorted(Path(directory).glob("*.conf"))}
    unknown = [n for n in names if n not in paths]
    if unknown:
        raise ConfError(f"no group {unknown[0]}: there are {', '.join(paths)}")
    groups = [load(paths[n]) for n in names or paths]
    return [g for g in groups if names or not g.extra]
