#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures again what the pictures show. Usage: measure.py FIGURES.json... Each of these files says
by which command its rows are made; it is run at the top of the tree, and every JSON object that it
prints is a row."""
import json
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def measure(path):
    with open(path, encoding='utf-8') as file:
        command = json.load(file)['command']
    print(command, file=sys.stderr)
    # A run whose checkers complain says so, and counts: the droppers' ring is not whole.
    out = subprocess.run(['sh', '-c', command], cwd=TOP, check=False, text=True,
                         stdout=subprocess.PIPE).stdout
    rows = [json.loads(line) for line in out.splitlines() if line.startswith('{')]
    if not rows:
        sys.exit(f'{command}: no rows')
    write(path, command, rows)


def write(path, command, rows):
    lines = ',\n'.join('    ' + json.dumps(row) for row in rows)
    with open(path, 'w', encoding='utf-8') as file:
        file.write(f'{{\n  "command": {json.dumps(command)},\n  "rows": [\n{lines}\n  ]\n}}\n')


if __name__ == '__main__':
    for name in sys.argv[1:]:
        measure(name)
