#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hand and the eye of one person at their screen: presses buttons, fills entries and reads
labels through the accessibility bus, as a screen reader does. Reads one JSON array a line,
[verb, argument...], and answers each with one JSON value a line."""
import json
import re
import subprocess
import sys
import time
import warnings

warnings.simplefilter('ignore')
import gi  # noqa: E402
gi.require_version('Atspi', '2.0')
gi.require_version('Gdk', '3.0')
gi.require_version('GdkX11', '3.0')
from gi.repository import Atspi, Gdk, GdkX11, GLib  # noqa: E402

PATIENCE_S = 30
STILL_S = 1
ANNOUNCED = []
LISTENER = Atspi.EventListener.new(lambda event: ANNOUNCED.append(event.any_data))
PRESSED = ('push button', 'toggle button', 'radio button', 'check box', 'menu item')


def walk(node, depth=0):
    if node is None or depth > 40:
        return
    yield node
    for i in range(node.get_child_count()):
        try:
            child = node.get_child_at_index(i)
        except GLib.Error:
            continue
        yield from walk(child, depth + 1)


def name_of(node):
    name = node.get_name()
    if name:
        return name
    for relation in node.get_relation_set():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            return relation.get_target(0).get_name()
    return ''


def text_of(node):
    if 'Text' not in node.get_interfaces():
        return ''
    return Atspi.Text.get_text(node, 0, -1) or ''


def is_showing(node):
    states = node.get_state_set()
    return states.contains(Atspi.StateType.SHOWING) and states.contains(Atspi.StateType.SENSITIVE)


def can_act(node):
    return 'Action' in node.get_interfaces()


def nodes():
    for node in walk(Atspi.get_desktop(0)):
        try:
            yield node, node.get_role_name(), name_of(node)
        except GLib.Error:
            continue


def until(what, search):
    end = time.monotonic() + PATIENCE_S
    while True:
        Atspi.get_desktop(0).clear_cache()
        found = search()
        if found is not None:
            return found
        if time.monotonic() > end:
            raise LookupError(what)
        time.sleep(0.03)


def find_button(name):
    for node, role, label in nodes():
        if role in PRESSED and label == name and is_showing(node) and can_act(node):
            return node
    return None


def can_press(name):
    """Waits for it: a new window takes no answer at once."""
    until(f'no button "{name}" to press', lambda: find_button(name))


def press(name):
    def act():  # one that has just become insensitive does nothing, and says so
        node = find_button(name)
        return node is not None and Atspi.Action.do_action(node, 0) or None
    until(f'no button "{name}" to press', act)
    return time.monotonic()


def fill(name, text):
    def search():
        for node, role, label in nodes():
            if role in ('text', 'entry', 'password text') and label == name and is_showing(node):
                return node
        return None
    return Atspi.EditableText.set_text_contents(until(f'no entry "{name}"', search), text)


def labels():
    for node, role, name in nodes():
        try:
            if not node.get_state_set().contains(Atspi.StateType.SHOWING):
                continue
            text = text_of(node) or name
        except GLib.Error:  # gone in the meantime
            continue
        if text and role not in ('application', 'frame'):
            yield text


def see(pattern):
    """Waits for words that the pattern matches; gives them and when they were seen."""
    shape = re.compile(pattern)

    def search():
        return next((t for t in labels() if shape.search(t)), None)
    return [until(f'nothing says "{pattern}"', search), time.monotonic()]


def read():
    return list(labels())


def listen():
    """From now on to what is announced."""
    LISTENER.register('object:announcement')


def hear(pattern):
    """Waits until such words have been announced; then all before them are forgotten."""
    shape = re.compile(pattern)

    def search():
        while GLib.MainContext.default().iteration(False):
            pass
        while ANNOUNCED:
            text = ANNOUNCED.pop(0)
            if shape.search(text):
                return text
        return None
    return until(f'nothing announces "{pattern}"', search)


def arrange():
    """Without a window manager all windows lie in one corner: puts them side by side."""
    tree = subprocess.run(['xwininfo', '-root', '-children'], capture_output=True, text=True)
    display = Gdk.Display.get_default()
    x = 0
    found = re.findall(r'(0x[0-9a-f]+) "[^"]+": \(".*?\) +(\d+)x(\d+)\+', tree.stdout)
    for xid, width, height in sorted(found, key=lambda row: -int(row[1])):
        if int(width) < 200 or int(height) < 200:
            continue
        window = GdkX11.X11Window.foreign_new_for_display(display, int(xid, 16))
        if window is not None and window.is_visible():
            window.move(x, 0)
            x += int(width) + 20
    display.sync()


def look():
    root = Gdk.get_default_root_window()
    return Gdk.pixbuf_get_from_window(root, 0, 0, root.get_width(), root.get_height())


def picture(path):
    """When nothing moves any longer; in a call something always does."""
    arrange()
    end = time.monotonic() + STILL_S
    shot, before = look(), None
    while time.monotonic() < end and (before is None or shot.get_pixels() != before.get_pixels()):
        time.sleep(0.1)
        shot, before = look(), shot
    return shot.savev(path, 'png', [], [])


VERBS = {'can-press': can_press, 'press': press, 'fill': fill, 'see': see, 'read': read,
         'listen': listen, 'hear': hear, 'picture': picture}


def main():
    Gdk.init([])
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        try:
            answer = {'ok': VERBS[verb](*arguments)}
        except (LookupError, GLib.Error) as error:
            answer = {'error': str(error)}
        print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    main()
