#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A diagonal of the matrix, and mishaps in the middle of calls: test-natlab.py PEAL-NODE. Prints
TAP."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import laboratory  # noqa: E402
import play  # noqa: E402
from matrix import DIAGONAL, expected  # noqa: E402

AT_ONCE = 2
MISHAPS = ('cable', 'new-address', 'other-cable', 'router-relayed', 'eaten', 'reunion')


def judge(result):
    """The test's name, whether it has passed, and what is worth telling anyway."""
    if hasattr(result, 'name'):
        return f'sound-returns-after-{result.name}', result.talk, result.words()
    path = expected(result.a, result.b)
    return f'{result.a}-{result.b}-is-{path}', result.talk and result.path == path, ''


def main():
    reason = laboratory.why_not()
    if reason:
        print(f'1..0 # SKIP {reason}')
        return 0
    names = [*DIAGONAL, *((name,) for name in MISHAPS)]
    print(f'1..{len(names)}', flush=True)
    failed = False
    results = play.results(sys.argv[1], names, AT_ONCE)
    for number, result in enumerate(results, 1):
        name, is_good, remark = judge(result)
        print('ok' if is_good else 'not ok', number, f'- /natlab/{name}')
        if remark:
            print('#', remark)
        if not is_good:
            print(f'# {result}'.replace('\\n', '\n# ') + '\n# ' + result.log.replace('\n', '\n# '))
        sys.stdout.flush()
        failed = failed or not is_good
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
