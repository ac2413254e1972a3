#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No two mnemonics of a window are the same, in any state of it and in any language."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stage  # noqa: E402


def check(language):
    program, schemas, locales = sys.argv[1:4]
    play = stage.Stage(program, schemas, {'PEAL_LOCALE_PATH': locales, 'LANGUAGE': language})
    done = subprocess.run([program, '--scenes'], stdout=subprocess.PIPE, text=True, check=True)
    faults = []
    for scene in done.stdout.split():
        play.scene(scene)
        play.scene('.mnemonics')
        faults += [f'{scene}: {line}' for line in play.said[play.mark:]
                   if line.startswith('fault')]
    return faults + ([] if play.close() == 0 else ['the gallery failed'])


stage.enter()
points = stage.Points()
for name in ('en', 'de', 'he'):
    points.point('/ui/mnemonics/' + name, check, name)
points.finish()
