# SPDX-License-Identifier: GPL-3.0-or-later
"""People with telephones: each is one `person` program on a state folder of its own."""
import json
import os
import signal
import subprocess
import threading
import time

PATIENCE_S = 60.0
SILENT_S = 0.05  # then what no line tells of is looked at again: files, and who has gone


class Trouble(Exception):
    """Something did not come to pass."""


def check(condition, *details):
    if not condition:
        raise Trouble(' '.join(map(str, details)))


class News:
    """Wakes who waits as soon as anybody has printed a line."""

    def __init__(self):
        self.told = threading.Condition()
        self.count = 0

    def tell(self):
        with self.told:
            self.count += 1
            self.told.notify_all()

    def await_more(self, than, seconds):
        with self.told:
            self.told.wait_for(lambda: self.count > than, seconds)


NEWS = News()


def wait_for(what, condition, seconds=PATIENCE_S):
    end = time.monotonic() + seconds
    while True:
        count = NEWS.count
        if value := condition():
            return value
        if time.monotonic() > end:
            raise Trouble(f'{what}: waited {seconds:.0f} s in vain')
        NEWS.await_more(count, SILENT_S)


def home_env(home):
    for folder in ('run', 'config', 'data', 'cache'):
        os.makedirs(os.path.join(home, folder), mode=0o700, exist_ok=True)
    kept = {k: v for k, v in os.environ.items()
            if k in ('LANG', 'USER', 'PEAL_DEBUG', 'G_MESSAGES_DEBUG', 'GST_REGISTRY')
            or k.endswith('SAN_OPTIONS')}
    return {**kept, 'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'HOME': home, 'LC_ALL': 'C.UTF-8',
            'XDG_RUNTIME_DIR': os.path.join(home, 'run'),
            'XDG_CONFIG_HOME': os.path.join(home, 'config'),
            'XDG_DATA_HOME': os.path.join(home, 'data'),
            'XDG_CACHE_HOME': os.path.join(home, 'cache'),
            'GSETTINGS_BACKEND': 'memory', 'G_DEBUG': 'fatal-warnings'}


