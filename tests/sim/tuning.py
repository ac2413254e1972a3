#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tuned periods (RFC 7363) beside fixed ones, in worlds of the same seed, at three levels of churn.

    tests/sim/tuning.py build/tests/peal-sim [--peers 300] [--minutes 6] [--seeds 1,2]
"""
import worlds

SESSIONS = [60, 10, 5]
FIXED = [80, 160, 600]  # shorter ones cost more for the same
FIGURES = ["first_try", "within_4", "bytes_per_peer_s"]


def main():
    options = worlds.parser(peers=300, minutes=6, seeds="1,2").parse_args()
    worlds.head(["median session", "period", "first try", "within four seconds",
                 "bytes a second and peer"])
    for session in SESSIONS:
        for name, more in [("tuned", [])] + [(f"{s} s", ["--fixed", str(s)]) for s in FIXED]:
            f = worlds.means(options, FIGURES, ["--median-session", str(session), *more])
            worlds.row([f"{session} min", name, f"{f['first_try']:.2%}", f"{f['within_4']:.2%}",
                        f"{f['bytes_per_peer_s']:.0f}"])


if __name__ == "__main__":
    main()
