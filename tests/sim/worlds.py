# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated worlds that differ in one thing, for tables: the same run with each of several seeds,
and its figures."""
import argparse
import concurrent.futures
import json
import os
import subprocess


def parser(peers, minutes, seeds="1,2,3"):
    """Of a table's command line, with these as what is usual."""
    made = argparse.ArgumentParser()
    made.add_argument("sim")
    made.add_argument("--peers", type=int, default=peers)
    made.add_argument("--minutes", type=float, default=minutes)
    made.add_argument("--seeds", default=seeds)
    return made


def play(options, seed, more):
    command = [options.sim, "--peers", str(options.peers), "--minutes", str(options.minutes),
               "--seed", seed, "--constructed", "--json", *more]
    said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False).stdout
    return json.loads(said)


def each(options, more):
    """The figures of the run with each seed, in the order of the seeds. `more` are options of
    peal-sim. A run that its checkers complain of counts like any other."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda seed: play(options, seed, more), options.seeds.split(",")))


def means(options, figures, more):
    runs = each(options, more)
    return {name: sum(found[name] for found in runs) / len(runs) for name in figures}


def row(cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def head(cells):
    row(cells)
    row(["---"] * len(cells))
