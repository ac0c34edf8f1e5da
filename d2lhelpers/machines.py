"""One training on several machines, by MXNet's parameter server: `serve`, `join`, `leave`.

Each process that trains is a worker. In every update a worker sends its gradients to the server, which adds
them up, and gets the sum back; then every worker makes the same step with its own optimiser. What crosses the
network is neither encrypted nor checked: this is for networks that you trust.

MXNet waits for ever for a worker that has stopped, in C, deaf to the stop button. So every wait is in a
thread of its own here, for D2LHELPERS_PATIENCE seconds (60 where it is not set), and a worker that has
waited in vain says so.
"""
import atexit
import contextlib
import ctypes
import ipaddress
import logging
import os
import queue
import socket
import subprocess
import sys
import threading
import zlib

import mxnet
import numpy
from mxnet.base import _LIB, c_str, check_call
from mxnet.kvstore import KVStore
from mxnet.kvstore.base import KVStoreHandle, set_kvstore_handle

from . import process  # noqa: F401 - np semantics
from .environment import inherited, settings
from .errors import CourseError
from .interrupts import Interrupt
from .messages import say
from .progress import bar

_STARTING = 120  # seconds for engines to start
_EXACT = 2 ** 24  # whole numbers below are exact in float32
_OWN_KEYS = 1_000_000  # a trainer's parameters have the keys 0, 1, 2, ...
_worker = None  # of this process: MXNet can have one at a time
_servers = []  # that this process has started


# ---- the server --------------------------------------------------------------------------------------------

class Server:
    """A scheduler and the servers of one training, as processes of this machine.

    Attributes
    ----------
    environment : dict of str to str
        What a worker has to know to `join`.
    """

    def __init__(self, environment, processes):
        self.environment, self._processes = environment, processes
        _servers.append(self)

    @property
    def running(self):
        """bool: Is one of the processes still there? They end by themselves when all workers have left."""
        return any(each.poll() is None for each in self._processes)

    def stop(self):
        """End them, whatever the workers do."""
        for each in self._processes:
            each.kill()
            each.wait()


