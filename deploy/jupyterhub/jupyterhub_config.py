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
BIN = Path(sys.prefix) / "bin"
CLASS = tomllib.loads(Path(os.environ.get("HUB_CLASS", HERE / "class.toml")).read_text(encoding="utf-8"))
COURSES = CLASS["courses"]

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
c.Spawner.cmd = [str(BIN / "jupyterhub-singleuser")]
c.Spawner.default_url = "/lab"
c.Spawner.environment = {
    # The environment's programs: nbgrader calls alembic, JupyterLab's terminal finds autograder.
    "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin")]),
    "JUPYTER_CONFIG_PATH": str(HERE / "jupyter"),
    "NBGRADER_EXCHANGE": CLASS["exchange"],
}

# --- Who is in which course. nbgrader knows courses by groups of just these names.
c.JupyterHub.load_groups = {
    name: {"users": users}
    for course in COURSES
    for name, users in (
        (f"formgrade-{course['id']}", [*course["instructors"], course["grader"]]),
        (f"nbgrader-{course['id']}", [*course["instructors"], *course["learners"]]),
    )
}
c.JupyterHub.load_roles = [
    # What the token of every server may ask: who am I, in which groups, which formgraders may I open.
    {
        "name": "server",
        "scopes": [
            *("users:activity!user", "access:servers!server", "read:users:groups!user"),
            *("read:users:name!user", "list:services", "read:services", "access:services"),
        ],
    }
]

# --- One formgrader a course, shared by its instructors. It runs as the course's own account, so that no
# instructor's server has the gradebook in reach, and student code is graded with nobody's rights.
c.JupyterHub.services = []
for course in COURSES:
    service = course["id"]
    c.JupyterHub.services.append(
        {
            "name": service,
            "url": f"http://127.0.0.1:{course['port']}",
            "command": [str(BIN / "jupyterhub-singleuser")],
            "user": course["grader"],
            "cwd": course["folder"],
            "oauth_no_confirm": True,
            "environment": {
                **c.Spawner.environment,
                "JUPYTER_CONFIG_PATH": os.pathsep.join([str(HERE / "formgrader"), str(HERE / "jupyter")]),
                "JUPYTERHUB_ROOT_DIR": course["folder"],
                "JUPYTERHUB_DEFAULT_URL": "/lab?formgrader=true",
            },
        }
    )
    c.JupyterHub.load_roles += [
        {
            "name": f"formgrade-{service}",
            "groups": [f"formgrade-{service}"],
            "scopes": [
                f"access:services!service={service}",
                "list:services",
                f"read:services!service={service}",
            ],
        },
        # The formgrader adds people to its own course and to no other.
        {
            "name": f"grader-{service}",
            "services": [service],
            "scopes": [
                *("list:groups", "read:users:groups", "read:users:name"),
                f"groups!group=nbgrader-{service}",
            ],
        },
    ]
