#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays cells, each in a process that has a laboratory of its own: play.py PEAL-NODE A B."""
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cell  # noqa: E402
import laboratory  # noqa: E402
from cell import session, tap  # noqa: E402

LIMIT_S = 300


def run(program, a, b):
    """One cell, from outside."""
    command = [sys.executable, os.path.abspath(__file__), os.path.abspath(program), a, b]
    try:
        done = subprocess.run(command, text=True, capture_output=True, timeout=LIMIT_S)
        first, _, log = done.stdout.partition('\n')
        return cell.Result(**json.loads(first), log=log)
    except (subprocess.TimeoutExpired, ValueError) as error:
        return cell.Result(a, b, trouble=f'{type(error).__name__}: {error}')


def cells(program, pairs, at_once):
    """Their results, as they come."""
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        jobs = [pool.submit(run, program, a, b) for a, b in pairs]
        for job in concurrent.futures.as_completed(jobs):
            yield job.result()


def main():
    """From inside: a line of JSON, and what the programs said when they did not talk."""
    program, a, b = sys.argv[1:]
    laboratory.enter()
    with tempfile.TemporaryDirectory(prefix='peal-natlab-') as folder:
        around = session.Surroundings(folder)
        try:
            result = cell.play(around, program, a, b)
        finally:
            around.close()
        print(json.dumps({k: v for k, v in vars(result).items() if k != 'log'}), flush=True)
        if not result.talk:
            tap.tell_logs(folder)
    return 0


if __name__ == '__main__':
    sys.exit(main())
