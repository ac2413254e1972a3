# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tshark (4.0) itself is wrong about RELOAD, each fault as narrow as it is: the one list."""

# Elements that it reads wrongly.
WRONG = {
    # RFC 6940, 7.4.2.1: the keys of a Fetch are read as empty ones; ranges have a text, no value.
    'reload.storeddataspecifier.keys', 'reload.arrayrange',
    # RFC 6940, 6.5.1.1: the priority is taken from the four bytes where the candidate begins.
    'reload.icecandidate.priority',
    # See SWAPPED_EXTENSIONS.
    'reload.selftuning_data',
}
# The lines of ours that stand alone then, by method.
ALONE = {
    'attach_req': {'priority'}, 'attach_ans': {'priority'},
    'app_attach_req': {'priority'}, 'app_attach_ans': {'priority'},
    'fetch_req': {'key', 'first', 'last'}, 'stat_req': {'key', 'first', 'last'},
}
# Element -> how many bytes in it have no field.
GAPS = {
    # RFC 6940, 6.5.1.1: the priority, drawn over the first four bytes, which it is not.
    'reload.icecandidate': 4,
    # RFC 6940, 6.4.2.5.2: the list's own length.
    'reload.probe_info': 2,
    # RFC 6940, 7.4.2.1: of a Fetch of all keys, the length of the empty list of keys.
    'reload.storeddataspecifier': 2,
}
# RFC 7851, 9.3: of PathTrack it knows the name and not the body.
UNKNOWN_BODIES = {'path_track_req': 0x27, 'path_track_ans': 0x28}
# RFC 7851, 9.5, and RFC 7363, 9.1: it has the numbers of these two the wrong way round, and what it
# takes for self-tuning data are a Ping's diagnostics.
SWAPPED_EXTENSIONS = {'2', '3'}
# RFC 6940, 7.4.2.2: values that nobody stored have the signer identity "none", which it complains
# about.
COMPLAINTS = {'Unknown identity type'}
