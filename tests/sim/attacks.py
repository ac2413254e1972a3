#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of attackers: ours, and RFC 6940 alone beside it, in worlds of the same seed.

    tests/sim/attacks.py build/tests/peal-sim [--peers 1000] [--minutes 1] [--seeds 1,2,3]
"""
import worlds

ATTACKS = ["drop", "misroute", "lie", "poison", "conjure", "stale", "eclipse", "replay"]
SHARES = [0.05, 0.1, 0.2, 0.3]
WAYS = [("ours", []), ("two places", ["--second-places"]), ("a tenth bare", ["--bare", "0.1"]),
        ("RFC 6940", ["--plain"])]
FIGURES = ["found", "found_of_kept", "kept", "wrong_owner", "finger_share", "messages_per_lookup",
           "messages_per_peer_s", "found_by_victim", "found_of_victim"]


def run(options, attack, share, more):
    return worlds.means(options, FIGURES, ["--malicious", str(share), "--attack", attack, *more])


def views(attack, f):
    """Look-ups by the one victim, and for it."""
    if attack != "eclipse":
        return ""
    return f"{f['found_by_victim']:.2%}, {f['found_of_victim']:.2%}"


def show(attack, share, name, f):
    print(f"| {attack} | {share:.0%} | {name} | {f['found']:.2%} | {f['found_of_kept']:.2%} | "
          f"{f['kept']:.2%} | {f['wrong_owner']:.2%} | {f['finger_share']:.1%} | "
          f"{f['messages_per_lookup']:.0f} | {f['messages_per_peer_s']:.1f} | {views(attack, f)} |",
          flush=True)


def main():
    parser = worlds.parser(peers=1000, minutes=1)
    parser.add_argument("--attacks", default=",".join(ATTACKS))
    options = parser.parse_args()
    print("| attack | share | | found | of what is kept | kept | denied | of fingers | messages a "
          "look-up | messages a second | by and for the victim |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, more in WAYS:
        show("nobody", 0, name, run(options, "drop", 0, more))
    for attack in options.attacks.split(","):
        for share in SHARES:
            for name, more in WAYS:
                show(attack, share, name, run(options, attack, share, more))


if __name__ == "__main__":
    main()
