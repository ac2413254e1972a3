# SPDX-License-Identifier: GPL-3.0-or-later
"""A call in which somebody speaks to an echo, and whether the words came back."""
import array
import json
import os
import subprocess
import wave

import ear
from tap import check

HEARD_MIN = 0.5  # a busy machine, under sanitizers, loses pieces
TRIES = 3
LEAD_S = 1.5  # of silence, until both pipelines run


def samples_of(path):
    with wave.open(path) as file:
        check(file.getsampwidth() == 2, 'not 16 bit')
        rate, channels = file.getframerate(), file.getnchannels()
        all_samples = array.array('h', file.readframes(file.getnframes()))[::channels]
    step = rate / ear.RATE  # a coarse resampling does for likeness
    count = int(len(all_samples) / step)
    return array.array('h', (all_samples[int(i * step)] for i in range(count)))


def write_speech(path, text):
    subprocess.run(['espeak-ng', '-w', path, text], check=True)
    with wave.open(path) as file:
        shape, speech = file.getparams(), file.readframes(file.getnframes())
    with wave.open(path, 'w') as file:
        file.setparams(shape)
        file.writeframes(bytes(2 * int(LEAD_S * shape.framerate)) + speech)


def last_line(text):
    return json.loads(text.strip().split('\n')[-1])


def call_an_echo(caller, address):
    """Whoever answers there gives back what it hears. A machine that has other things to do loses
    pieces of a sentence, so that it may be said again."""
    shares = []
    write_speech(os.path.join(caller.around.folder, 'said.wav'),
                 'One two three four five, once I caught a fish alive.')
    while len(shares) < TRIES and max(shares, default=0) < HEARD_MIN:
        shares.append(share_that_returns(caller, address))
    check(max(shares) >= HEARD_MIN, 'likeness', shares)


def share_that_returns(caller, address):
    folder = caller.around.folder
    done = caller.ask('call', address, '--play', 'said.wav', '--record', 'heard.wav',
                      '--for', '7', '--json')
    check(done.returncode == 0, done.stderr)
    end = last_line(done.stdout)
    check(end['state'] == 'ended' and end['talked'] and end['encrypted'], end)
    check(end['path'] == 'direct' and end['ring_ms'] >= 0 and end['answer_to_sound_ms'] >= 0, end)
    said = samples_of(os.path.join(folder, 'said.wav'))[int(LEAD_S * ear.RATE):]
    heard = samples_of(os.path.join(folder, 'heard.wav'))
    longer_ms = (len(heard) - len(said)) * 1000 // ear.RATE
    return ear.heard(said, heard, longer_ms)[0] if longer_ms > 0 else 0
