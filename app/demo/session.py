# SPDX-License-Identifier: GPL-3.0-or-later
"""Throw-away surroundings for programs with windows and sound: a screen, a message bus and a home
folder for each person, and one sound server with a pair of devices for each."""
import os
import shutil
import signal
import subprocess
import time

SCREEN = '1360x780x24'


class Surroundings:
    """Everything below one folder; every process started is ended by close(), last one first. What
    did not end well of its own accord is then in `failed`."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        self.failed = []

    def start(self, arguments, name, env=None, **options):
        with open(os.path.join(self.folder, name + '.log'), 'ab') as log:
            streams = {'stdin': subprocess.DEVNULL, 'stdout': log, 'stderr': log}
            process = subprocess.Popen(arguments, env=env, **{**streams, **options})
        self.processes.append(process)
        return process

    def close(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.returncode not in (0, -signal.SIGTERM):
                self.failed.append(f'{os.path.basename(process.args[0])} ({process.returncode})')
        self.processes.clear()


def wait_for(what, condition, seconds=30.0):
    """The first true value of condition(); a RuntimeError naming `what` when there is none."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise RuntimeError(f'{what}: waited {seconds:.0f} s in vain')
        time.sleep(0.05)


def clean_env(home):
    """The environment of somebody who has just logged in and owns nothing."""
    for folder in ('run', 'config', 'data', 'cache'):
        os.makedirs(os.path.join(home, folder), mode=0o700, exist_ok=True)
    kept = {k: v for k, v in os.environ.items()
            if k in ('LANG', 'LANGUAGE', 'TERM', 'USER', 'LOGNAME', 'PEAL_DEBUG', 'XDG_DATA_DIRS',
                     'GSETTINGS_SCHEMA_DIR', 'PEAL_LOCALE_PATH', 'GST_REGISTRY', 'G_DEBUG')
            or k.endswith('SAN_OPTIONS')}
    return {
        **kept,
        'PATH': '/usr/sbin:/usr/bin:/sbin:/bin',
        'HOME': home,
        'XDG_RUNTIME_DIR': os.path.join(home, 'run'),
        'XDG_CONFIG_HOME': os.path.join(home, 'config'),
        'XDG_DATA_HOME': os.path.join(home, 'data'),
        'XDG_CACHE_HOME': os.path.join(home, 'cache'),
        'LC_ALL': 'C.UTF-8',
        'GDK_BACKEND': 'x11',
        'GSETTINGS_BACKEND': 'memory',
        'NO_AT_BRIDGE': '0',
    }


def start_sound(around, people):
    """A sound server of our own. NAME_in is where one speaks to NAME's microphone, NAME_mic;
    NAME_out.monitor is what NAME hears. Gives the value of PULSE_SERVER."""
    home = os.path.join(around.folder, 'sound')
    env = clean_env(home)
    socket = os.path.join(home, 'native')
    lines = [f'load-module module-native-protocol-unix auth-anonymous=1 socket={socket}']
    for name in people:
        for sink in (f'{name}_out', f'{name}_in'):
            lines.append(f'load-module module-null-sink sink_name={sink} rate=48000 channels=1 '
                         f'format=s16le sink_properties=device.description={sink}')
        lines.append(f'load-module module-remap-source source_name={name}_mic '
                     f'master={name}_in.monitor source_properties=device.description={name}_mic')
    script = os.path.join(home, 'sound.pa')
    with open(script, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')
    around.start(['pulseaudio', '-n', '-F', script, '--daemonize=no', '--exit-idle-time=-1',
                  '--realtime=no', '--high-priority=no'], 'sound', env)
    server = f'unix:{socket}'
    wait_for('the sound server', lambda: subprocess.run(
        ['pactl', 'list', 'short', 'sources'], env={**env, 'PULSE_SERVER': server}, text=True,
        capture_output=True).stdout.count('_mic') == len(people))
    return server


def read_line(descriptor):
    with os.fdopen(descriptor) as file:
        return file.readline().strip()


def start_desk(around, name):
    """A screen and a message bus for one person; gives the environment for programs there."""
    env = clean_env(os.path.join(around.folder, name))
    ours, theirs = os.pipe()
    around.start(['Xvfb', '-displayfd', str(theirs), '-screen', '0', SCREEN, '-nolisten', 'tcp',
                  '-noreset'], name + '-screen', env, pass_fds=[theirs])
    os.close(theirs)
    env['DISPLAY'] = ':' + read_line(ours)
    ours, theirs = os.pipe()
    # A socket with a path is found from other networks too.
    around.start(['dbus-daemon', '--session', '--nofork', '--address=unix:dir=/tmp',
                  f'--print-address={theirs}'], name + '-bus', env, pass_fds=[theirs])
    os.close(theirs)
    env['DBUS_SESSION_BUS_ADDRESS'] = read_line(ours)
    return env


def missing_tools(tools):
    path = '/usr/sbin:/usr/bin:/sbin:/bin'
    return [tool for tool in tools if shutil.which(tool, path=path) is None]
