"""The Littlest JupyterHub: put this into /opt/tljh/config/jupyterhub_config.d/. Not run.

TLJH brings users and servers; this adds the courses of class.toml. docs/littlest-jupyterhub.md has the steps.
"""

import os

COURSE = "/opt/course"  # holds deploy/jupyterhub of the course's repository, and nothing of its lessons

os.environ["HUB_SERVERS"] = "/opt/tljh/user"
os.environ["HUB_CLASS"] = f"{COURSE}/deploy/jupyterhub/class.toml"
load_subconfig("courses.py", path=f"{COURSE}/deploy/jupyterhub")  # noqa: F821
