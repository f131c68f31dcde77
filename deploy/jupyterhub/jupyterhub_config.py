"""A JupyterHub for courses of autograded notebooks: JupyterHub 6, nbgrader 0.9.6.

Start it as root, from the environment that has the course's requirements:

    jupyterhub --config deploy/jupyterhub/jupyterhub_config.py

class.toml beside this file says who is in which course; start the hub anew after you changed it. Each person
is a Unix account, and what keeps them apart is the rights of files. docs/jupyterhub.md has the whole story.
"""

import os
import sys
import tomllib
from pathlib import Path

c = get_config()  # noqa: F821

HERE = Path(__file__).resolve().parent
CLASS = Path(os.environ.get("HUB_CLASS", HERE / "class.toml"))
COURSES = tomllib.loads(CLASS.read_text(encoding="utf-8"))["courses"]

# --- The hub itself. Cookies, the database and the log lie in the folder that the hub is started in.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"  # put a web server with TLS before it, or see ssl_cert
c.ConfigurableHTTPProxy.command = ["configurable-http-proxy"]  # from npm; it needs node on the PATH

# --- Who may log in. PAM asks for the password of the Unix account; a school's single sign-on takes its place
# with an authenticator of oauthenticator or ltiauthenticator. The names must be those of Unix accounts.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allowed_users = {
    name for course in COURSES for name in (*course["instructors"], *course["learners"], course["grader"])
}

# --- A server for each person, run as their Unix account in their home.
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [str(Path(sys.prefix) / "bin" / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"

# --- Courses: groups, roles, and a formgrader each.
load_subconfig("courses.py", path=str(HERE))  # noqa: F821
