#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever can take the focus has a name, in every window and every state of it."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stage  # noqa: E402

SCENES = {'welcome': 'Start', 'welcome-nearby': 'Start', 'welcome-homes': 'Start',
          'welcome-join': 'Open File…', 'import': 'Choose File…', 'empty': 'Add a person',
          'people': 'Add a person', 'requests': 'Let in', 'person': 'Call',
          'person-key': 'What does this mean?',
          'explain-key': 'Trust the New Key', 'person-pending': 'Ask again',
          'history': 'Main menu', 'notice': 'Undo', 'error': 'Join with an invitation',
          'add-person': 'Add', 'invite': 'Copy Link', 'join': 'Open File…',
          'export': 'Choose File…', 'export-sealing': 'Cancel', 'preferences': 'Back Up…',
          'sound': 'Record 3 seconds and play back', 'network': None, 'network-client': None,
          'invite-more': 'Copy the command', 'about': None,
          'call-out': 'End call', 'call-in': 'Answer', 'call-up': 'End call',
          'call-warning': 'End call', 'call-choose': 'Close', 'call-verified': 'End call',
          'call-differed': 'Call again', 'person-several': 'Choose', 'person-verified': 'Call',
          'person-differed': 'Call', 'call-declined': 'Close', 'call-key': 'Compare words',
          'call-key-up': 'What does this mean?', 'call-no-path': 'Details',
          'call-no-microphone': 'Sound settings', 'call-bar': 'End', 'trouble': 'Quit'}


def check(play, scene, landmark):
    """The landmark says that the scene has reached the screen reader."""
    play.scene(scene)
    if landmark:
        stage.until(f'"{landmark}"', lambda: any(
            stage.name_of(n) == landmark for n in stage.nodes()))
    return ['no name: ' + where for where in stage.unnamed()]


stage.enter()
points = stage.Points()
play = stage.Stage(*sys.argv[1:3])
for scene, landmark in SCENES.items():
    points.point(f'/ui/names/{scene}', check, play, scene, landmark)
points.point('/ui/names/the-windows-close-in-good-order',
             lambda: [] if play.close() == 0 else ['the gallery failed'])
points.finish()
