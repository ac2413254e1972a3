#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a picture of each scene in each look: pictures.py GALLERY SCHEMAS LOCALES FOLDER
[LOOK...[:SCENE...]]. Not a test: for people to look at. Each look has a folder with a picture of
every scene, and sheets that show many of them at once."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import stage  # noqa: E402

# What a desktop's settings would tell libhandy.
DARK = {'HDY_DEBUG_COLOR_SCHEME': 'prefer-dark'}
CONTRAST = {'HDY_DEBUG_HIGH_CONTRAST': '1'}
HEBREW = {'LANGUAGE': 'he', 'PEAL_RTL': '1'}
LOOKS = {
    'light': {},
    'dark': DARK,
    'contrast': CONTRAST,
    'contrast-dark': {**DARK, **CONTRAST},
    'narrow': {'PEAL_SIZE': '360x600'},
    'small': {'PEAL_SIZE': '360x294'},
    'large': {'GDK_DPI_SCALE': '2'},
    'german': {'LANGUAGE': 'de'},
    'german-narrow': {'LANGUAGE': 'de', 'PEAL_SIZE': '360x600'},
    'hebrew': HEBREW,
    'hebrew-narrow': {**HEBREW, 'PEAL_SIZE': '360x600'},
}
TRIES = 50
A_SHEET = 9


def all_scenes():
    """The gallery names them to whoever asks."""
    done = subprocess.run([os.environ['PEAL_GALLERY'], '--scenes'], stdout=subprocess.PIPE,
                          text=True, check=True)
    return done.stdout.split()


def shoot():
    done = subprocess.run(['/usr/bin/import', '-window', 'root', 'ppm:-'], stdout=subprocess.PIPE,
                          check=True)
    return done.stdout


def take(path):
    """When nothing moves any more."""
    before = shoot()
    for _ in range(TRIES):
        now = shoot()
        if now == before:
            break
        before = now
    subprocess.run(['/usr/bin/convert', 'ppm:-', '-trim', '+repage', path], input=now, check=True)


def make_sheets(folder, scenes):
    for begin in range(0, len(scenes), A_SHEET):
        part = scenes[begin:begin + A_SHEET]
        subprocess.run(['/usr/bin/montage', '-font', 'DejaVu-Sans', '-label', '%t', '-tile', '3x',
                        '-geometry', '620x620>+6+6', '-background', '#888',
                        *(os.path.join(folder, name + '.png') for name in part),
                        os.path.join(folder, f'sheet-{begin // A_SHEET + 1}.png')], check=True)


def draw(look, scenes, arguments):
    """In a process of its own: a look is a matter of the environment."""
    program, schemas, locales, folder = arguments
    folder = os.path.join(folder, look)
    os.makedirs(folder, exist_ok=True)
    play = stage.Stage(program, schemas, {'PEAL_LOCALE_PATH': locales, **LOOKS[look]})
    for scene in scenes:
        play.scene(scene)
        take(os.path.join(folder, scene + '.png'))
    play.close()
    make_sheets(folder, scenes)


def main():
    arguments = [os.path.abspath(path) for path in sys.argv[1:5]]
    os.environ['PEAL_GALLERY'] = arguments[0]
    wanted = [re.split('[:,]', word) for word in sys.argv[5:]] or [[look] for look in LOOKS]
    for look, *scenes in wanted:
        draw(look, scenes or all_scenes(), arguments)


stage.enter()
main()
