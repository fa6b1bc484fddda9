"""Runs a command bounded in time and output, and compares what two runs of it did.

Used by every script of this folder. A run is a process group of its own, and only that group is
ended. Nothing here knows of loaders.
"""

import dataclasses
import os
import re
import resource
import signal
import subprocess
import tempfile


@dataclasses.dataclass(frozen=True)
class Run:
    """What a command did."""

    code: int | str  # exit code, or the reason why there is none
    out: bytes
    err: bytes


def _limits():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))


def run(command, seconds, cwd=None, env=None):
    """Runs `command` with nothing to read. What it leaves running ends with it."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd, env=env,
                start_new_session=True, preexec_fn=_limits)
        except OSError as error:
            return Run(f"cannot start: {error.strerror}", b"", b"")
        try:
            code = process.wait(timeout=seconds)
            if code < 0:
                code = f"signal {-code}"
        except subprocess.TimeoutExpired:
            code = f"longer than {seconds} s"
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        out.seek(0)
        err.seek(0)
        return Run(code, out.read(1 << 20), err.read(1 << 20))


# What may differ from run to run: numbers (pids, times, addresses) and random names of files.
VARIABLE = re.compile(rb"0x[0-9a-f]+|\d+|/tmp/\S+")


def _stable(natives, other):
    """Whether `other` agrees with what all of `natives` have in common."""
    if other in natives:
        return True
    if len(set(natives)) == 1:
        return False
    # What varies natively: order, then numbers and names, then whole lines.
    if len({tuple(sorted(text.splitlines())) for text in natives}) == 1:
        return sorted(other.splitlines()) == sorted(natives[0].splitlines())
    natives, other = [VARIABLE.sub(b"#", text) for text in natives], VARIABLE.sub(b"#", other)
    if len(set(natives)) == 1:
        return other == natives[0]
    return set.intersection(*(set(text.splitlines()) for text in natives)) <= set(other.splitlines())


def differences(natives, other):
    """Names of what `other` did otherwise than the runs in `natives`."""
    found = []
    if other.code not in {run.code for run in natives}:
        found.append("exit")
    if not _stable([run.out for run in natives], other.out):
        found.append("stdout")
    if not _stable([run.err for run in natives], other.err):
        found.append("stderr")
    return found


def first_difference(one, two):
    """The first line that differs, of both, for a report."""
    ours, theirs = one.splitlines(), two.splitlines()
    for index in range(max(len(ours), len(theirs))):
        a = ours[index] if index < len(ours) else b"(end)"
        b = theirs[index] if index < len(theirs) else b"(end)"
        if a != b:
            return a.decode(errors="replace")[:300], b.decode(errors="replace")[:300]
    return "", ""
