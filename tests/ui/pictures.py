#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a picture of each scene: pictures.py GALLERY SCHEMAS FOLDER [SCENE...]. Not a test: for
people to look at. The environment chooses the look: GTK_THEME, GDK_SCALE, LC_ALL, PEAL_SIZE."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stage  # noqa: E402

SCENES = ['welcome', 'welcome-nearby', 'welcome-join', 'import', 'empty', 'people', 'requests',
          'person', 'person-key', 'person-pending', 'person-verified', 'person-differed',
          'person-several', 'history', 'notice', 'error', 'add-person', 'invite', 'join', 'export',
          'preferences', 'sound', 'network', 'shortcuts', 'call-out', 'call-in', 'call-up',
          'call-hold', 'call-declined', 'call-key', 'call-choose', 'call-verified',
          'call-differed', 'call-bar', 'trouble']

stage.enter()
program, schemas, folder = sys.argv[1:4]
play = stage.Stage(program, schemas)
for scene in sys.argv[4:] or SCENES:
    play.scene(scene)
    # Twice the low-priority idle: after the frame that was drawn for the first.
    import time
    time.sleep(0.7)
    path = os.path.join(folder, scene + '.png')
    subprocess.run(['/usr/bin/import', '-window', 'root', path], check=True)
print('gallery ended with', play.close())
