"""Every server of the hub."""

c = get_config()  # noqa: F821

# nbgrader shows the formgrader in a frame of the same server, which JupyterHub forbids unless told: without
# this line the panel stays blank.
c.ServerApp.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'self'"}}

# A login shell would forget the environment's PATH, and with it autograder and nbgrader.
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}
