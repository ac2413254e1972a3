#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the test cases in test logs of meson and prints "N passed, N failed". A program that
speaks TAP counts by its points, any other as one; one that ends badly without a failed point (a
crash, a leak, a time-out) counts as one failure more."""
import json
import os
import re
import sys

POINT = re.compile(r'^(not ok|ok)\b[^#\n]*(?:# *(SKIP|TODO)\b)?', re.M | re.I)
FRAME = re.compile(r'# (Start of|End of|random seed)')
REMARKS = 60
REMARK_WIDTH = 300


def tally(record):
    """(passed, failed, skipped) of one program."""
    passed = failed = skipped = 0
    for verdict, directive in POINT.findall(record.get('stdout') or ''):
        if directive.upper() == 'SKIP':
            skipped += 1
        elif verdict.lower() == 'ok' or directive:
            passed += 1
        else:
            failed += 1
    good = record['result'] in ('OK', 'EXPECTEDFAIL')
    if record['result'] == 'SKIP':
        skipped = max(skipped, 1)
    elif not good:
        failed = max(failed, 1)
    elif passed + skipped == 0:
        passed = 1
    return passed, failed, skipped


def remarks(record):
    """The last lines of what it said beside its points: mostly why they failed."""
    lines = [line for line in (record.get('stdout') or '').splitlines()
             if line.startswith('#') and not FRAME.match(line)]
    return [line[:REMARK_WIDTH] for line in lines[-REMARKS:]]


def main():
    records = []
    for path in filter(os.path.exists, sys.argv[1:]):
        with open(path, encoding='utf-8') as log:
            records += [json.loads(line) for line in log if line.strip()]
    sums = [sum(column) for column in zip(*map(tally, records))] or [0, 1, 0]
    for record in records:
        if tally(record)[1]:
            print('failed: ' + record['name'], *remarks(record), sep='\n', file=sys.stderr)
    print(f'{sums[0]} passed, {sums[1]} failed' + (f', {sums[2]} skipped' if sums[2] else ''))
    return 1 if sums[1] else 0


if __name__ == '__main__':
    sys.exit(main())
