"""Engines that something else than this process starts: a study and a training, against the same here.

``make ssh-engines`` and ``make slurm-engines`` use it.
"""
import os
import shutil
import socket
import time
from pathlib import Path

from d2lhelpers import CourseError, machines, study

_STARTING = 180  # seconds


def found(*programs, package):
    """Where programs are. Those of Debian's packages for servers are not always on PATH.

    Raises
    ------
    CourseError
        If one is missing.
    """
    path = os.pathsep.join([os.environ.get('PATH', ''), '/usr/sbin', '/sbin'])
    places = [shutil.which(program, path=path) for program in programs]
    if missing := [program for program, at in zip(programs, places, strict=True) if not at]:
        raise CourseError(f'This needs {", ".join(missing)} (Debian: apt-get install {package}).')
    return places


def free_port():
    """A port of 127.0.0.1 that nobody uses."""
    with socket.socket() as trial:
        trial.bind(('127.0.0.1', 0))
        return trial.getsockname()[1]


def wait_for(condition, what, log=None, seconds=30):
    """Wait until a condition holds.

    Raises
    ------
    CourseError
        If it does not come; with the end of the log.
    """
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            said = Path(log).read_text(errors='replace')[-1500:] if log and Path(log).exists() else ''
            raise CourseError(f'{what} within {seconds} s. {said}'.strip())
        time.sleep(.2)


def check(cluster, n, sign):
    """Start the engines of a cluster, let them compute, compare, stop them; print how it went.

    Parameters
    ----------
    cluster : ipyparallel.Cluster
    n : int
        How many engines it starts.
    sign : str
        An environment variable that only engines have which were started as they should be.

    Raises
    ------
    CourseError
        If they were not, if something came out otherwise than here, or an engine is left.
    """
    from . import far_work

    began, places = time.monotonic(), []
    try:
        cluster.start_cluster_sync()
        client = cluster.connect_client_sync()
        client.wait_for_engines(n, timeout=_STARTING, interactive=False)
        print(f'{n} engines after {time.monotonic() - began:.0f} s')
        client[:].execute(Path(far_work.__file__).read_text(), block=True)
        places = client[:].apply_sync(_interactive(far_work.place))
        for each in places:
            print('  ', each)
        if not all(sign in each for each in places):
            raise CourseError(f'There are engines without {sign}: something else has started them.')
        _same_study(client, far_work)
        _same_training(client, far_work, n)
    finally:
        cluster.stop_cluster_sync()
    wait_for(lambda: not any(alive(each['process']) for each in places), 'The engines did not end')
    print(f'All engines have ended. {time.monotonic() - began:.0f} s in all.')


def _interactive(function):
    """The function as engines know it, who were given the text."""
    import ipyparallel

    return ipyparallel.interactive(function)


def _same_study(client, work):
    times, tables = [], []
    for each in (map, client.load_balanced_view().imap):
        began = time.monotonic()
        run = work.run if each is map else _interactive(work.run)
        tables.append(study(run, work.ARMS, work.GRID, work.SEEDS, record='far', data=work.data, live=True,
                            each=each))
        times.append(time.monotonic() - began)
    print(tables[1])
    rows = [table.rows.drop(columns='seconds') for table in tables]
    if not (len(rows[0]) and rows[0].equals(rows[1]) and tables[0].history.equals(tables[1].history)):
        raise CourseError(f'The rows of the engines are others:\n{rows[0]}\n{rows[1]}')
    print(f'study: {len(rows[0])} runs, rows and histories the same bit for bit; '
          f'{times[0]:.0f} s here, {times[1]:.0f} s on the engines')


def _same_training(client, work, n):
    server = machines.serve(workers=n)
    try:
        answers = client[:].apply(_interactive(work.work), server.environment).get(300)
        wait_for(lambda: not server.running, 'The parameter server did not end')
    finally:
        server.stop()
    (_, first), *others = sorted(answers, key=lambda answer: answer[0])
    _, alone = work.work(None)
    apart = float(abs(first - alone).max())
    between = max(float(abs(first - other).max()) for _, other in others)
    print(f'training: the weights of {n} workers and of one process differ by {apart:.1e}, '
          f'those of the workers by {between:g}')
    if not (apart < 1e-5 and between == 0):
        raise CourseError('The workers have trained another network.')


def alive(pid):
    """Is there such a process, and has it not ended?"""
    try:
        os.kill(pid, 0)
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False
