# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays the tests of one suite upon one set of programs, and prints TAP."""
import os
import subprocess
import tempfile

import session

FAILURES = (AssertionError, RuntimeError, ValueError, KeyError, OSError,
            subprocess.SubprocessError)
LOG_SHOWN = 2000


def check(condition, *details):
    if not condition:
        raise AssertionError(' '.join(map(str, details)))


def attempt(func, *arguments):
    """What func gives, and what went wrong."""
    try:
        return func(*arguments), None
    except FAILURES as caught:
        return None, f'{type(caught).__name__} {caught}'


def tell_logs(folder):
    for log in sorted(os.listdir(folder)):
        if log.endswith('.log'):
            with open(os.path.join(folder, log), errors='replace') as file:
                print(f'# {log}:', *file.read()[-LOG_SHOWN:].split('\n'), sep='\n#   ')


def play(suite, make_stage, tests):
    """`tests` are (name, function of the stage). Gives the exit status."""
    print(f'1..{len(tests)}', flush=True)
    failed = False
    with tempfile.TemporaryDirectory(prefix=f'peal-{suite}-') as folder:
        around = session.Surroundings(folder)
        # What GStreamer finds out about its plug-ins is found out once for all of them.
        os.environ.setdefault('GST_REGISTRY', os.path.join(folder, 'gstreamer-registry'))
        try:
            stage, trouble = attempt(make_stage, around)
            for number, (name, test) in enumerate(tests, 1):
                error = trouble or attempt(test, stage)[1]
                if error:
                    print('#', error.replace('\n', '\n# '))
                print('not ok' if error else 'ok', number, f'- /{suite}/{name}', flush=True)
                failed = failed or bool(error)
        finally:
            around.close()
            if failed:
                tell_logs(folder)
    return 1 if failed else 0
