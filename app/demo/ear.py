# SPDX-License-Identifier: GPL-3.0-or-later
"""Listens at a sound server and judges whether what was said at one place was heard at another."""
import array
import math
import subprocess
import threading
import time

RATE = 16000
BANDS = (350, 700, 1400, 2800)  # Hz, centres, an octave apart
FRAME = RATE // 100  # 10 ms
DELAY_MAX_MS = 1500
STRETCH = 150  # frames
WANDER = 12  # frames
WHISPER = 300  # of 32767


class Recording:
    """Takes down what a source of the sound server gives, and when it began to."""

    def __init__(self, source):
        self.samples = array.array('h')
        self.began = math.inf  # on the monotonic clock, of the first sample
        self.process = subprocess.Popen(
            ['parec', '-d', source, '--raw', f'--rate={RATE}', '--channels=1',
             '--format=s16le', '--latency-msec=10'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.thread = threading.Thread(target=self._take, daemon=True)
        self.thread.start()

    def _take(self):
        odd = b''
        while piece := self.process.stdout.read(4096):
            piece = odd + piece
            odd = piece[len(piece) & ~1:]
            self.samples.frombytes(piece[:len(piece) & ~1])
            # The piece that waited least tells the true beginning.
            self.began = min(self.began, time.monotonic() - len(self.samples) / RATE)

    def reaches(self, when):
        """Whether all has come in that sounded until then."""
        return self.began + len(self.samples) / RATE >= when

    def hears_anything(self, since):
        first = max(round((since - self.began) * RATE), 0)
        return any(abs(sample) > WHISPER for sample in self.samples[first:])

    def stop(self):
        self.process.terminate()
        self.thread.join()
        self.process.wait()

    def between(self, begin, end):
        """The samples of a stretch of the monotonic clock; silence where there are none."""
        first = round((begin - self.began) * RATE)
        count = round((end - begin) * RATE)
        piece = self.samples[max(first, 0):max(first + count, 0)]
        lead = array.array('h', bytes(2 * min(max(-first, 0), count)))
        return lead + piece + array.array('h', bytes(2 * (count - len(lead) - len(piece))))


def band_levels(samples, centre):
    """Level in dB of each 10 ms in one octave, by a band-pass of second order."""
    w = 2 * math.pi * centre / RATE
    alpha = math.sin(w) * math.sinh(math.log(2) / 2 * w / math.sin(w))
    b, a1, a2 = alpha / (1 + alpha), -2 * math.cos(w) / (1 + alpha), (1 - alpha) / (1 + alpha)
    x1 = x2 = y1 = y2 = 0.0
    levels = []
    for at in range(0, len(samples) - FRAME + 1, FRAME):
        power = 0.0
        for x in samples[at:at + FRAME]:
            y = b * (x - x2) - a1 * y1 - a2 * y2
            x2, x1, y2, y1 = x1, x, y1, y
            power += y * y
        levels.append(10 * math.log10(power / FRAME + 100))
    return levels


def likeness(a, b):
    """Correlation of two rows of numbers, -1..1; 0 when one of them does not move."""
    n = min(len(a), len(b))
    if n == 0:
        return 0.0
    mean_a, mean_b = sum(a[:n]) / n, sum(b[:n]) / n
    var_a = sum((x - mean_a) ** 2 for x in a[:n])
    var_b = sum((x - mean_b) ** 2 for x in b[:n])
    if var_a < n or var_b < n:  # less than 1 dB of movement: silence, or a steady tone
        return 0.0
    return sum((x - mean_a) * (y - mean_b)
               for x, y in zip(a[:n], b[:n])) / math.sqrt(var_a * var_b)


def heard(said, listened, delay_max_ms=DELAY_MAX_MS):
    """(share, delay in ms): how alike speech and what was heard are, at the delay that fits best.
    `listened` begins with `said` and lasts `delay_max_ms` longer. A phone may change its delay in
    the middle of a sentence, so each stretch of it is looked for on its own, near that delay."""
    rows = [(band_levels(said, c), band_levels(listened, c)) for c in BANDS]
    count = len(rows[0][0])

    def share(begin, end, lag):
        return sum(likeness(a[begin:end], b[begin + lag:end + lag]) for a, b in rows) / len(rows)

    best = max(range(delay_max_ms // 10), key=lambda lag: share(0, count, lag))
    stretches = max(count // STRETCH, 1)
    shares = [max(share(i * count // stretches, (i + 1) * count // stretches, lag)
                  for lag in range(max(best - WANDER, 0), best + WANDER + 1))
              for i in range(stretches)]
    return max(sum(shares) / stretches, 0.0), fine_delay(said, listened, best * 10)


def loudness(samples):
    """Loudness of each millisecond, smoothed over five, on a scale that is kind to quiet sounds."""
    step = RATE // 1000
    raw = [sum(abs(x) for x in samples[at:at + step]) / step
           for at in range(0, len(samples) - step + 1, step)]
    return [20 * math.log10(sum(raw[max(i - 2, 0):i + 3]) + 10) for i in range(len(raw))]


def fine_delay(said, listened, about_ms):
    a, b = loudness(said), loudness(listened)
    lags = range(max(about_ms - 30, 0), min(about_ms + 31, len(b) - len(a)))
    return max(lags, key=lambda lag: likeness(a, b[lag:lag + len(a)]), default=about_ms)
