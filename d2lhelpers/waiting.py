"""Waiting for other machines, with an end: MXNet waits for ever, in C, deaf to the stop button.

So every wait is in a thread of its own, for D2LHELPERS_PATIENCE seconds (60 where it is not set), and who has
waited in vain says so.
"""
import os
import queue
import threading

import mxnet

from . import process  # noqa: F401 - np semantics
from .errors import CourseError

SILENCE = ('The other workers have not answered for {seconds} s: one has ended, or does something else. '
           'This process cannot join again: restart it (of a cluster: its engines), and start another '
           'server.')


def patience():
    """Seconds that a worker waits for the others: D2LHELPERS_PATIENCE."""
    text = os.environ.get('D2LHELPERS_PATIENCE') or '60'
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not seconds > 0:
        raise CourseError(f'D2LHELPERS_PATIENCE is {text!r}; it is the number of seconds that a worker waits '
                          'for the others.')
    return seconds


class Waiting(threading.Thread):
    """A thread that may get stuck in MXNet: the process can go on, and end, without it."""

    def __init__(self):
        super().__init__(daemon=True)
        self._work, self._done = queue.SimpleQueue(), queue.SimpleQueue()
        self.stuck = False
        self.start()

    def run(self):
        # np semantics are a thread's own
        with mxnet.util.np_shape(True), mxnet.util.np_array(True):
            while work := self._work.get():
                try:
                    self._done.put((work(), None))
                except BaseException as error:  # noqa: BLE001 - raised where it is waited for
                    self._done.put((None, error))

    def __call__(self, work, sentence):
        """What `work()` returns; CourseError with the sentence if that takes too long."""
        seconds = patience()
        if self.stuck:
            raise CourseError(sentence.format(seconds=f'{seconds:g}'))
        self.stuck = True  # also if the stop button ends the wait
        self._work.put(work)
        try:
            result, error = self._done.get(timeout=seconds)
        except queue.Empty:
            raise CourseError(sentence.format(seconds=f'{seconds:g}')) from None
        self.stuck = False
        if error is not None:
            raise error
        return result
