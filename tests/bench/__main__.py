"""``make bench``: speed on this machine, in four minutes. Run it when the machine has nothing else to do."""
from . import ratios, threads

threads.main()
ratios.main()
