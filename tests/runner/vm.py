# SPDX-License-Identifier: GPL-2.0
"""Run a group: boot its machine, follow its results, judge its log."""

import re
import shlex
import shutil
import subprocess
import time

from splat import scan
from tap import Parser, Result

KUNIT_LINE = re.compile(r"^\[ *\d+\.\d+\](?:\[[^\]]*\])? ?(.*)$")


class Follower:
    """The lines that were added to a file since the last look."""

    def __init__(self, path):
        self._path = path
        self._offset = 0
        self._rest = b""

    def lines(self):
        with open(self._path, "rb") as file:
            file.seek(self._offset)
            data = file.read()
        self._offset += len(data)
        *whole, self._rest = (self._rest + data).split(b"\n")
        return [w.rstrip(b"\r").decode(errors="replace") for w in whole]


class Machine:
    """One boot of one group.

    run() yields a Result for each test as it ends, and at last one for the
    machine itself: that its kernel reported nothing.
    """

    def __init__(self, group, top, build):
        self.group = group
        self._top = top
        self._build = build
        logs = build / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self.console = logs / f"{group.name}.console.log"
        self.log = logs / f"{group.name}.tap.log"
        self._qemu = None

    def stop(self):
        if self._qemu and self._qemu.poll() is None:
            self._qemu.kill()

    def run(self):
        for test in self.group.tests:
            if test.skip:
                yield Result(test.name, "skip", test.skip)
        if self.group.disk and not self._disk().is_file():
            reason = f"this machine has no {self.group.disk}"
            for test in self.group.runnable:
                yield Result(test.name, "skip", reason)
            return
        self.console.write_bytes(b"")
        self.log.write_bytes(b"")
        self._boot(self._pack())
        ended, hung = False, False
        parser, follower = Parser(), Follower(self.log)
        deadline = time.monotonic() + self.group.limit()
        while True:
            stopped = self._qemu.poll() is not None
            for line in follower.lines():
                ended |= line == "# end"
                yield from parser.feed(line)
            if stopped:
                break
            if time.monotonic() > deadline:
                hung = True
                self.stop()
            time.sleep(0.3)
        yield self._completed(parser, ended, hung)
        console = self._console_lines()
        if self.group.kunit:
            yield from self._kunit(console)
        yield self._splats(console)

    def _pack(self):
        """An initramfs with the group's programs and the list of its tests."""
        out = self._build / "initramfs" / f"{self.group.name}.cpio"
        out.parent.mkdir(parents=True, exist_ok=True)
        runlist = out.with_suffix(".list")
        runlist.write_text(
            "".join(
                f"{t.name}\t{t.seconds}\t{t.command}\n"
                for t in self.group.runnable
            )
        )
        pairs = [f"{runlist}=run.list"]
        for place, source in sorted(self._files().items()):
            pairs.append(f"{source}=tests/{place}")
        subprocess.run(
            [self._top / "scripts/initramfs", out, *pairs], check=True
        )
        return out

    def _files(self):
        """What the tests run, by its place below /tests."""
        wanted = list(self.group.files)
        for test in self.group.runnable:
            wanted += shlex.split(test.command)
        found = {}
        for name in wanted:
            for base in (
                self._build / "tests",
                self._build / "tools",
                self._build,
                self._top,
            ):
                if (base / name).is_file():
                    found[name] = base / name
                    break
        return found

    def _disk(self):
        """Of this kernel, or of any."""
        name = self.group.disk
        own = self._build / name
        return own if own.is_file() else self._top / "build" / name

    def _boot(self, initrd):
        group = self.group
        command = [
            str(self._top / "scripts/boot"),
            *("-k", group.kernel, "-m", group.memory, "-i", initrd),
            *("-n", str(group.nodes), "-c", str(group.cpus)),
            *("-o", self.console, "-r", self.log),
        ]
        if group.figures:
            command.append("-f")
        append = group.append
        if group.kunit:
            append += f" kunit.enable=1 kunit.autorun=1 kunit.filter_glob={group.kunit}"
        if append:
            command += ["-a", append]
        if group.reboots:
            state = self._build / "initramfs" / f"{group.name}.state"
            shutil.rmtree(state, ignore_errors=True)
            command += ["-s", state]
        command += ["--", *shlex.split(group.qemu)]
        if group.disk:
            drive = f"file={self._disk()},format=raw,if=virtio,snapshot=on"
            command += ["-drive", drive]
        self._qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL)

    def _console_lines(self):
        text = self.console.read_text(errors="replace")
        return text.replace("\r", "").splitlines()

    def _completed(self, parser, ended, hung):
        name = "completed"
        if hung:
            return Result(
                name, "fail", f"still running after {self.group.limit()} s"
            )
        if not ended or parser.plan != parser.seen:
            return Result(
                name,
                "fail",
                f"the machine stopped after {parser.seen} of "
                f"{len(self.group.runnable)} tests",
                self._console_lines()[-20:],
            )
        return Result(name, "pass")

    def _kunit(self, console):
        parser, results = Parser(), []
        for line in console:
            match = KUNIT_LINE.match(line)
            if match:
                results += parser.feed(match.group(1))
        if not results or parser.plan != parser.seen:
            results.append(
                Result(
                    f"KUnit {self.group.kunit}",
                    "fail",
                    f"{parser.seen} of {parser.plan} suites in the log",
                )
            )
        return results

    def _splats(self, console):
        found = scan(console, self.group.allowed)
        if not found:
            return Result("splat-free", "pass")
        return Result("splat-free", "fail", found[0].strip(), found[:20])


class Host:
    """Checks that run here, with the same results as a machine."""

    def __init__(self, group, top, build):
        self.group = group
        self._top = top
        self.log = build / "logs" / f"{group.name}.log"
        self._process = None

    def stop(self):
        if self._process and self._process.poll() is None:
            self._process.kill()

    def run(self):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "wb") as log:
            for test in self.group.tests:
                if test.skip:
                    yield Result(test.name, "skip", test.skip)
                else:
                    yield from self._one(test, log)

    def _one(self, test, log):
        self._process = subprocess.Popen(
            ["sh", "-c", test.command],
            cwd=self._top,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            output, _ = self._process.communicate(timeout=test.seconds)
            status = self._process.returncode
            note = {0: "", 4: "# SKIP"}.get(status, f"# status {status}")
        except subprocess.TimeoutExpired:
            self._process.kill()
            output, _ = self._process.communicate()
            status, note = -1, f"# killed after {test.seconds} s"
        log.write(f"# {test.name}\n".encode() + output)
        log.flush()
        # As the first process of a machine writes it: see tests/vm/init.
        parser = Parser()
        for line in output.decode(errors="replace").splitlines():
            parser.feed(f"  {line}")
        verdict = "ok" if status in (0, 4) else "not ok"
        return parser.feed(f"{verdict} 1 {test.name} {note}")
