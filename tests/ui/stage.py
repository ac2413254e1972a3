# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage for the windows: a display, a session bus and a home of their own, the gallery on it, and
hands that press what a screen reader sees. Nothing here waits for a fixed time."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE_S = 30


def enter():
    """Runs the calling script again inside a session of its own, unless it is already there."""
    if os.environ.get('PEAL_STAGE'):
        return
    missing = [p for p in ('dbus-run-session', 'xvfb-run', 'xauth') if not shutil.which(p)]
    try:
        import gi
        gi.require_version('Atspi', '2.0')
    except (ImportError, ValueError):
        missing.append('gir1.2-atspi-2.0')
    if missing:
        print('1..0 # SKIP missing: ' + ', '.join(missing))
        sys.exit(77)
    home = tempfile.mkdtemp(prefix='peal-ui-')
    env = {k: v for k, v in os.environ.items()
           if k not in ('DISPLAY', 'WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS',
                        'AT_SPI_BUS_ADDRESS')}
    env.update(PEAL_STAGE='1', HOME=home, XDG_RUNTIME_DIR=home + '/run',
               XDG_CONFIG_HOME=home + '/config', XDG_DATA_HOME=home + '/data',
               XDG_CACHE_HOME=home + '/cache', GDK_BACKEND='x11', GSETTINGS_BACKEND='memory',
               GTK_THEME=env.get('GTK_THEME', ''), NO_AT_BRIDGE='0')
    env.setdefault('LC_ALL', 'C.UTF-8')
    if not env['GTK_THEME']:
        del env['GTK_THEME']
    os.mkdir(home + '/run', 0o700)
    # What moves is neither to be read nor to be pressed.
    os.makedirs(home + '/config/gtk-3.0')
    with open(home + '/config/gtk-3.0/settings.ini', 'w') as file:
        file.write('[Settings]\ngtk-enable-animations=false\n')
    # The session's own servants write to the standard output too: the points go past them.
    points = os.dup(1)
    env['PEAL_POINTS'] = str(points)
    screen = '-screen 0 {}x24 -nolisten tcp'.format(env.get('SCREEN', '1280x1000'))
    try:
        done = subprocess.run(['dbus-run-session', '--', 'xvfb-run', '-a', '-s', screen,
                               '/usr/bin/python3', '-W', 'ignore'] + sys.argv, env=env,
                              stdout=2, pass_fds=[points])
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.exit(done.returncode)


class Stage:
    """The gallery and what it says."""

    def __init__(self, program, schemas, env=None):
        environment = dict(os.environ, GSETTINGS_SCHEMA_DIR=schemas, **(env or {}))
        # Stacks through GTK cannot be unwound at a bearable speed, and without them nobody can
        # tell what the libraries keep from what we lose.
        environment['ASAN_OPTIONS'] = ':'.join(
            [os.environ.get('ASAN_OPTIONS', ''), 'detect_leaks=0', 'fast_unwind_on_malloc=1'])
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, env=environment)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.rest = ''
        self.said = []  # all lines so far
        self.mark = 0   # where those of the present scene begin

    def scene(self, name):
        """Shows a scene, or moves it on when the name begins with a dot."""
        if not name.startswith('.'):
            self.mark = len(self.said)
        self.process.stdin.write(name + '\n')
        self.process.stdin.flush()
        before = len(self.said)
        until('scene ' + name, lambda: self.drain() or 'ready ' + name in self.said[before:])

    def drain(self):
        """Reads what the gallery has said by now."""
        while True:
            try:
                data = os.read(self.process.stdout.fileno(), 65536).decode()
            except BlockingIOError:
                return
            if not data:
                raise AssertionError('the gallery has ended')
            *lines, self.rest = (self.rest + data).split('\n')
            self.said += lines

    def close(self):
        self.process.stdin.close()
        return self.process.wait(PATIENCE_S)


# ---- What a screen reader sees ----

def atspi():
    import gi
    gi.require_version('Atspi', '2.0')
    from gi.repository import Atspi
    return Atspi


