"""Every server of the hub."""

c = get_config()  # noqa: F821

# A login shell would forget the environment's PATH, and with it autograder and nbgrader.
c.ServerApp.terminado_settings = {"shell_command": ["/bin/bash"]}
