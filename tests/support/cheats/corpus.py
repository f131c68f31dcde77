"""Every cheat, and an honest submission to hold them against."""

from tests.support.cheats.channel import CHANNEL
from tests.support.cheats.cheat import RIGHT, Cheat
from tests.support.cheats.files import FILES
from tests.support.cheats.functions import FUNCTIONS
from tests.support.cheats.kernel import KERNEL
from tests.support.cheats.notebook import NOTEBOOK
from tests.support.cheats.values import VALUES

CHEATS = [*VALUES, *FUNCTIONS, *KERNEL, *CHANNEL, *NOTEBOOK, *FILES]
HONEST = Cheat("honest", answers=RIGHT)
