#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A diagonal of the matrix: test-natlab.py PEAL-NODE. Prints TAP."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import laboratory  # noqa: E402
import play  # noqa: E402
from matrix import DIAGONAL, expected  # noqa: E402

AT_ONCE = 2


def main():
    reason = laboratory.why_not()
    if reason:
        print(f'1..0 # SKIP {reason}')
        return 0
    print(f'1..{len(DIAGONAL)}', flush=True)
    failed = False
    results = play.cells(sys.argv[1], DIAGONAL, AT_ONCE)
    for number, result in enumerate(results, 1):
        path = expected(result.a, result.b)
        is_good = result.talk and result.path == path
        print('ok' if is_good else 'not ok', number, f'- /natlab/{result.a}-{result.b}-is-{path}')
        if not is_good:
            print(f'# {result}'.replace('\\n', '\n# ') + '\n# ' + result.log.replace('\n', '\n# '))
        sys.stdout.flush()
        failed = failed or not is_good
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
