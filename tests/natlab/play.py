#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays cells and mishaps, each in a process that has a laboratory of its own: play.py PEAL-NODE
A B, or play.py PEAL-NODE MISHAP. And suites of tests, in one."""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cell  # noqa: E402
import laboratory  # noqa: E402
import mishaps  # noqa: E402
from cell import session, tap  # noqa: E402

LIMIT_S = 300


def run(program, names):
    """One of them, from outside."""
    make = cell.Result if len(names) == 2 else mishaps.Result
    command = [sys.executable, os.path.abspath(__file__), os.path.abspath(program), *names]
    try:
        done = subprocess.run(command, text=True, capture_output=True, timeout=LIMIT_S)
        first, _, log = done.stdout.partition('\n')
        return make(**json.loads(first), log=log)
    except (subprocess.TimeoutExpired, ValueError) as error:
        return make(*names, trouble=f'{type(error).__name__}: {error}')


def results(program, all_names, at_once):
    """Of cells, by pairs of kinds, and of mishaps, by their one name; as they come."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        jobs = [pool.submit(run, program, names) for names in all_names]
        for job in concurrent.futures.as_completed(jobs):
            yield job.result()


def suite(name, make_stage, tests, missing=None):
    """tap.play() inside a laboratory; `missing` says what else keeps it from being played."""
    reason = laboratory.why_not() or missing
    if reason:
        print(f'1..0 # SKIP {reason}')
        return 0
    laboratory.enter()
    return tap.play(name, make_stage, tests)


def main():
    """From inside: a line of JSON, and what the programs said when they did not talk."""
    program, *names = sys.argv[1:]
    laboratory.enter()
    with tempfile.TemporaryDirectory(prefix='peal-natlab-') as folder:
        around = session.Surroundings(folder)
        try:
            stage = cell if len(names) == 2 else mishaps
            result = stage.play(around, program, *names)
        finally:
            around.close()
        print(json.dumps({k: v for k, v in vars(result).items() if k != 'log'}), flush=True)
        if not result.talk:
            tap.tell_logs(folder)
    return 0


if __name__ == '__main__':
    sys.exit(main())