def serve(workers, *, address='127.0.0.1', port=None, servers=1):
    """Start the parameter server for one training.

    Parameters
    ----------
    workers : int
        How many will `join`; the training begins when all have.
    address : str
        Of this machine, as the workers reach it. The default is for workers on this machine alone. Any other
        opens a port to everybody who reaches that address: for networks that you trust.
    port : int, optional
        Of the scheduler. By default one that is free. (The servers take any.)
    servers : int
        Several share the numbers, and so the traffic.

    Returns
    -------
    Server
        Its ``environment`` is for `join`.

    Raises
    ------
    CourseError
        If a number is not a positive whole one, or the address or port is not to be had.
    """
    for name, number in (('workers', workers), ('servers', servers)):
        if isinstance(number, bool) or not isinstance(number, int | numpy.integer) or number < 1:
            raise CourseError(f'serve was asked for {name}={number!r}: give a whole number, at least one.')
    try:
        with socket.socket() as trial:
            trial.bind((address, port or 0))
            port = trial.getsockname()[1]
    except (OSError, OverflowError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise CourseError(f'No server can listen on {address}, port {port or "any"} ({reason}): name an '
                          'address of this machine, and a port that is free.') from None
    environment = {'DMLC_PS_ROOT_URI': address, 'DMLC_PS_ROOT_PORT': str(port),
                   'DMLC_NUM_WORKER': str(workers), 'DMLC_NUM_SERVER': str(servers)}
    own = {**inherited(), **environment, 'DMLC_NODE_HOST': address, 'OMP_NUM_THREADS': '1',
           'D2LHELPERS_PARENT': str(os.getpid())}
    command = [sys.executable, '-m', 'd2lhelpers.parameter_server']
    roles = ['scheduler', *['server'] * servers]
    return Server(environment, [subprocess.Popen(
        command, env={**own, 'DMLC_ROLE': role}, cwd=settings.root, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) for role in roles])


# ---- waiting -----------------------------------------------------------------------------------------------

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


class _Waiting(threading.Thread):
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


# ---- the workers -------------------------------------------------------------------------------------------

_SILENCE = ('The other workers have not answered for {seconds} s: one has ended, or does something else. '
            'This process cannot join again: restart it (of a cluster: its engines), and start another '
            'server.')


class Worker(KVStore):
    """MXNet's kvstore of one worker: for ``gluon.Trainer(…, kvstore=worker, update_on_kvstore=False)``.

    Attributes
    ----------
    rank, num_workers : int
        Which worker this is, from 0, and how many there are.
    """

    def __init__(self, handle, waiting):
        super().__init__(handle)
        self.waiting, self._team = waiting, None

    @property
    def handle(self):
        if self._handle is None:
            raise CourseError('This worker has left its training: join(…) a new one, with a new server.')
        return self._handle

    @handle.setter
    def handle(self, handle):
        self._handle = handle

    def __del__(self):
        """`leave` frees it, for that waits for the other workers."""

    def team(self, trainer):
        """All workers, for `fit`; see `teams.team_of`."""
        if self._team is None:
            self._team = Team(self, trainer)
        if self._team.trainer is not trainer:
            raise CourseError('This worker has a trainer already, whose parameters the server knows: '
                              'leave(…), and join(…) a new server for another.')
        return self._team


def join(job, address=None):
    """Become a worker of a training that several machines share.

    Parameters
    ----------
    job : dict of str to str, or None
        The ``environment`` of `serve`. None: this process trains alone.
    address : str, optional
        Of this machine, as the others reach it; by default MXNet finds one, and this very machine where the
        server listens there alone.

    Returns
    -------
    Worker or None
        For ``gluon.Trainer(…, kvstore=…, update_on_kvstore=False)`` and ``batches(…, share=…)``.

    Raises
    ------
    CourseError
        If this process is a worker already, or the others do not come.
    """
    global _worker
    if job is None:
        return None
    if _worker is not None:
        raise CourseError('This process is a worker already, and MXNet can be one at a time: leave(…) first. '
                          'Where that fails, restart it (of a cluster: its engines).')
    missing = sorted({'DMLC_PS_ROOT_URI', 'DMLC_PS_ROOT_PORT', 'DMLC_NUM_WORKER', 'DMLC_NUM_SERVER'} - {*job})
    if missing:
        raise CourseError(f'join needs the environment of serve(…), but {", ".join(missing)} is missing.')
    root = job['DMLC_PS_ROOT_URI']
    if address is None and _loopback(root):
        address = root
    os.environ.pop('DMLC_NODE_HOST', None)
    os.environ.update(job, DMLC_ROLE='worker', **({'DMLC_NODE_HOST': address} if address else {}))
    waiting, handle = _Waiting(), KVStoreHandle()
    _worker = waiting  # whatever happens: from now on MXNet knows
    waiting(lambda: check_call(_LIB.MXKVStoreCreate(c_str('dist_sync'), ctypes.byref(handle))),
            'No training began within {seconds} s: scheduler, server and all '
            f'{job["DMLC_NUM_WORKER"]} workers must be started, all with the address {root} and the port '
            f'{job["DMLC_PS_ROOT_PORT"]}. This process cannot join again: restart it (of a cluster: its '
            'engines).')
    set_kvstore_handle(handle)
    _worker = Worker(handle, waiting)
    return _worker


def _loopback(address):
    try:
        return address == 'localhost' or ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def leave(worker):
    """End the training: when all workers have left, scheduler and servers end too.

    Parameters
    ----------
    worker : Worker or None
        None, who trained alone, has nothing to leave.
    """
    global _worker
    if worker is None:
        return
    handle = worker.handle
    worker.waiting(lambda: check_call(_LIB.MXKVStoreFree(handle)), _SILENCE)
    worker.handle = _worker = None


@atexit.register
def _at_exit():
    """MXNet would abort, or wait for ever for those who have ended."""
    if isinstance(_worker, Worker):
        with contextlib.suppress(CourseError, KeyboardInterrupt):
            leave(_worker)
    for server in _servers:
        server.stop()
    if _worker is not None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)