class Person:
    """What was printed stands in `lines`; await_line() looks only at those not looked at yet."""

    def __init__(self, town, name):
        self.town, self.name = town, name
        self.home = os.path.join(town.folder, name)
        self.state = os.path.join(self.home, 'state')
        self.env = home_env(self.home)
        self.choice = ['--state', self.state]
        self.before = []  # what the program is started by, if not here
        self.process = None
        self.lines = []
        self.looked = 0
        self.news = threading.Condition()

    # ---- On and off ----

    def take_own_folders(self):
        """As the program for people does that is started without options."""
        self.state = os.path.join(self.home, 'data', 'peal')
        self.choice = []

    def share_state(self, other):
        self.state, self.choice = other.state, other.choice

    def start(self, *arguments, env=None):
        self.lines, self.looked = [], 0
        log = open(os.path.join(self.town.folder, self.name + '.log'), 'ab')
        self.process = subprocess.Popen(
            [*self.before, self.town.program, *self.choice, *arguments], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=self.home,
            env={**self.env, **(env or {})})
        log.close()
        threading.Thread(target=self._listen, args=[self.process, self.lines],
                         daemon=True).start()
        return self

    def _listen(self, process, lines):
        for line in process.stdout:
            with self.news:
                lines.append({**json.loads(line), 'at': time.monotonic()})
                self.news.notify_all()
            NEWS.tell()
        process.wait()
        with self.news:
            lines.append({'what': 'exit', 'status': process.returncode, 'at': time.monotonic()})
            self.news.notify_all()
        NEWS.tell()

    def stop(self):
        """In good order; anything but a good end is a failure."""
        self.process.stdin.close()
        line = self.await_line('exit')
        check(line['status'] == 0, self.name, 'left with', line['status'])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    # ---- Orders and what comes of them ----

    def tell(self, *words):
        try:
            self.process.stdin.write(' '.join(words) + '\n')
        except OSError as error:
            raise Trouble(f'{self.name} is gone: {error}') from error

    def find(self, what, **wanted):
        """The latest such line of all, or None."""
        with self.news:
            for line in reversed(self.lines):
                if line['what'] == what and all(line.get(k.replace('_', '-'), line.get(k)) == v
                                                for k, v in wanted.items()):
                    return line
        return None

    def await_line(self, what, seconds=PATIENCE_S, **wanted):
        """The next such line after the one awaited last."""
        end = time.monotonic() + seconds
        with self.news:
            while True:
                for at in range(self.looked, len(self.lines)):
                    line = self.lines[at]
                    if line['what'] == what and all(
                            line.get(k.replace('_', '-'), line.get(k)) == v
                            for k, v in wanted.items()):
                        self.looked = at + 1
                        return line
                    if line['what'] == 'exit':
                        raise Trouble(f'{self.name} waits for {what} {wanted} but ended: {line}')
                left = end - time.monotonic()
                if left <= 0:
                    raise Trouble(f'{self.name} waited in vain for {what} {wanted}; '
                                  f'saw {self.lines[-8:]}')
                self.news.wait(left)

    def await_call(self, state, **wanted):
        return self.await_line('call', state=state, **wanted)

    def ready(self, seconds=PATIENCE_S):
        self.await_line('account', seconds, state='ready')
        return self

    def invitation(self):
        self.tell('invite')
        return self.await_line('invitation')['text']

    def look_up(self, *addresses, devices=1):
        """Until each is found: whoever is on the air is registered a moment later."""
        for address in addresses:
            self._look_until(address, lambda count: count >= devices)

    def look_away(self, address):
        """Until nobody is found there: whoever has left is so a moment later."""
        self._look_until(address, lambda count: count == 0)

    def _look_until(self, address, is_enough):
        end = time.monotonic() + PATIENCE_S
        while True:
            before = len(self.lines)
            self.tell('find', address)
            answer = wait_for(f'what {self.name} is told of {address}', lambda: next(
                (line for line in self.lines[before:] if line['what'] in ('found', 'missing')),
                None))
            if is_enough(answer['devices']):
                return
            if time.monotonic() > end:
                raise Trouble(f'{self.name} looked for {address}: {answer}')
            time.sleep(0.2)  # nothing tells the asker of a new registration

    def await_history(self, **wanted):
        """A call's row may be written a moment after its end is shown."""
        def is_there():
            self.tell('history')
            line = self.await_line('history')
            return all(line[key] == value for key, value in wanted.items())
        wait_for(f'{wanted} in the history of {self.name}', is_there)

    def await_latest(self, what, **wanted):
        """Until some line has said it, also one that was passed over when another was awaited."""
        return wait_for(f'{what} {wanted} at {self.name}', lambda: self.find(what, **wanted))

    def await_sound(self):
        """Until the first of it has been heard in the call."""
        wait_for(f'sound at {self.name}', lambda: (
            self.find('call') or {}).get('answer_to_sound_ms') is not None)

    def await_size(self, path, size):
        wait_for(f'{size} bytes in {path}',
                 lambda: os.path.exists(path) and os.path.getsize(path) >= size)

    def last_status(self):
        line = self.find('status')
        return line['text'] if line else None


def brief(line):
    """A line without what is not said in it."""
    words = [f'{key}={value}' for key, value in line.items() if value not in (None, '', False)
             and key not in ('what', 'at', 'id') and not str(value).startswith('peal:')]
    return f'{line["at"] % 1000:7.2f} {line["what"]} ' + ' '.join(words)


def tell_all(town):
    for person in town.people:
        print(f'# {person.name}:')
        for line in person.lines[-30:]:
            print('#  ', brief(line))
        path = os.path.join(town.folder, person.name + '.log')
        if os.path.exists(path):
            with open(path, errors='replace') as file:
                print('#   ' + '\n#   '.join(file.read()[-20000:].splitlines()))


class Town:
    """One folder of a test, and everybody in it."""

    def __init__(self, folder, program, node_program):
        self.folder, self.program, self.node_program = folder, program, node_program
        self.people = []
        self.is_alone = 'PEAL_ALONE' in os.environ  # a network of its own
        self.others = []  # processes that are nobody's
        self.mounts = []

    def person(self, name):
        person = Person(self, name)
        self.people.append(person)
        return person

    def pair(self, *names, label='home'):
        """People on the air in one overlay, which the first of them made."""
        first = self.person(names[0]).start()
        first.tell('create', label, names[0])
        first.await_line('account', state='alone')
        people = [first]
        for name in names[1:]:
            people.append(self.person(name).start())
            people[-1].tell('join', first.invitation(), name)
        for person in people:
            person.ready()
        for person in people:
            person.look_up(*(f'{name}@{label}' for name in names if name != person.name))
        return people

    def close(self):
        """Ends everybody; gives what went wrong when they ended."""
        troubles = []
        for person in self.people:
            if person.is_running():
                try:
                    person.stop()
                except Trouble as trouble:
                    troubles.append(str(trouble))
                    person.process.send_signal(signal.SIGKILL)
        for process in self.others:
            process.terminate()
            process.wait()
        for folder in self.mounts:
            subprocess.run(['umount', '-l', folder], check=False)
        return troubles
