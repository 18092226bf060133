"""Run commands alternately and compare them: wall time and peak memory of the whole process tree.

As a program: python -m bench.harness --keer 5 one="command one" two="command two". The first command is the
one the others are compared with. A command that fails, or whose check finds no work done, ends the bench with
an error: a figure of something that did not happen is worse than none.
"""

from __future__ import annotations

import argparse
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

import psutil

_SAMPLE_SECONDS = 0.02


class BenchError(Exception):
    """The measurement is worthless: a command failed, did nothing, or was never run."""


def _nothing() -> None:
    """The default preparation and check."""


@dataclass(frozen=True)
class Command:
    """One contender.

    prepare: runs before each measured run, outside the timing. check: runs after it and raises BenchError
    when the work was not done. env: the whole environment of the command; None: ours.
    """

    name: str
    argv: Sequence[str]
    prepare: Callable[[], None] = _nothing
    check: Callable[[], None] = _nothing
    env: Mapping[str, str] | None = field(default=None)


@dataclass(frozen=True)
class Run:
    """One measured run: wall seconds, and the largest resident memory of the process tree in bytes."""

    name: str
    seconds: float
    peak_bytes: int


def measure(command: Command) -> Run:
    """Run a command once; raises BenchError on a start failure or an exit code other than 0."""
    command.prepare()
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        try:
            process = psutil.Popen(list(command.argv), stdout=output, stderr=output, env=command.env)
        except OSError as error:
            raise BenchError(f"{command.name}: cannot start {command.argv[0]}: {error}") from error
        try:
            peak = _watch(process)
        except BaseException:
            process.kill()
            process.wait()
            raise
        seconds = time.perf_counter() - start
        if process.returncode != 0:
            raise BenchError(f"{command.name}: exit code {process.returncode}: {_tail(output)}")
    command.check()
    return Run(command.name, seconds, peak)


def run_alternately(commands: Sequence[Command], times: int) -> list[Run]:
    """Run the commands in turn, `times` rounds; every round starts with the next, so that none is always
    first.
    """
    if times < 1 or len(commands) < 2:
        raise BenchError("a comparison needs at least two commands and one round")
    names = [command.name for command in commands]
    if len(set(names)) < len(names):
        raise BenchError(f"commands need different names: {', '.join(names)}")
    runs = []
    for turn in range(times):
        first = turn % len(commands)
        runs += [measure(command) for command in (*commands[first:], *commands[:first])]
    return runs


def as_table(runs: Sequence[Run], reference: str) -> str:
    """Return medians, extremes and ratios to the reference as a Markdown table, in order of appearance."""
    names = list(dict.fromkeys(run.name for run in runs))
    if reference not in names:
        raise BenchError(f"nothing was measured for {reference}")
    seconds = {name: [run.seconds for run in runs if run.name == name] for name in names}
    peaks = {name: statistics.median(run.peak_bytes for run in runs if run.name == name) for name in names}
    base = statistics.median(seconds[reference])
    if base <= 0 or peaks[reference] <= 0:
        raise BenchError(f"{reference} took no time or no memory: nothing was measured")
    lines = [
        "| command | runs | median s | min–max s | × time | peak MB | × memory |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in names:
        own = seconds[name]
        middle = statistics.median(own)
        lines.append(
            f"| {name} | {len(own)} | {middle:.2f} | {min(own):.2f}–{max(own):.2f} | {middle / base:.2f} "
            f"| {peaks[name] / 1e6:.0f} | {peaks[name] / peaks[reference]:.2f} |"
        )
    return "\n".join(lines)


def compare(commands: Sequence[Command], times: int) -> str:
    """Run alternately and return the table; the first command is the reference."""
    return as_table(run_alternately(commands, times), commands[0].name)


def run_quietly(argv: Sequence[str]) -> str:
    """Run a step outside the timing and return what it printed; raises BenchError when it fails."""
    try:
        done = subprocess.run(list(argv), capture_output=True, text=True, check=False)
    except OSError as error:
        raise BenchError(f"cannot start {argv[0]}: {error}") from error
    if done.returncode != 0:
        raise BenchError(f"{shlex.join(argv)}: exit code {done.returncode}: {(done.stderr or done.stdout)[-500:]}")
    return done.stdout.strip()


def _watch(process: psutil.Popen) -> int:
    """Wait for the process and return the largest memory its tree held together, in bytes."""
    peak = 0
    while True:
        try:
            tree = [process, *process.children(recursive=True)]
        except psutil.NoSuchProcess:
            tree = [process]
        peak = max(peak, sum(_memory(member) for member in tree))
        try:
            process.wait(timeout=_SAMPLE_SECONDS)
        except psutil.TimeoutExpired:
            continue
        return peak


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return 0


def _tail(output: IO[bytes]) -> str:
    output.seek(0)
    return output.read().decode("utf-8", "replace").strip()[-500:]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.harness", description="Compare commands side by side.")
    parser.add_argument("--keer", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("commands", nargs="+", metavar="NAME=COMMAND")
    options = parser.parse_args(arguments)
    try:
        pairs = [entry.partition("=") for entry in options.commands]
        if not all(name and command for name, _, command in pairs):
            raise BenchError('write each command as NAME="command with arguments"')
        print(compare([Command(name, shlex.split(command)) for name, _, command in pairs], options.keer))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
