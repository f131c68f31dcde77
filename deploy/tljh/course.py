"""The Littlest JupyterHub: /opt/tljh/config/jupyterhub_config.d/course.py. Not run, see docs/littlest-jupyterhub.md.

TLJH brings users and servers; this adds courses, as jupyterhub_config.py beside it does: groups, roles, and one
formgrader each. TLJH calls a person's Unix account jupyter-NAME.
"""

import os
import tomllib
from pathlib import Path

c = get_config()  # noqa: F821

USER_BIN = "/opt/tljh/user/bin"
DEPLOY = Path("/opt/course/deploy/jupyterhub")
CLASS = tomllib.loads((DEPLOY / "class.toml").read_text(encoding="utf-8"))

c.Spawner.environment = {
    "JUPYTER_CONFIG_PATH": str(DEPLOY / "jupyter"),
    "NBGRADER_EXCHANGE": CLASS["exchange"],
}
c.JupyterHub.load_groups = {}
c.JupyterHub.load_roles = [
    {
        "name": "server",
        "scopes": [
            *("users:activity!user", "access:servers!server", "read:users:groups!user"),
            *("read:users:name!user", "list:services", "read:services", "access:services"),
        ],
    }
]
for course in CLASS["courses"]:
    name = course["id"]
    c.JupyterHub.load_groups[f"formgrade-{name}"] = {"users": [*course["instructors"], course["grader"]]}
    c.JupyterHub.load_groups[f"nbgrader-{name}"] = {"users": [*course["instructors"], *course["learners"]]}
    c.JupyterHub.load_roles += [
        {
            "name": f"formgrade-{name}",
            "groups": [f"formgrade-{name}"],
            "scopes": [f"access:services!service={name}", "list:services", f"read:services!service={name}"],
        },
        {
            "name": f"grader-{name}",
            "services": [name],
            "scopes": [
                "list:groups",
                "read:users:groups",
                "read:users:name",
                f"groups!group=nbgrader-{name}",
            ],
        },
    ]
    c.JupyterHub.services.append(
        {
            "name": name,
            "url": f"http://127.0.0.1:{course['port']}",
            "command": [f"{USER_BIN}/jupyterhub-singleuser"],
            "user": course["grader"],
            "cwd": course["folder"],
            "oauth_no_confirm": True,
            "environment": {
                **c.Spawner.environment,
                "PATH": f"{USER_BIN}:/usr/local/bin:/usr/bin:/bin",
                "JUPYTER_CONFIG_PATH": os.pathsep.join([str(DEPLOY / "formgrader"), str(DEPLOY / "jupyter")]),
                "JUPYTERHUB_ROOT_DIR": course["folder"],
                "JUPYTERHUB_DEFAULT_URL": "/lab?formgrader=true",
            },
        }
    )
