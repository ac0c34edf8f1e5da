"""Engines of ipyparallel on this machine, which end with the process that has started them."""
import contextlib
import logging
import os

from .messages import say

_STARTING = 120  # seconds for engines to start
# one piece, which keeps nothing in the engine's own names: an engine that has just started may lose those
_WATCH = """
def _watch(parent, controller):
    import os, signal, threading, time

    def end():
        try:
            while True:
                os.kill(parent, 0)
                time.sleep(1)
        except OSError:
            os.kill(controller, signal.SIGTERM)
        finally:
            os._exit(0)

    for name in ('JPY_SESSION_NAME', 'VSCODE_PID'):
        os.environ.pop(name, None)
    threading.Thread(target=end, daemon=True).start()
_watch({parent}, {controller})
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
    client[:].execute(_WATCH.format(parent=os.getpid(), controller=cluster.controller.pid), block=True)
    return client
