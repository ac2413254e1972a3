#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of attackers, and RFC 6940 alone beside them in worlds of the same seeds.

    tests/sim/attacks.py build/tests/peal-sim [--peers 1000] [--minutes 0.5] [--seeds 1,2]
"""
import worlds

AIMS = {0.05: "99.9", 0.1: "99.8", 0.2: "99", 0.3: "96.5"}
WAYS = {"": [], "two places": ["--second-places"], "a tenth bare": ["--bare", "0.1"],
        "RFC 6940 alone": ["--plain"]}
ALONE = "RFC 6940 alone"
# What is asked of each: an attack, a share, and in which way we defend ourselves.
ROWS = [("nobody", 0, ""), ("lie", 0.05, ""), ("poison", 0.05, "")]
ROWS += [(attack, 0.1, "") for attack in ("drop", "misroute", "stale", "lie", "poison", "conjure",
                                          "eclipse", "replay")]
ROWS += [(attack, 0.2, "") for attack in ("drop", "lie", "poison", "conjure")]
ROWS += [(attack, 0.3, "") for attack in ("drop", "lie")]
ROWS += [("drop", 0.2, "two places"), ("lie", 0.3, "two places"), ("poison", 0.1, "a tenth bare")]
ROWS += [("nobody", 0, ALONE)]
ROWS += [(attack, 0.1, ALONE) for attack in ("drop", "lie", "poison", "stale", "conjure")]
# Fingers are asked for, and what comes of it, by these alone.
OF_FINGERS = ("poison", "conjure")
# All others withhold what they hold.
GIVES_AWAY = ("nobody", "replay")


def run(options, attack, share, way):
    more = ["--malicious", str(share), "--attack", attack] if share else []
    return worlds.each(options, more + WAYS[way])


def listed(runs, name, form):
    return ", ".join(format(found[name], form) for found in runs)


def percent(runs, name, digits=2):
    return ", ".join(f"{100 * found[name]:.{digits}f}" for found in runs)


def row(attack, share, way, runs):
    name = f"{attack}, {way}" if way else attack
    fingers = percent(runs, "finger_share", 1) if attack in OF_FINGERS else ""
    victim = (f"{percent(runs, 'found_by_victim')}; {percent(runs, 'found_of_victim')}"
              if attack == "eclipse" else "")
    kept = "" if attack in GIVES_AWAY else percent(runs, "found_of_kept")
    return [name, f"{share:.0%}", AIMS.get(share, ""), percent(runs, "found"), kept,
            percent(runs, "wrong_owner"), fingers,
            listed(runs, "messages_per_lookup", ".0f"), listed(runs, "messages_per_peer_s", ".1f"),
            victim]


def main():
    options = worlds.parser(peers=1000, minutes=0.5, seeds="1,2").parse_args()
    worlds.head(["attack", "share", "aim", "found", "of what is kept", "denied", "of fingers",
                 "messages a look-up", "a second and peer", "by the victim; for it"])
    for attack, share, way in ROWS:
        worlds.row(row(attack, share, way, run(options, attack, share, way)))


if __name__ == "__main__":
    main()
