#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The law of law.py holds at the sizes that a test can afford: test-law.py PEAL-SIM. Prints TAP."""
import json
import math
import os
import subprocess
import sys
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, *(os.path.join(HERE, '..', '..', *folder)
                        for folder in (('tests', 'agents'), ('app', 'demo')))]
import law  # noqa: E402
import tap  # noqa: E402
from tap import check  # noqa: E402

SIZES = (125, 250, 500, 1000)
DEMAND = SimpleNamespace(refresh_s=60, call_s=60, session_min=60)


class Runs:
    """Of each size one, of half a minute."""

    def __init__(self, _around):
        self.runs = [json.loads(subprocess.run(
            [sys.argv[1], '--peers', str(size), '--minutes', '0.5', '--seed', '1', '--constructed',
             '--json'], check=True, capture_output=True, text=True, timeout=300).stdout)
            for size in SIZES]


def check_line(runs, what, least_slope, most_slope):
    line, checks = law.fit(law.points_of(runs.runs, what))
    check(least_slope < line.b < most_slope, line)
    check([n for n, _, _ in checks] == [250, 1000], checks)
    for n, measured, drawn in checks:
        check(abs(drawn / measured - 1) <= law.TOLERANCE, n, measured, drawn)
    return line


def test_hops(runs):
    check_line(runs, law.hops_of, 0.3, 0.7)


def test_upkeep(runs):
    check_line(runs, law.upkeep_of, 0, 0.5)


def test_bounds(runs):
    """A peer that can do what it does at 2^30 has that bound."""
    hops, upkeep = (law.fit(law.points_of(runs.runs, what))[0]
                    for what in (law.hops_of, law.upkeep_of))
    for name, load in law.loads(DEMAND, hops, upkeep, None).items():
        check(math.isclose(law.most(load, load(30)), 30, rel_tol=1e-6), name)


def test_slides(_runs):
    check([math.floor(x) for x in law.slides()] == [24, 23], law.slides())


TESTS = [
    ('hops-grow-with-half-the-logarithm', test_hops),
    ('upkeep-grows-with-the-logarithm', test_upkeep),
    ('each-capacity-has-its-bound', test_bounds),
    ('the-slides-are-a-special-case', test_slides),
]

if __name__ == '__main__':
    sys.exit(tap.play('law', Runs, TESTS))
