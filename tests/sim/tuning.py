#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tuned periods (RFC 7363) beside fixed ones, in worlds of the same seed, at three levels of churn.

    tests/sim/tuning.py build/tests/peal-sim [--peers 500] [--minutes 6] [--seeds 1,2,3]
"""
import worlds

SESSIONS = [60, 10, 5]
FIXED = [10, 20, 40, 80, 160, 600]
FIGURES = ["first_try", "within_4", "wrong_owner", "bytes_per_peer_s"]


def main():
    options = worlds.parser(peers=500, minutes=6).parse_args()
    print("| median session | period | first try | within four | denied | bytes a second |")
    print("| --- | --- | --- | --- | --- | --- |")
    for session in SESSIONS:
        for name, more in [("tuned", [])] + [(f"{s} s", ["--fixed", str(s)]) for s in FIXED]:
            f = worlds.means(options, FIGURES, ["--median-session", str(session), *more])
            print(f"| {session} min | {name} | {f['first_try']:.2%} | {f['within_4']:.2%} | "
                  f"{f['wrong_owner']:.2%} | {f['bytes_per_peer_s']:.0f} |", flush=True)


if __name__ == "__main__":
    main()
