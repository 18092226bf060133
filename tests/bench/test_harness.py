"""The bench harness: right medians and ratios, and no figure of something that did not happen."""

import sys
import time

import pytest

from bench.harness import BenchError, Command, Run, as_table, compare, main, measure, run_alternately

MB = 1_000_000


def python(code, name="python", **more):
    return Command(name, [sys.executable, "-c", code], **more)


def test_the_table_gives_medians_and_ratios():
    runs = [
        *(Run("reference", seconds, 100 * MB) for seconds in (2.0, 9.0, 1.0)),
        *(Run("ours", seconds, memory * MB) for seconds, memory in ((3.0, 50), (1.0, 70), (5.0, 60))),
    ]
    assert as_table(runs, "reference").splitlines() == [
        "| command | runs | median s | min–max s | × time | peak MB | × memory |",
        "|---|---:|---:|---:|---:|---:|---:|",
        "| reference | 3 | 2.00 | 1.00–9.00 | 1.00 | 100 | 1.00 |",
        "| ours | 3 | 3.00 | 1.00–5.00 | 1.50 | 60 | 0.60 |",
    ]


@pytest.mark.parametrize("runs", [[], [Run("other", 1.0, MB)], [Run("ref", 0.0, MB)], [Run("ref", 1.0, 0)]])
def test_a_bench_that_measured_nothing_fails(runs):
    with pytest.raises(BenchError, match="measured"):
        as_table(runs, "ref")


@pytest.mark.parametrize(("number", "times"), [(2, 0), (1, 3), (0, 3)])
def test_a_comparison_needs_two_commands_and_a_round(number, times):
    with pytest.raises(BenchError, match="at least two"):
        run_alternately([python("pass", str(index)) for index in range(number)], times)


def test_equal_names_are_refused():
    with pytest.raises(BenchError, match="different names"):
        run_alternately([python("pass"), python("pass")], 1)


def test_commands_take_turns_and_swap_the_first_place():
    order = []
    commands = [python("pass", name, prepare=lambda name=name: order.append(name)) for name in "ab"]
    runs = run_alternately(commands, 3)
    assert "".join(order) == "abbaab"
    assert "".join(run.name for run in runs) == "abbaab"


def test_a_failing_command_is_an_error_that_shows_what_it_said():
    with pytest.raises(BenchError, match=r"broken: exit code 3: what went wrong"):
        measure(python("import sys; print('what went wrong'); sys.exit(3)", "broken"))


def test_a_command_that_does_not_exist_is_an_error():
    with pytest.raises(BenchError, match="cannot start no-such-program"):
        measure(Command("ghost", ["no-such-program"]))


def test_work_that_was_not_done_is_an_error():
    def nothing_stored():
        raise BenchError("expected 10 rows, found 0")

    with pytest.raises(BenchError, match="found 0"):
        measure(python("pass", check=nothing_stored))


def test_preparation_stays_outside_the_timing():
    run = measure(python("import time; time.sleep(0.2)", prepare=lambda: time.sleep(0.6)))
    assert 0.2 <= run.seconds < 0.75


def test_memory_of_children_counts():
    child = "x = bytearray(120_000_000); import time; time.sleep(0.4)"
    run = measure(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"))
    assert 120 * MB < run.peak_bytes < 260 * MB


def test_compare_measures_both():
    table = compare([python("pass", "one"), python("import time; time.sleep(0.3)", "two")], 2)
    one, two = table.splitlines()[2:]
    assert one.startswith("| one | 2 |")
    assert two.startswith("| two | 2 |")


def test_the_program_prints_the_table_or_fails(capsys):
    # Longer than the moment between two looks at its memory.
    slow = f"{sys.executable} -c 'import time; time.sleep(0.3)'"
    assert main(["--keer", "1", f"a={slow}", f"b={slow}"]) == 0
    assert capsys.readouterr().out.startswith("| command |")
    assert main(["--keer", "1", "a=false", "b=true"]) == 1
    assert "a: exit code 1" in capsys.readouterr().err
    assert main(["only a command", "b=true"]) == 1
    assert "NAME=" in capsys.readouterr().err
