"""Courses on a hub: who is in which, and one formgrader each. jupyterhub_config.py loads it.

HUB_CLASS names the class.toml, HUB_SERVERS the environment of the servers (the hub's own, where not set).
"""

import os
import sys
import tomllib
from pathlib import Path

c = get_config()  # noqa: F821

HERE = Path(__file__).resolve().parent
BIN = Path(os.environ.get("HUB_SERVERS", sys.prefix)) / "bin"
CLASS = tomllib.loads(Path(os.environ.get("HUB_CLASS", HERE / "class.toml")).read_text(encoding="utf-8"))
COURSES = CLASS["courses"]

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
roles = [
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
services = []
for course in COURSES:
    service = course["id"]
    services.append(
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
    roles += [
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

# Added to what the hub has of its own.
c.JupyterHub.load_roles.extend(roles)
c.JupyterHub.services.extend(services)
