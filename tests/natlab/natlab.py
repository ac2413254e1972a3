#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls between two homes behind routers of every kind: natlab.py [--json] PEAL-NODE [A B]...
Without kinds (router.py) it plays the whole matrix; --mishaps: what happens to networks in the
middle of a call, and how long nothing is heard then. Exits 1 when two do not talk, or not the way
that they could."""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import laboratory  # noqa: E402
import play  # noqa: E402
from matrix import CELLS, SIDES, expected  # noqa: E402
from mishaps import MISHAPS  # noqa: E402

WIDTH = 16
EXPECTED_WIDTH = 10


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', 1)[0])
    parser.add_argument('--json', action='store_true', help='one line for each cell')
    parser.add_argument('--at-once', type=int, default=1, help='how many cells side by side')
    parser.add_argument('--mishaps', action='store_true', help='those of networks, not the matrix')
    parser.add_argument('program')
    parser.add_argument('kinds', nargs='*', help='of alice and of bob, pair by pair')
    arguments = parser.parse_args()
    pairs = list(zip(arguments.kinds[::2], arguments.kinds[1::2]))
    if len(arguments.kinds) % 2 or not set(pairs) <= set(CELLS):
        parser.error('no such pair of kinds')
    return arguments, pairs or CELLS


def is_right(result):
    return result.talk and result.path == expected(result.a, result.b)


def tell(result):
    """Why it is wrong, and what the programs said: what comes once in a thousand calls is not
    there to be looked at again."""
    print(f'{result.a} - {result.b}: {words(result)} {result.trouble or ""}\n{result.log}',
          file=sys.stderr, flush=True)


def words(result):
    """As they stand in the matrix: the way taken, the time to the ringing and from the answer to
    the first sound."""
    if not result.talk:
        return 'silent'
    wrong = '' if is_right(result) else '!'
    return f'{result.path}{wrong} {result.ring_ms}+{result.sound_ms}'


def print_rows(cells, width):
    """Rows are alice's side, columns bob's; below, the pairs that are in neither."""
    columns = [*SIDES, 'lan']
    print(''.join(name.ljust(width) for name in ('', *columns)).rstrip())
    for a in SIDES:
        row = (cells.get((a, b), '') for b in columns)
        print(''.join(text.ljust(width) for text in (a, *row)).rstrip())
    for (a, b), text in cells.items():
        if a not in SIDES or b not in columns:
            print(f'{a} - {b}'.ljust(2 * width) + text)


def print_matrix(results):
    print_rows({(result.a, result.b): words(result) for result in results}, WIDTH)
    print('The way of the sound, the ms until the other rang, and those from the answer to the '
          'first sound.\nThe way that it has to take (!: it did not):')
    print_rows({(result.a, result.b): expected(result.a, result.b) for result in results},
               EXPECTED_WIDTH)


def play_mishaps(arguments):
    talking = 0
    names = [(mishap.name,) for mishap in MISHAPS]
    for result in play.results(arguments.program, names, arguments.at_once):
        talking += result.talk
        print(result.to_json() if arguments.json else f'{result.name.ljust(2 * WIDTH)}'
              f'{result.words()} {result.trouble or ""}', flush=True)
    if not arguments.json:
        print(f'{talking} passed, {len(names) - talking} failed')
    return 0 if talking == len(names) else 1


def main():
    arguments, pairs = parse()
    reason = laboratory.why_not()
    if reason:
        print(reason, file=sys.stderr)
        return 1
    if arguments.mishaps:
        return play_mishaps(arguments)
    results = []
    for result in play.results(arguments.program, pairs, arguments.at_once):
        results.append(result)
        if not is_right(result):
            tell(result)
        if arguments.json:
            print(result.to_json(), flush=True)
        else:
            print(f'{result.a} - {result.b}: {words(result)}', flush=True)
    if not arguments.json:
        print_matrix(results)
        right = sum(map(is_right, results))
        print(f'{right} passed, {len(results) - right} failed')
    return 0 if all(map(is_right, results)) else 1


if __name__ == '__main__':
    sys.exit(main())
