"""Runs of a study on the engines of a cluster: ipyparallel starts them on this machine or on others.

Only what leads to ipyparallel stands here; without a cluster it is never loaded.
"""
import os
import queue
import threading

from . import provenance
from .errors import CourseError

_LOOK = 1  # seconds between two looks at the engines
_LOOKS = 5  # without engine and without result, until nothing more is waited for


def told(each, function, *sequences):
    """What ``each(function, *sequences)`` yields. What an engine says in a sentence is a sentence here too.

    Parameters
    ----------
    each : callable
        `map`, or the ``imap`` of a view of ipyparallel.
    function : callable
    *sequences : list

    Yields
    ------
    object

    Raises
    ------
    CourseError, KeyboardInterrupt
        Where the run raised it. CourseError also if no engine is left.
    """
    client = getattr(getattr(each, '__self__', None), 'client', None)  # a view of ipyparallel has one
    try:
        results = each(function, *sequences)
        yield from _while_there_are(client, results) if client else results
    except Exception as error:
        name = getattr(error, 'ename', None)  # ipyparallel's RemoteError has one
        if name == 'CourseError':
            raise CourseError(error.evalue) from None
        if name == 'KeyboardInterrupt':
            raise KeyboardInterrupt from None
        if name == 'EngineError':
            raise CourseError(f'{error.evalue}: the runs that came back before are kept, where a record is '
                              'made. With view.retries = 1 another engine takes its run.') from None
        raise


def _while_there_are(client, results):
    """Results as long as there are engines: ipyparallel keeps the runs for those that may come, and would
    wait for ever.
    """
    came = queue.SimpleQueue()

    def wait():
        try:
            for result in results:
                came.put((result, None))
            came.put((None, StopIteration))
        except Exception as error:
            came.put((None, error))

    threading.Thread(target=wait, daemon=True).start()
    alone = 0
    while alone < _LOOKS:
        try:
            result, error = came.get(timeout=_LOOK)
        except queue.Empty:
            alone = 0 if client.ids else alone + 1
            continue
        if error is StopIteration:
            return
        if error is not None:
            raise error
        yield result
    raise CourseError('The last engine of the cluster has died. The runs that came back before are kept, '
                      'where a record is made: start engines, and the same call goes on.')


def each_of(run):
    """How the runs of a record are computed where D2LHELPERS_CLUSTER names a cluster of ipyparallel.

    Its engines are given what `run` needs of the notebook, and none of them has to see this disk.

    Parameters
    ----------
    run : callable
        Defined in a notebook.

    Returns
    -------
    callable or None
        Like `map`; None without a cluster.

    Raises
    ------
    CourseError
        If there is no such cluster, or it has no engines.
    """
    cluster = os.environ.get('D2LHELPERS_CLUSTER')
    if not cluster:
        return None
    import ipyparallel

    try:
        client = ipyparallel.Client(cluster_id=cluster, timeout=30)
    except (OSError, TimeoutError, ValueError) as error:
        raise CourseError(f'D2LHELPERS_CLUSTER is {cluster!r}, but there is no such cluster ('
                          f'{str(error).splitlines()[0]}): '
                          'ipcluster list shows those that run.') from None
    if not client.ids:
        raise CourseError(f'The cluster {cluster!r} has no engines yet: wait for them, or start some.')
    profile = os.environ.get('D2LHELPERS_PROFILE', '')
    client[:].execute(f'import os; os.environ["D2LHELPERS_PROFILE"] = {profile!r}', block=True)
    client[:].execute(provenance.notebook_source(run), block=True)
    view = client.load_balanced_view()
    view.retries = len(client.ids)  # an engine that dies gives its run to another
    return view.imap