# ---- engines on this machine -------------------------------------------------------------------------------

_WATCH = """
import os, signal, threading, time
for _name in ('JPY_SESSION_NAME', 'VSCODE_PID'):
    os.environ.pop(_name, None)
def _end_with(parent, controller):
    try:
        while True:
            os.kill(parent, 0)
            time.sleep(1)
    except OSError:
        os.kill(controller, signal.SIGTERM)
    finally:
        os._exit(0)
"""


def engines(n):
    """Start ipyparallel's engines on this machine, each a Python of its own; they end with this process.

    Only this machine can reach them. For others see ipyparallel's launchers for SSH and batch systems.

    Parameters
    ----------
    n : int

    Returns
    -------
    ipyparallel.Client or None
        None where processes or ports cannot be had, and then it says so.
    """
    import ipyparallel

    here = {'controller_ip': '127.0.0.1', 'controller_location': '127.0.0.1'}
    cluster = ipyparallel.Cluster(n=n, log_level=logging.ERROR, **here)
    try:
        cluster.start_cluster_sync()
        client = cluster.connect_client_sync()
        client.wait_for_engines(n, timeout=_STARTING, interactive=False)
    except Exception as error:  # whatever forbids it
        with contextlib.suppress(Exception):
            cluster.stop_cluster_sync()
        say(f'No engines can be started here ({type(error).__name__}: {error}), so the cells that need them '
            'are skipped.')
        return None
    # nobody watches their output, and a kernel that is killed stops nothing
    client[:].execute(_WATCH, block=True)
    client[:].execute(f'threading.Thread(target=_end_with, args=({os.getpid()}, {cluster.controller.pid}), '
                      'daemon=True).start()', block=True)
    return client


# ---- in training -------------------------------------------------------------------------------------------

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
        if not any(parameter._deferred_init for parameter in self.trainer._params):
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
        self._wait(mxnet.nd.waitall, _SILENCE)

    def average(self):
        # means of variances: the means of batches in one order differ little between the workers
        moving = [parameter for parameter in self.trainer._params if parameter._data
                  and 'running_' in parameter.name and not getattr(parameter, 'frozen', False)]
        if not moving:
            return
        values = [parameter.data(parameter.list_ctx()[0]).asnumpy() for parameter in moving]
        sums = self._sum('statistics', numpy.concatenate([value.ravel() for value in values]))
        ends = numpy.cumsum([value.size for value in values])
        for parameter, value, mean in zip(moving, values, numpy.split(sums / self.worker.num_workers, ends),
                                          strict=False):
            parameter.set_data(mxnet.np.array(mean.reshape(value.shape), dtype=value.dtype))

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
        ready = [(number, parameter, parameter.data(parameter.list_ctx()[0]).asnumpy())
                 for number, parameter in enumerate(trainer._params) if parameter._data]

        def start():
            trainer._init_kvstore()
            copies = [mxnet.nd.array(own, dtype=own.dtype) for _, _, own in ready]
            for (number, _, _), copy in zip(ready, copies, strict=True):
                self.worker.broadcast(number, copy, copy)
            return [copy.asnumpy() for copy in copies]
        for (_, parameter, own), value in zip(ready, self._wait(start, _SILENCE), strict=True):
            if not numpy.array_equal(own, value):
                parameter.set_data(mxnet.np.array(value, dtype=value.dtype))
        trainer._params_to_init = [parameter for parameter in trainer._params if not parameter._data]

    def _sum(self, name, numbers):
        """The sum of a vector over all workers; the server adds float32."""
        vector = mxnet.nd.array(numpy.asarray(numbers, 'float32'))
        key = name, vector.shape
        if key not in self._keys:
            self._keys[key] = _OWN_KEYS + len(self._keys)
            self._wait(lambda: self.worker.init(self._keys[key], vector), _SILENCE)

        def add():
            self.worker.pushpull(self._keys[key], vector)
            return vector.asnumpy()
        return self._wait(add, _SILENCE)
