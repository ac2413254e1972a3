#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many peers an overlay can have, by what one peer can do: law.py [options] FILE... A FILE has
lines of JSON, each of peal-sim (a simulated size, at rest or under churn) or of peal-bench (a
capacity); other lines are passed over.

Of x = log2 N, hops and messages are straight lines a + b x, by least squares over every other
size; the sizes between, and the largest, show how far off the lines are. What the peer with the
most to do has to do in a second is then compared with what it can:

    register, fetch  rate (ln N + 0.577)        the largest of N random ranges is so many times the
                                                mean one
    transit          2 (refresh + call) (hops - 1) + upkeep / 2
                                                requests and answers of others; of what links say to
                                                each other half are acknowledgements
    attach           2 links / session          links made and taken by one who comes
    update           (churn - rest) / 4         requests among what is said more under churn

The slides have one capacity, hops = log2 N, and upkeep of (log2 N)^2 messages a minute, which are
the special case that --slides prints alone."""
import argparse
import json
import math
import sys

LOOKUPS_PER_S = 0.1  # of each simulated peer (trial.c)
FRAMES_PER_HOP = 4   # request, answer, and the acknowledgement of each
NEIGHBORS = 16       # eight on either side
EULER = 0.5772
TOLERANCE = 0.1
SLIDES_PER_S, SLIDES_PERIOD_S = 10, 60


class Line:
    """a + b x through the points (N, y)."""

    def __init__(self, points):
        xs = [math.log2(n) for n, _ in points]
        ys = [y for _, y in points]
        mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
        spread = sum((x - mean_x) ** 2 for x in xs)
        self.b = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys)) / spread
        self.a = mean_y - self.b * mean_x

    def at(self, x):
        return self.a + self.b * x

    def __str__(self):
        return f'{self.a:.2f} {"+" if self.b >= 0 else "-"} {abs(self.b):.3f} log2 N'


def fit(points):
    """The line through the first and every other one after it, and the others: (N, measured, by the
    line). The largest is always one of the others."""
    points = sorted(points)
    kept = [point for i, point in enumerate(points[:-1]) if i % 2 == 0]
    if len(kept) < 2:
        sys.exit('law: needs four simulated sizes')
    line = Line(kept)
    return line, [(n, y, line.at(math.log2(n))) for n, y in points if (n, y) not in kept]


def hops_of(run):
    return run['hops_mean']


def upkeep_of(run):
    """Frames that a peer sends in a second, but for the simulated look-ups."""
    return run['messages_per_peer_s'] - FRAMES_PER_HOP * LOOKUPS_PER_S * run['hops_mean']


def points_of(runs, what):
    """The mean of all seeds of a size."""
    sizes = sorted({run['peers'] for run in runs})
    values = {n: [what(run) for run in runs if run['peers'] == n] for n in sizes}
    return [(n, sum(of_size) / len(of_size)) for n, of_size in values.items()]


def links_at(x):
    """Neighbors; of the fingers those that are no neighbors, and as many that others have to us."""
    return NEIGHBORS + 2 * max(0, x - math.log2(NEIGHBORS))


def largest_range(x):
    return x * math.log(2) + EULER


def loads(options, hops, upkeep, churn):
    """What the busiest peer does in a second, by capacity, as functions of log2 N."""
    refresh, call = 1 / options.refresh_s, 1 / options.call_s
    found = {
        'register': lambda x: refresh * largest_range(x),
        'fetch': lambda x: call * largest_range(x),
        'transit': lambda x: 2 * (refresh + call) * (hops.at(x) - 1) + upkeep.at(x) / 2,
        'attach': lambda x: 2 * links_at(x) / (60 * options.session_min),
    }
    if churn is not None:
        found['update'] = lambda x: max(0, churn.at(x) - upkeep.at(x)) / 4
    return found


def most(load, capacity, x_max=1e6):
    """The largest log2 N with load <= capacity; None when no size is too large."""
    low, high = 0.0, x_max
    if load(high) <= capacity:
        return None
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if load(middle) <= capacity else (low, middle)
    return low


def slides(per_s=SLIDES_PER_S, period_s=SLIDES_PERIOD_S):
    """(log2 N)^2 messages of upkeep a period, and nothing else; then with a refresh and a call of
    log2 N messages each as well."""
    return (most(lambda x: x * x / period_s, per_s),
            most(lambda x: (x * x + 2 * x) / period_s, per_s))


def power(x):
    return 'any' if x is None else f'2^{x:.1f}' if x < 1000 else f'2^{x:.0f}'


def read(paths):
    for path in paths:
        with open(path, encoding='utf-8') as file:
            for line in file:
                if line.startswith('{'):
                    yield json.loads(line)


def print_line(name, line, checks):
    print(f'{name} = {line}')
    for n, measured, drawn in checks:
        print(f'  N = {n:>8}: {measured:8.3f} measured, {drawn:8.3f} by the line, '
              f'{100 * (drawn / measured - 1):+.1f} %')
    return all(abs(drawn / measured - 1) <= TOLERANCE for _, measured, drawn in checks)


def capacities_of(lines):
    """By name; `capacity` of peal-bench has all five in one object."""
    found = {}
    for line in lines:
        for name, told in line.get('capacities', {}).items():
            found[name] = told['per_s']
        if line.get('name') in ('register', 'fetch', 'transit', 'attach', 'update'):
            found.setdefault(line['name'], line['per_s'])
    return found


def runs_of(lines):
    """At rest, and under churn. What links say to each other begins slowly: a short run has less of
    it in a second than a long one."""
    runs = [line for line in lines if 'hops_mean' in line]
    if len({run['virtual_s'] for run in runs}) > 1:
        sys.exit('law: runs of different length')
    return ([run for run in runs if not run['median_session']],
            [run for run in runs if run['median_session']])


def print_law(options, lines):
    runs, churning = runs_of(lines)
    hops, hops_checks = fit(points_of(runs, hops_of))
    upkeep, upkeep_checks = fit(points_of(runs, upkeep_of))
    is_good = print_line('hops', hops, hops_checks)
    is_good = print_line('upkeep, frames/s a peer', upkeep, upkeep_checks) and is_good
    churn = None
    if churning:
        churn, churn_checks = fit(points_of(churning, upkeep_of))
        is_good = print_line('under churn, frames/s a peer', churn, churn_checks) and is_good
    capacities = capacities_of(lines)
    bounds = {}
    print(f'\n{"":10} {"can, /s":>10} {"does at 2^10":>13} {"at 2^20":>9}   N at most')
    for name, load in loads(options, hops, upkeep, churn).items():
        if name not in capacities:
            continue
        bounds[name] = most(load, capacities[name])
        print(f'{name:10} {capacities[name]:10.1f} {load(10):13.3f} {load(20):9.3f}   '
              f'{power(bounds[name])}')
    binding = [name for name in bounds if bounds[name] is not None]
    if binding:
        name = min(binding, key=bounds.get)
        print(f'{name} binds: N at most {power(bounds[name])}')
    return is_good


def main():
    parser = argparse.ArgumentParser(description='How many peers an overlay can have.')
    parser.add_argument('files', nargs='*', help='JSON of peal-sim, and of peal-bench')
    parser.add_argument('--refresh-s', type=float, default=60, help='of a registration, each')
    parser.add_argument('--call-s', type=float, default=60, help='a call, each')
    parser.add_argument('--session-min', type=float, default=60, help='a peer stays')
    parser.add_argument('--slides', action='store_true', help='the special case alone')
    options = parser.parse_args()
    upkeep_alone, everything = slides()
    print(f'slides: {SLIDES_PER_S}/s, (log2 N)^2 messages of upkeep a minute: N at most '
          f'{power(upkeep_alone)} ({2 ** upkeep_alone / 1e6:.1f} million); with a refresh and a '
          f'call a minute: {power(everything)} ({2 ** everything / 1e6:.1f} million)')
    if options.slides:
        return 0
    if print_law(options, list(read(options.files))):
        return 0
    print(f'a line is more than {100 * TOLERANCE:.0f} % off')
    return 1


if __name__ == '__main__':
    sys.exit(main())
