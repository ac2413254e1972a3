# SPDX-License-Identifier: GPL-3.0-or-later
"""A `peal-node` of somebody: a state folder, the program that runs on it, and questions to it."""
import base64
import json
import os
import signal
import subprocess

import session


class Peer:
    """`process` is the `peal-node run` on the state folder, while there is one."""

    def __init__(self, around, name, node):
        self.around = around
        self.name = name
        self.node = node
        self.env = {**session.clean_env(os.path.join(around.folder, name)),
                    'G_DEBUG': 'fatal-warnings'}
        self.run_env = self.env
        self.state = os.path.join(around.folder, name, 'state')
        self.process = None

    def run(self, *arguments):
        self.process = self.around.start(
            [self.node, 'run', '--state', self.state, '--listen', '127.0.0.1:0', *arguments],
            self.name, self.run_env)
        session.wait_for(f'{self.name} to listen', lambda: os.path.exists(
            os.path.join(self.state, 'control')))

    def stop(self):
        """Ends it in good order; gives the exit status."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(20)
        self.around.processes.remove(self.process)
        return status

    def ask(self, *arguments):
        return subprocess.run([self.node, *arguments, '--state', self.state], env=self.env,
                              text=True, capture_output=True, timeout=60,
                              cwd=self.around.folder)

    def start_asking(self, *arguments):
        """A question that is asked for some time; its answers are read line by line."""
        return subprocess.Popen([self.node, *arguments, '--state', self.state], env=self.env,
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def invite(self):
        return session.wait_for('an invitation', lambda: self.ask('invite').stdout.strip())

    def facts(self):
        done = self.ask('status', '--json')
        return json.loads(done.stdout) if done.returncode == 0 and done.stdout else {}

    def document(self):
        """The configuration of the first account, as it is kept."""
        for name in os.listdir(folder := os.path.join(self.state, 'keys')):
            if name.endswith('.account'):
                with open(os.path.join(folder, name), encoding='utf-8') as file:
                    kept = dict(line.rstrip('\n').split('=', 1) for line in file if '=' in line)
                return base64.b64decode(kept['configuration']).decode()
        return ''

    def account(self):
        """What is said of the first account; empty when there is none."""
        accounts = self.facts().get('accounts') or [{}]
        return accounts[0]

    def is_ready(self):
        return self.account().get('state') == 'ready'

    def finds(self, address):
        """The devices that are registered there."""
        done = self.ask('lookup', address, '--json')
        return json.loads(done.stdout)['devices'] if done.returncode == 0 else []
