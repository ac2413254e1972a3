#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole phones on loopback: what people do, and what may go wrong with it.
Usage: test-people.py PERSON PEAL-NODE [SCENARIO]. Prints TAP; with SCENARIO, what it saw too.

Each scenario has a process, and where that is allowed a network and mounts, of its own, so that
they run side by side; the first has the machine to itself, for it is a crowd already."""
import concurrent.futures
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import buddies  # noqa: E402
import calls  # noqa: E402
import faults  # noqa: E402
import identity  # noqa: E402
import joining  # noqa: E402
import people  # noqa: E402

PROGRAM, NODE_PROGRAM = (os.path.abspath(path) for path in sys.argv[1:3])
AT_ONCE = 3
LIMIT_S = 200
# A network of its own for each scenario. Root needs no user namespace, and has none in a chroot.
ALONE = ['unshare', '-nm' if os.geteuid() == 0 else '-rnm', 'sh', '-c',
         'ip link set lo up; PEAL_ALONE=1 exec "$@"', 'sh']
SCENARIOS = {f'/{module.__name__}/{name}': scenario
             for module in (joining, calls, identity, buddies, faults)
             for name, scenario in module.SCENARIOS}


def play(name):
    """One scenario; exits 0, 1, or 77 when it cannot be tried here."""
    with tempfile.TemporaryDirectory(prefix='peal-agents-') as folder:
        town = people.Town(folder, PROGRAM, NODE_PROGRAM)
        trouble, status = None, 0
        try:
            SCENARIOS[name](town)
        except faults.Skip as skip:
            print(skip)
            status = 77
        except (people.Trouble, OSError, KeyError, subprocess.SubprocessError) as error:
            trouble = f'{type(error).__name__}: {error}'
        left = town.close()
        if trouble or left:
            print('#', trouble or left)
            people.tell_all(town)
            status = 1
        return status


def run(name, alone):
    command = [sys.executable, os.path.abspath(__file__), PROGRAM, NODE_PROGRAM, name]
    began = time.monotonic()
    try:
        done = subprocess.run((ALONE if alone else []) + command, text=True, timeout=LIMIT_S,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired as error:
        return name, 1, f'# took longer than {LIMIT_S} s\n{error.stdout}', LIMIT_S
    return name, done.returncode, done.stdout, time.monotonic() - began


def report(number, result):
    name, status, text, seconds = result
    skipped = f' # SKIP {text.strip()}' if status == 77 else ''
    if status not in (0, 77):
        print('# ' + text.replace('\n', '\n# '))
    print('ok' if status in (0, 77) else 'not ok', number, f'- {name}{skipped}')
    print(f'# {seconds:.1f} s', flush=True)


def main():
    if len(sys.argv) > 3:
        return play(sys.argv[3])
    print(f'1..{len(SCENARIOS)}', flush=True)
    names = list(SCENARIOS)
    alone = subprocess.run([*ALONE, 'true'], capture_output=True).returncode == 0
    results = [run(names[0], alone)]
    report(1, results[0])
    # In one network they would hear each other.
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE if alone else 1) as pool:
        jobs = [pool.submit(run, name, alone) for name in names[1:]]
        for job in concurrent.futures.as_completed(jobs):
            results.append(job.result())
            report(len(results), results[-1])
    return 1 if any(result[1] not in (0, 77) for result in results) else 0


if __name__ == '__main__':
    sys.exit(main())
