#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The windows by keyboard alone. Keys go to the window under the pointer, since there is no window
manager: the pointer is put where each window lies."""
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stage  # noqa: E402
from stage import find, has_text, see, until  # noqa: E402


def keys(*names):
    subprocess.run(['xdotool', 'mousemove', '200', '250', 'key', '--clearmodifiers', *names],
                   check=True)


def asked(line):
    def ask():
        play.drain()
        return line in play.said[play.mark:]
    until(f'the phone to be asked: {line}', ask)


def focused(role, name):
    Atspi = stage.atspi()
    until(f'the focus on {role} "{name}"', lambda: find(role, name).get_state_set().contains(
        Atspi.StateType.FOCUSED))


def text_in_box():
    Atspi = stage.atspi()
    return Atspi.Text.get_text(find('text', 'Name or address'), 0, -1)


def dials():
    play.scene('people')
    find('text', 'Name or address')
    keys('ctrl+l')
    focused('text', 'Name or address')
    keys('b', 'o', 'b')
    until('the letters', lambda: text_in_box() == 'bob')
    keys('Return')
    asked('dial bob@home')


def searches_by_typing():
    play.scene('history')
    see('Missed call')
    keys('z')
    until('the letter in the box', lambda: text_in_box() == 'z')
    keys('Escape')
    until('the box to be empty', lambda: text_in_box() == '')


def adds_a_person():
    play.scene('people')
    find('text', 'Name or address')
    keys('ctrl+n')
    find('text', 'Address')
    keys('ctrl+n')
    keys('Escape')
    until('the dialog to go', lambda: not stage.is_there('text', 'Address'))


def shows_the_history():
    play.scene('people')
    find('text', 'Name or address')
    keys('ctrl+h')
    see('Missed call')


def opens_the_preferences():
    play.scene('people')
    find('text', 'Name or address')
    keys('ctrl+comma')
    find('push button', 'Back Up…')


def described(name, text):
    until(f'"{name}" to say "{text}"', lambda: find('text', name).get_description() == text)


def forwards_calls():
    play.scene('preferences')
    find('text', 'Forward calls to').grab_focus()
    focused('text', 'Forward calls to')
    keys('b', 'o', 'b', 'Return')
    asked('forward bob')
    described('Forward calls to', 'Calls go to bob.')
    keys('space', 'o', 'b', 'Return')
    described('Forward calls to', 'Use letters, digits, dots and dashes.')


def calls_and_removes_from_the_list():
    play.scene('people')
    find('text', 'Name or address')
    keys('ctrl+l', 'Tab', 'Down')
    keys('Delete')
    until('somebody to be removed', lambda: removed())
    see('Undo') if has_text('Undo') else find('push button', 'Undo')


def removed():
    play.drain()
    return [line for line in play.said[play.mark:] if line.startswith('remove ')]


def mutes_and_ends():
    play.scene('call-up')
    find('push button', 'End call')
    keys('ctrl+m')
    asked('mute 1')
    keys('ctrl+shift+h')
    asked('hold 1')
    keys('5')
    asked('digit 5')
    keys('ctrl+d')
    asked('end 1')


def answers():
    play.scene('call-in')
    find('push button', 'Answer')
    keys('ctrl+shift+a')
    asked('answer 1')


def declines():
    play.scene('call-in')
    find('push button', 'Decline')
    keys('ctrl+shift+d')
    asked('decline 1')


def top_of(node):
    while node.get_role_name() not in ('frame', 'dialog'):
        node = node.get_parent()
    return node


def described_as(node):
    return node.get_role_name(), stage.name_of(node), node.get_description()


def focus():
    """It may be on its way into sight."""
    Atspi = stage.atspi()
    for node in stage.nodes(showing=False):
        if node.get_state_set().contains(Atspi.StateType.FOCUSED):
            return node
    return None


def focus_other_than(before):
    node = focus()
    return node if node and described_as(node) != before else None


def controls(window):
    """Rows of lists and radio buttons have the arrow keys."""
    Atspi = stage.atspi()
    for node in stage.walk(window):
        states = node.get_state_set()
        if all(states.contains(state) for state in (
                Atspi.StateType.FOCUSABLE, Atspi.StateType.SENSITIVE, Atspi.StateType.SHOWING)) \
                and node.get_role_name() in ('push button', 'toggle button', 'text', 'combo box'):
            yield described_as(node)


def leads_through(scene, landmark):
    """Tab comes round to where it began, and to every control on its way."""
    def body():
        play.scene(scene)
        find(*landmark)
        seen = [()]
        while seen[-1] not in seen[:-1]:
            keys('Tab')
            node = until(f'the focus to leave {seen[-1]}', lambda: focus_other_than(seen[-1]))
            seen.append(described_as(node))
        return [f'Tab passes by {control}' for control in controls(top_of(node))
                if control not in seen]
    return body


POINTS = [
    ('leads-through-the-first-page', leads_through('welcome-code', ('push button', 'Start'))),
    ('leads-through-requests', leads_through('requests', ('push button', 'Let in'))),
    ('leads-through-a-person', leads_through('person-key', ('push button', 'Compare words'))),
    ('leads-through-a-call', leads_through('call-warning', ('push button', 'End call'))),
    ('leads-through-an-invitation', leads_through('invite', ('push button', 'Copy Link'))),
    ('leads-through-a-dialog', leads_through('add-person', ('push button', 'Cancel'))),
    ('dials-from-the-box', dials),
    ('a-letter-begins-a-search', searches_by_typing),
    ('adds-a-person', adds_a_person),
    ('shows-the-history', shows_the_history),
    ('opens-the-preferences', opens_the_preferences),
    ('forwards-calls', forwards_calls),
    ('delete-removes-a-person', calls_and_removes_from_the_list),
    ('mutes-holds-dials-and-ends', mutes_and_ends),
    ('answers', answers),
    ('declines', declines),
]

stage.enter()
points = stage.Points()
if not shutil.which('xdotool'):
    points.skip_all('missing: xdotool')
play = stage.Stage(*sys.argv[1:3])
for name, body in POINTS:
    points.point('/ui/keyboard/' + name, body)
points.point('/ui/keyboard/closes-in-good-order', lambda: [] if play.close() == 0 else ['failed'])
points.finish()
