"""One training on several machines, by MXNet's parameter server: `serve`, `join`, `leave`.

Each process that trains is a worker. In every update a worker sends its gradients to the server, which adds
them up, and gets the sum back; then every worker makes the same step with its own optimiser. What crosses the
network is neither encrypted nor checked: this is for networks that you trust.

Every wait has an end, see `waiting`; what the workers say to each other in training is in `worker_teams`.
"""
import atexit
import contextlib
import ctypes
import ipaddress
import os
import socket
import subprocess
import sys

import numpy
from mxnet.base import _LIB, c_str, check_call
from mxnet.kvstore import KVStore
from mxnet.kvstore.base import KVStoreHandle, set_kvstore_handle

from . import process  # noqa: F401 - np semantics
from .environment import inherited, settings
from .errors import CourseError
from .local_engines import engines  # noqa: F401 - lessons ask for machines.engines
from .waiting import SILENCE, Waiting
from .worker_teams import Team

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


# ---- the workers -------------------------------------------------------------------------------------------

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
    waiting, handle = Waiting(), KVStoreHandle()
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
    worker.waiting(lambda: check_call(_LIB.MXKVStoreFree(handle)), SILENCE)
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
