"""What `autograder hub` changes in jupyterhub_config.py, so that a class can be tried on one's own machine.

Ports that are free, one password that lasts until the hub ends, everything in one folder. Not for a class.
"""

import os
import secrets
from pathlib import Path

c = get_config()  # noqa: F821
load_subconfig("jupyterhub_config.py", path=str(Path(__file__).resolve().parent))  # noqa: F821

PORTS = [int(port) for port in os.environ["HUB_PORTS"].split()]
c.JupyterHub.bind_url, c.JupyterHub.hub_bind_url, c.ConfigurableHTTPProxy.api_url = (
    f"http://127.0.0.1:{port}" for port in PORTS
)
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["HUB_PASSWORD"]

if os.geteuid() != 0:
    # Without root everybody is the one who started the hub; the names are told apart by these alone.
    homes = Path(os.environ["HUB_CLASS"]).parent / "home"
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = f"{homes}/{{username}}"
    c.Spawner.environment["NBGRADER_ONE_ACCOUNT"] = "1"
    c.Spawner.environment["NBGRADER_STUDENT"] = lambda spawner: spawner.user.name
    c.JupyterHub.services = c.JupyterHub.services.get_value([])
    for service in c.JupyterHub.services:
        name = service.pop("user")
        service["environment"] |= {
            "NBGRADER_ONE_ACCOUNT": "1",
            "JUPYTERHUB_USER": name,
            "HOME": str(homes / name),
        }

# The proxy of a hub that was ended by force would otherwise keep its old secret.
c.ConfigurableHTTPProxy.auth_token = secrets.token_hex(32)