def walk(node, depth=0):
    from gi.repository import GLib
    if node is None or depth > 60:
        return
    yield node
    try:
        count = node.get_child_count()
    except GLib.Error:
        return
    for index in range(count):
        try:
            child = node.get_child_at_index(index)
        except GLib.Error:
            continue
        yield from walk(child, depth + 1)


def name_of(node):
    """A field has no name of its own, only the label beside it."""
    Atspi = atspi()
    name = node.get_name()
    if name:
        return name
    for relation in node.get_relation_set():
        if relation.get_relation_type() == Atspi.RelationType.LABELLED_BY:
            return relation.get_target(0).get_name()
    return ''


def applications():
    desktop = atspi().get_desktop(0)
    return [desktop.get_child_at_index(i) for i in range(desktop.get_child_count())]


def nodes(showing=True):
    from gi.repository import GLib
    Atspi = atspi()
    for application in applications():
        for node in walk(application):
            try:
                if not showing or node.get_state_set().contains(Atspi.StateType.SHOWING):
                    yield node
            except GLib.Error:
                continue


def until(what, ask):
    """The first true answer of `ask`, which is asked until then."""
    from gi.repository import GLib
    end = time.monotonic() + PATIENCE_S
    tick = GLib.timeout_add(20, lambda: GLib.SOURCE_CONTINUE)
    try:
        while time.monotonic() < end:
            try:
                answer = ask()
            except GLib.Error:
                answer = None
            if answer:
                return answer
            GLib.MainContext.default().iteration(True)
    finally:
        GLib.source_remove(tick)
    raise AssertionError('waited in vain for ' + what)


def find(role, name, sensitive=True):
    Atspi = atspi()

    def ask():
        for node in nodes():
            if node.get_role_name() == role and name_of(node) == name and \
                    (not sensitive or node.get_state_set().contains(Atspi.StateType.SENSITIVE)):
                return node
    return until(f'{role} "{name}"', ask)


def is_there(role, name):
    return any(n.get_role_name() == role and name_of(n) == name for n in nodes())


def press(name, role='push button'):
    Atspi = atspi()
    assert Atspi.Action.do_action(find(role, name), 0), f'"{name}" cannot be pressed'


def write(name, text):
    Atspi = atspi()
    assert Atspi.EditableText.set_text_contents(find('text', name), text)


def has_text(text):
    """Whether some label on the screen says it."""
    return any(n.get_role_name() in ('label', 'status bar', 'heading') and n.get_name() == text
               for n in nodes())


def see(text):
    until(f'the words "{text}"', lambda: has_text(text))


def unnamed():
    """Roles and paths of what can take the focus and has no name."""
    Atspi = atspi()
    found = []
    for node in nodes():
        states = node.get_state_set()
        if not states.contains(Atspi.StateType.FOCUSABLE) or name_of(node):
            continue
        # A link within a text is read with the text.
        if node.get_role_name() == 'link' and name_of(node.get_parent()):
            continue
        path = []
        parent = node
        while parent is not None and len(path) < 6:
            path.append(parent.get_role_name() + (f' "{parent.get_name()}"'
                                                  if parent.get_name() else ''))
            parent = parent.get_parent()
        found.append(' < '.join(path))
    return found


# ---- Points of a test, in TAP ----

class Points:
    def __init__(self):
        self.count = 0
        self.failed = 0
        self.out = os.fdopen(int(os.environ['PEAL_POINTS']), 'w')

    def point(self, name, body, *arguments):
        from gi.repository import GLib
        self.count += 1
        try:
            faults = body(*arguments) or []
        except (AssertionError, GLib.Error) as error:
            faults = [str(error)]
        self.failed += bool(faults)
        for fault in faults:
            print('# ' + fault.replace('\n', ' '), file=self.out)
        print(f'{"not " if faults else ""}ok {self.count} - {name}', file=self.out, flush=True)

    def skip_all(self, reason):
        print('1..0 # SKIP ' + reason, file=self.out, flush=True)
        sys.exit(0)

    def finish(self):
        print(f'1..{self.count}', file=self.out, flush=True)
        sys.exit(1 if self.failed else 0)
