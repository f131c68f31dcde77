"""Every cheat, and an honest submission to hold them against."""

from .channel import CHANNEL
from .cheat import RIGHT, Cheat
from .files import FILES
from .functions import FUNCTIONS
from .kernel import KERNEL
from .notebook import NOTEBOOK
from .values import VALUES

CHEATS = [*VALUES, *FUNCTIONS, *KERNEL, *CHANNEL, *NOTEBOOK, *FILES]
HONEST = Cheat("honest", answers=RIGHT)
