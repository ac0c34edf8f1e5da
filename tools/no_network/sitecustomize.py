"""No network but loopback, for the kernels that `make notebooks` and `make test` start.

Python imports a module of this name when it starts; the folder is on those kernels' PYTHONPATH only. What
goes past Python's sockets (a C library, a program that is called) meets the proxy variables, which name port
9 of this machine, where nobody listens.
"""
import functools
import ipaddress
import socket

PROXY_PORT = 9


class NoNetwork(RuntimeError):
    """Not an OSError: code that takes an OSError for "try the next server" or "use what is there" must not
    hide an attempt to fetch.
    """


def check(host, port=None):
    """Raise NoNetwork unless ``host`` is this machine, by the name ``localhost`` or by number; the closed
    proxy's port is a way out too.
    """
    host = host.decode() if isinstance(host, bytes) else host
    try:
        inside = host in (None, '', 'localhost') or ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        inside = False
    if not inside or port == PROXY_PORT:
        where = host if port is None else f'{host} port {port}'
        raise NoNetwork(f'this notebook tried to reach {where}, but nothing may be fetched in the embedded '
                        'profile: '
                        'notebooks are executed and tested with the network off.')


def _method(name, position):
    real = getattr(socket.socket, name)

    @functools.wraps(real)
    def guarded(self, *args):
        # sendmsg without an address goes where connect went
        if self.family in (socket.AF_INET, socket.AF_INET6) and len(args) > position:
            check(*args[position][:2])
        return real(self, *args)
    setattr(socket.socket, name, guarded)


def _function(name):
    real = getattr(socket, name)

    @functools.wraps(real)
    def guarded(host, *args, **kwargs):
        check(host, *args[:1])
        return real(host, *args, **kwargs)
    setattr(socket, name, guarded)


for name, position in (('connect', 0), ('connect_ex', 0), ('sendto', -1), ('sendmsg', 3)):
    _method(name, position)
for name in ('getaddrinfo', 'gethostbyname', 'gethostbyname_ex', 'gethostbyaddr'):
    _function(name)
