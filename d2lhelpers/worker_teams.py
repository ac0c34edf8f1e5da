"""What `fit` asks of a trainer whose kvstore `machines.join` has made: all workers of a training, in step."""
import contextlib
import math
import zlib

import mxnet
import numpy

from .errors import CourseError
from .interrupts import Interrupt
from .progress import bar
from .waiting import SILENCE

_EXACT = 2 ** 24  # whole numbers below are exact in float32
_OWN_KEYS = 1_000_000  # a trainer's parameters have the keys 0, 1, 2, ...


class _Together(Interrupt):
    """A press on one worker stops all, after the same update: it counts when all know of it."""

    def __init__(self):
        super().__init__()
        self.asked = False

    def _handle(self, *_):
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


class Team:
    """All workers of a training, as `fit` asks them; see `teams.Alone` for what each method is for.

    Parameters
    ----------
    worker : Worker
    trainer : mxnet.gluon.Trainer
    """

    def __init__(self, worker, trainer):
        if trainer._kvstore_params['update_on_kvstore'] is not False:
            raise CourseError('On several machines the trainer needs update_on_kvstore=False: otherwise the '
                              'server updates, and learning rates set later, or weights put back, are lost.')
        self.worker, self.trainer = worker, trainer
        self.first = worker.rank == 0
        self._wait, self._keys = worker.waiting, {}

    def interrupt(self):
        self._interrupt = _Together()
        return self._interrupt

    def bar(self, updates, description):
        return bar(updates if self.first else None, description) if self.first else contextlib.nullcontext(
            bar(None, description))

    def begin(self, batches, epochs):
        self._check(batches, epochs)
        if self.trainer._kv_initialized:  # by an earlier fit
            self._first_ones()
        elif not any(parameter._deferred_init for parameter in self.trainer._params):
            self._start()

    def mean(self, terms, examples):
        if not self.trainer._kv_initialized:  # sizes were not known before the first batch
            self._start()
        sums = self._sum('update', [examples, self._interrupt.asked,
                                    *(value * examples for value in terms.values())])
        self._weight = examples / sums[0]
        self._interrupt.pressed = bool(sums[1])
        return {name: value / sums[0] for name, value in zip(terms, sums[2:].tolist(), strict=True)}

    def weight(self, total):
        return mxnet.np.full_like(total, self._weight)

    def wait(self):
        self._wait(mxnet.nd.waitall, SILENCE)

    def average(self):
        # means of variances: the means of batches in one order differ little between the workers
        moving = [parameter for parameter in self.trainer._params if parameter._data
                  and 'running_' in parameter.name and not getattr(parameter, 'frozen', False)]
        if not moving:
            return
        sums = self._sum('statistics', numpy.concatenate([_value(parameter).ravel() for parameter in moving]))
        _put(moving, sums / self.worker.num_workers)

    def agree(self, figures):
        if not figures:
            return figures
        own = numpy.array([float(value) for value in figures.values()])
        return dict(zip(figures, self._sum('figures', own if self.first else own * 0).tolist(), strict=True))

    def _check(self, batches, epochs):
        """Nobody may run out of batches before the others, or train another network."""
        if not hasattr(batches, '__len__'):
            raise CourseError('On several machines the batches must have a length: use batches(…, share=…).')
        shapes = [(parameter.shape, parameter.grad_req) for parameter in self.trainer._params]
        rows = numpy.zeros((self.worker.num_workers, 4))
        rows[self.worker.rank] = (len(batches), epochs, zlib.crc32(repr(shapes).encode()) % _EXACT,
                                  (getattr(batches, 'order', None) or 0) % _EXACT)
        rows = self._sum('begin', rows.ravel()).reshape(rows.shape)
        rank, own = self.worker.rank, rows[self.worker.rank]
        if len({*rows[:, 0]}) > 1:
            raise CourseError(f'Worker {rank} of {len(rows)} has {own[0]:g} batches in an epoch, others have '
                              'more or fewer, and would wait: batches(…, share=…) gives all of them equally '
                              'many.')
        if len({*rows[:, 1]}) > 1:
            raise CourseError(f'Worker {rank} of {len(rows)} was asked for {own[1]:g} epochs, others for '
                              'more or fewer.')
        if len({*rows[:, 2]}) > 1:
            raise CourseError('The workers have different networks: build the same one on each, in the same '
                              'order, and freeze the same parts.')
        if len({*rows[:, 3]}) > 1:
            raise CourseError('The workers draw their batches in different orders, and would share none: '
                              'seed_all with the same number on each before batches(…, share=…).')

    def _start(self):
        """All begin with the weights of the first worker.

        They have to arrive before the first gradients leave. MXNet does not wait: what comes back from the
        server may then be the sum of the gradients, taken for the weights, on one worker alone.

        What travels are copies: a network that was used has its weights in oneDNN's layout, and MXNet's own
        start, ``trainer._init_params()``, waits for ever on such arrays.
        """
        trainer = self.trainer
        ready = [(number, parameter, _value(parameter))
                 for number, parameter in enumerate(trainer._params) if parameter._data]

        def start():
            trainer._init_kvstore()
            copies = [mxnet.nd.array(own, dtype=own.dtype) for _, _, own in ready]
            for (number, _, _), copy in zip(ready, copies, strict=True):
                self.worker.broadcast(number, copy, copy)
            return [copy.asnumpy() for copy in copies]
        for (_, parameter, own), value in zip(ready, self._wait(start, SILENCE), strict=True):
            if not numpy.array_equal(own, value):
                parameter.set_data(mxnet.np.array(value, dtype=value.dtype))
        trainer._params_to_init = [parameter for parameter in trainer._params if not parameter._data]

    def _first_ones(self):
        """The weights of the first worker for all, where the server knows them already."""
        own = numpy.concatenate([_value(parameter).ravel() for parameter in self.trainer._params])
        _put(self.trainer._params, self._sum('weights', own if self.first else own * 0))

    def _sum(self, name, numbers):
        """The sum of a vector over all workers; the server adds float32."""
        vector = mxnet.nd.array(numpy.asarray(numbers, 'float32'))
        key = name, vector.shape
        if key not in self._keys:
            self._keys[key] = _OWN_KEYS + len(self._keys)
            self._wait(lambda: self.worker.init(self._keys[key], vector), SILENCE)

        def add():
            self.worker.pushpull(self._keys[key], vector)
            return vector.asnumpy()
        return self._wait(add, SILENCE)


def _value(parameter):
    return parameter.data(parameter.list_ctx()[0]).asnumpy()


def _put(parameters, vector):
    """Give parameters the values that stand one after the other in a vector."""
    ends = numpy.cumsum([math.prod(parameter.shape) for parameter in parameters])
    for parameter, value in zip(parameters, numpy.split(vector, ends[:-1]), strict=True):
        parameter.set_data(mxnet.np.array(value.reshape(parameter.shape), dtype=parameter.dtype))
