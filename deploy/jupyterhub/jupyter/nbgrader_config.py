"""nbgrader on every server of the hub: where the exchange is, and who is in which course."""

import os

from nbgrader.auth import JupyterHubAuthPlugin

c = get_config()  # noqa: F821

c.Exchange.root = os.environ.get("NBGRADER_EXCHANGE", "/srv/nbgrader/exchange")
c.Exchange.path_includes_course = True  # a learner's folder: course/lesson/

# No link is followed, and a submission under another's name is not collected. Where all learners are one
# account (containers; a class to try without root), nothing tells owners apart.
one_account = "NBGRADER_ONE_ACCOUNT" in os.environ
c.ExchangeFactory.collect = (
    f"autograder.hub.nbgrader_exchange.{'CollectPlainFiles' if one_account else 'CollectFromOwners'}"
)

# It asks the hub, so it works only below one; a shell or a cron job has no token.
if "JUPYTERHUB_API_TOKEN" in os.environ:
    c.Authenticator.plugin_class = JupyterHubAuthPlugin

# Who a learner is, where the account does not say it.
if "NBGRADER_STUDENT" in os.environ:
    c.CourseDirectory.student_id = os.environ["NBGRADER_STUDENT"]
