# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to networks while two people talk. alice says a tone, and bob gives back what he
hears: where it is missing in what she hears, one of them heard nothing."""
import array
import json
import math
import os
import signal
import subprocess
import threading
import time
import wave
from dataclasses import dataclass
from typing import Callable

import upgrade
from cell import CALL_S, TONE_HZ, Cell, calls, session

BEFORE_S = 2
AFTER_S = 4
BACK_S = 40
LONGEST_S = 120
ANYWAY_S = 20
OUTAGE_S = 5
TOLD_MS = 1000
OTHER_PORTS = '20000-29999'
JITTER_MS = 50
WINDOW_S = 0.02
TONE_MIN = 0.4
STEADY = 0.8
LONG = 50  # windows: a silence that is no lost packets
SCRAP = 10
WHISPER = 100
HEADER_SIZE = 44  # of a WAV


@dataclass
class Mishap:
    name: str
    kinds: tuple
    happen: Callable
    outage_s: float = 0  # how long nothing can pass, whatever a phone does
    relays: int = 1
    is_before: bool = False  # the call: it has to find a way over a relay then
    prepare: Callable = None  # the laboratory


@dataclass
class Result:
    name: str
    talk: bool = False  # it goes on
    gap_ms: int = None  # the longest silence, less the outage; or the time to the first sound
    states: str = ''
    found_ms: int = None  # until a third peer has reached alice, by her name
    trouble: str = None
    log: str = ''

    def to_json(self):
        return json.dumps({key: getattr(self, key)
                           for key in ('name', 'talk', 'gap_ms', 'found_ms', 'states')})

    def words(self):
        found = f', alice found after {self.found_ms} ms' if self.found_ms is not None else ''
        return f'gap {self.gap_ms} ms{found}'


def rain(loss):
    return lambda cell: cell.laboratory.spoil(cell.around, 'a', loss, JITTER_MS)


def unplug(cell):
    cell.laboratory.pull('a')
    time.sleep(OUTAGE_S)
    cell.laboratory.plug('a')


def sleep(cell):
    """As good as a closed lid: but for the clocks, which go on."""
    cell.alice.process.send_signal(signal.SIGSTOP)
    time.sleep(OUTAGE_S)
    cell.alice.process.send_signal(signal.SIGCONT)


def kill_relay(cell):
    """Of the two the one that is busy."""
    def relayed(peer):
        return peer.facts().get('relay', {}).get('relayed', 0)
    peers = (cell.srv, cell.spare)
    before = [relayed(peer) for peer in peers]
    time.sleep(1)
    busy = max(zip(peers, before), key=lambda pair: relayed(pair[0]) - pair[1])[0]
    busy.process.kill()
    busy.process.wait()


MISHAPS = [
    *(Mishap(f'loss-{percent}', ('port', 'port'), rain(percent / 100)) for percent in (5, 10, 20)),
    Mishap('cable', ('port', 'port'), unplug, OUTAGE_S),
    Mishap('cable-relayed', ('sym', 'sym'), unplug, OUTAGE_S),
    Mishap('new-address', ('port', 'port'), lambda cell: cell.laboratory.renumber('a')),
    Mishap('new-address-relayed', ('sym', 'sym'), lambda cell: cell.laboratory.renumber('a')),
    Mishap('router', ('port', 'port'), lambda cell: cell.laboratory.restart_router('a')),
    Mishap('router-relayed', ('sym', 'sym'), lambda cell: cell.laboratory.restart_router('a')),
    Mishap('router-other-ports', ('port', 'port'),
           lambda cell: cell.laboratory.restart_router('a', OTHER_PORTS)),
    Mishap('other-cable', ('port', 'port'), lambda cell: cell.laboratory.change_cable('a')),
    Mishap('other-cable-relayed', ('sym', 'sym'), lambda cell: cell.laboratory.change_cable('a')),
    Mishap('relay', ('sym', 'sym'), kill_relay, relays=2),
    Mishap('eaten', ('port', 'port'), lambda cell: cell.laboratory.eat_sound(), is_before=True),
    Mishap('reunion', ('port', 'port'), upgrade.reunite, prepare=upgrade.part),
    Mishap('no-reunion', ('sym', 'sym'), upgrade.seek_in_vain),
    Mishap('sleep', ('port', 'port'), sleep, OUTAGE_S),
]


def hears(piece, coefficient):
    """Whether that is the tone (Goertzel)."""
    power = sum(x * x for x in piece)
    s1 = s2 = 0.0
    for x in piece:
        s1, s2 = x + coefficient * s1 - s2, s1
    tone = (s1 * s1 + s2 * s2 - coefficient * s1 * s2) * 2 / len(piece)
    return power > len(piece) * WHISPER ** 2 and tone > TONE_MIN * power


def windows(path, last_s=None):
    """For each WINDOW_S of what has been recorded so far whether the tone is in it."""
    with open(path, 'rb') as file:
        data = file.read()[HEADER_SIZE:]
    window = int(calls.RATE * WINDOW_S)
    samples = array.array('h', data[:len(data) // (2 * window) * 2 * window])
    first = 0 if last_s is None else max(0, len(samples) - int(last_s / WINDOW_S) * window)
    coefficient = 2 * math.cos(2 * math.pi * TONE_HZ / calls.RATE)
    return [hears(samples[at:at + window], coefficient)
            for at in range(first, len(samples), window)]


def is_sounding(path):
    heard = windows(path, 1)
    return sum(heard) > STEADY * len(heard)


def longest_silence(path):
    """Between the first and the last of the tone, in seconds. A scrap between two long ones, what
    was under way before them, ends neither."""
    places = [i for i, is_heard in enumerate(windows(path)) if is_heard]
    longest, began, ended = 0, 0, -SCRAP
    for last, following in zip(places, places[1:]):
        silent = following - last - 1
        if silent >= LONG:
            began = began if last - ended < SCRAP else last
            ended = following
            silent = ended - began - 1
        longest = max(longest, silent)
    return longest * WINDOW_S


def call_anyway(cell, mishap, result):
    """A pair of candidates works, and yet no sound passes."""
    mishap.happen(cell)
    process, record = cell.alice.start_call('bob@home', ANYWAY_S)
    said, errors = process.communicate(timeout=LONGEST_S)
    lines = [json.loads(line) for line in said.splitlines()] or [{}]
    result.states = ' '.join(line.get('state', errors) for line in lines)
    result.gap_ms = lines[-1].get('answer_to_sound_ms')
    result.talk = lines[-1].get('path') == 'relay' and is_sounding(record)


def find_alice(cell):
    """By somebody else, at the place where she is now."""
    third = next(peer for peer in (cell.srv, cell.spare) if peer and peer.process.poll() is None)
    session.wait_for('alice to be found', lambda: third.ask('ping', 'alice@home').returncode == 0,
                     BACK_S)


def take_down(process, states):
    """What is told of a call, as it comes."""
    def read():
        for line in process.stdout:
            states.append(json.loads(line)['state'])
    reader = threading.Thread(target=read)
    reader.start()
    return reader


def watch(cell, mishap, result):
    process, record = cell.alice.start_call('bob@home', LONGEST_S)
    states = []
    reader = take_down(process, states)
    try:
        session.wait_for('sound', lambda: os.path.exists(record) and is_sounding(record), CALL_S)
        time.sleep(BEFORE_S)
        mishap.happen(cell)
        began = time.monotonic()
        find_alice(cell)
        result.found_ms = round(1000 * (time.monotonic() - began))
        time.sleep(AFTER_S)
        session.wait_for('sound again', lambda: is_sounding(record), BACK_S)
        session.wait_for('it to be told', lambda: states[-1] == 'up', BACK_S)
    finally:
        process.terminate()
        process.wait()
        reader.join()
        result.states = ' '.join(states)
    result.gap_ms = round(1000 * (longest_silence(record) - mishap.outage_s))
    result.talk = result.gap_ms <= TOLD_MS or 'reconnecting' in states
    result.trouble = None if result.talk else 'nobody was told'


def play(around, program, name):
    mishap = next(mishap for mishap in MISHAPS if mishap.name == name)
    result = Result(name)
    try:
        act = call_anyway if mishap.is_before else watch
        act(Cell(around, program, *mishap.kinds, mishap.relays, mishap.prepare), mishap, result)
    except (RuntimeError, subprocess.SubprocessError) as error:
        result.trouble = str(error)
    return result
