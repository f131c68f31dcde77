"""nbgrader on every server of the hub: where the exchange is, and who is in which course."""

import os

from nbgrader.auth import JupyterHubAuthPlugin

c = get_config()  # noqa: F821

c.Exchange.root = os.environ.get("NBGRADER_EXCHANGE", "/srv/nbgrader/exchange")
c.Exchange.path_includes_course = True  # a learner's folder: course/lesson/

# A submission under another's name is not collected.
c.ExchangeFactory.collect = "autograder.classroom.exchange.CollectFromOwners"

# It asks the hub, so it works only below one; a shell or a cron job has no token.
if "JUPYTERHUB_API_TOKEN" in os.environ:
    c.Authenticator.plugin_class = JupyterHubAuthPlugin

# Only a class to try without root has one Unix account for all: nothing tells owners apart.
if "NBGRADER_STUDENT" in os.environ:
    c.CourseDirectory.student_id = os.environ["NBGRADER_STUDENT"]
    c.ExchangeFactory.collect = "nbgrader.exchange.default.ExchangeCollect"
