#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the pictures of tests/sim/README.md by gnuplot, from the figures that lie beside this file.
Usage: draw.py FOLDER, where they are written to. Prints TAP, one point for each picture."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SIZE_MAX = 40000
COLOURS = ('#0060a8', '#c04000', '#008060', '#8040a0', '#606060')

# Figures; what is drawn of them: rows that match, their x and y, how it is called.
PEAL, FLOODING, SERVER = ({'system': s, 'event': 'rest'} for s in ('peal', 'flooding', 'server'))
PICTURES = {
    'hops': {
        'figures': 'size', 'x': 'Peers', 'y': 'Hops of a look-up', 'log': 'x',
        'lines': [({}, 'peers', 'hops_p99', '99 % have at most'),
                  ({}, 'peers', 'hops_mean', 'mean')],
        'curve': ('0.5 * log(x) / log(2)', 'half of log_2 N')},
    'latency': {
        'figures': 'comparison', 'x': 'Peers', 'y': 'Look-up, ms', 'log': 'xy',
        'lines': [(PEAL, 'peers', 'lookup_ms_p99', 'Peal, 99 %'),
                  (PEAL, 'peers', 'lookup_ms_p50', 'Peal, median'),
                  (FLOODING, 'peers', 'lookup_ms_p99', 'flooding, 99 %'),
                  (FLOODING, 'peers', 'lookup_ms_p50', 'flooding, median'),
                  (SERVER, 'peers', 'lookup_ms_p50', 'server, median')]},
    'messages': {
        'figures': 'comparison', 'x': 'Peers', 'y': 'Messages a look-up', 'log': 'xy',
        'lines': [(FLOODING, 'peers', 'messages_per_lookup', 'flooding'),
                  (PEAL, 'peers', 'messages_per_lookup', 'Peal'),
                  (SERVER, 'peers', 'messages_per_lookup', 'server')]},
    'death': {
        'figures': 'death', 'x': 'Peers that died, %', 'y': 'Look-ups found, %', 'log': '',
        'range': '[0:103]',
        'lines': [({'system': 'peal', 'event': 'death'}, 'died%', 'found_at_20_s%',
                   'Peal, asked 20 s later'),
                  ({'system': 'peal', 'event': 'death'}, 'died%', 'found%', 'Peal, asked at once'),
                  ({'system': 'flooding', 'event': 'death'}, 'died%', 'found%',
                   'flooding, asked at once')],
        'curve': ('100 - x', 'a server, which may be what died')},
    'churn': {
        'figures': 'churn', 'x': 'Median session, minutes', 'y': 'Bytes a second and peer',
        'log': 'x', 'range': '[0:]', 'y2': 'Found within 4 s, %', 'range2': '[99:100.05]',
        'lines': [({}, 'median_session', 'bytes_per_peer_s', 'bytes (left)')],
        'lines2': [({}, 'median_session', 'within_4%', 'within 4 s (right)')]},
    'attackers': {
        'figures': 'attackers', 'x': 'Peers that drop messages, %', 'y': 'Look-ups, %',
        'log': '', 'xrange': '[0:]',
        'range': '[0:103]',
        'lines': [({}, 'malicious%', 'kept%', 'somebody honest keeps it'),
                  ({}, 'malicious%', 'found%', 'found'),
                  ({}, 'malicious%', 'within_4%', 'within 4 s'),
                  ({}, 'malicious%', 'first_try%', 'by the first message')]},
    'memory': {
        'figures': 'size', 'x': 'Peers', 'y': 'KiB a peer', 'log': 'x', 'range': '[0:]',
        'lines': [({}, 'peers', 'bytes_per_peer/', 'all memory of the process')]},
}


def value(row, key):
    if key.endswith('%'):
        return 100 * row[key[:-1]]
    return row[key[:-1]] / 1024 if key.endswith('/') else row[key]


def points(rows, line):
    wanted, x, y, _ = line
    chosen = [row for row in rows if wanted.items() <= row.items()]
    if not chosen:
        raise ValueError(f'no rows with {wanted}')
    return '\n'.join(f'{value(row, x):g} {value(row, y):g}' for row in chosen)


def script_of(picture, rows):
    """Commands and data for gnuplot, which writes to its standard output."""
    lines = [(line, '') for line in picture['lines']]
    lines += [(line, ' axes x1y2') for line in picture.get('lines2', [])]
    script = ['set terminal svg size 640,400 dynamic font "sans-serif,13" background "white"',
              'set key above', 'set grid', f"set xlabel '{picture['x']}'",
              f"set ylabel '{picture['y']}'", f"set yrange {picture.get('range', '[*:*]')}",
              f"set xrange {picture.get('xrange', '[*:*]')}"]
    script += [f'set linetype {number} linecolor rgb "{colour}"'
               for number, colour in enumerate(COLOURS, 1)]
    if picture['log']:
        script.append(f"set logscale {picture['log']}")
    if 'y2' in picture:
        script += [f"set y2label '{picture['y2']}'", f"set y2range {picture['range2']}",
                   'set y2tics', 'set ytics nomirror']
    for number, (line, _) in enumerate(lines):
        script += [f'$d{number} << END', points(rows, line), 'END']
    plots = [f"$d{number}{axes and ' using 1:2' + axes} with linespoints lw 2 pt {number + 4}"
             f" title '{line[3]}'" for number, (line, axes) in enumerate(lines)]
    if 'curve' in picture:
        formula, title = picture['curve']
        plots.append(f"{formula} with lines dt 2 lc 'gray40' title '{title}'")
    script.append('plot ' + ', '.join(plots))
    return '\n'.join(script) + '\n'


def draw(name, picture, folder):
    with open(os.path.join(HERE, picture['figures'] + '.json'), encoding='utf-8') as file:
        rows = json.load(file)['rows']
    done = subprocess.run(['gnuplot'], input=script_of(picture, rows), text=True, check=False,
                          capture_output=True)
    if done.returncode != 0 or done.stderr or not done.stdout.rstrip().endswith('</svg>'):
        raise ValueError(done.stderr.strip() or 'gnuplot did not come to the end')
    if len(done.stdout) > SIZE_MAX:
        raise ValueError(f'{len(done.stdout)} bytes')
    # What says who drew it, and when, would make every picture new.
    text = re.sub(r'<desc>.*?</desc>\n?', '', done.stdout)
    with open(os.path.join(folder, name + '.svg'), 'w', encoding='utf-8') as file:
        file.write(text)


def main():
    folder = sys.argv[1]
    failed = 0
    print(f'1..{len(PICTURES)}')
    for number, (name, picture) in enumerate(PICTURES.items(), 1):
        try:
            draw(name, picture, folder)
            print(f'ok {number} - /plots/{name}')
        except (OSError, KeyError, ValueError) as error:
            failed += 1
            print(f'# {error}\nnot ok {number} - /plots/{name}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
