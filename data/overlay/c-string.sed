# SPDX-License-Identifier: GPL-3.0-or-later
# Makes a C string literal of each line.
s/[\\"]/\\&/g
s/^/"/
s/$/\\n"/
