"""The stop button in training: it is noticed between two batches, never in the middle of one."""
import signal
import threading

from mxnet import autograd

from . import process  # noqa: F401 - np semantics


class Interrupt:
    """Turns the first SIGINT into a request, the second into KeyboardInterrupt; the old handler and the
    recording state come back.

    Python's default raises wherever the program happens to be: inside MXNet's destructors the press is lost,
    inside ``record()`` it can leave autograd recording.

    Attributes
    ----------
    pressed : bool
        The button was pressed.
    """

    def __init__(self):
        self.pressed = False

    def until_pressed(self, items):
        """Items one by one; after a press no other is fetched.

        Parameters
        ----------
        items : iterable

        Yields
        ------
        object
        """
        if not self.pressed:
            for item in items:
                yield item
                if self.pressed:
                    return

    def _handle(self, *_):
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def __enter__(self):
        self._recording, self._training = autograd.is_recording(), autograd.is_training()
        # elsewhere Python allows no handlers, and sends no interrupts
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._old = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_):
        if self._main:
            signal.signal(signal.SIGINT, self._old)
        autograd.set_recording(self._recording)
        autograd.set_training(self._training)
