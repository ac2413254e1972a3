# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated worlds that differ in one thing, for tables: the same run with each of several seeds,
and the means of its figures."""
import argparse
import json
import subprocess


def parser(peers, minutes):
    """Of a table's command line, with these as what is usual."""
    made = argparse.ArgumentParser()
    made.add_argument("sim")
    made.add_argument("--peers", type=int, default=peers)
    made.add_argument("--minutes", type=float, default=minutes)
    made.add_argument("--seeds", default="1,2,3")
    return made


def means(options, figures, more):
    """`more` are options of peal-sim. A run that its checkers complain of counts like any other."""
    sums = dict.fromkeys(figures, 0.0)
    seeds = options.seeds.split(",")
    for seed in seeds:
        command = [options.sim, "--peers", str(options.peers), "--minutes", str(options.minutes),
                   "--seed", seed, "--constructed", "--json", *more]
        said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              check=False).stdout
        found = json.loads(said)
        for name in figures:
            sums[name] += found[name] / len(seeds)
    return sums
