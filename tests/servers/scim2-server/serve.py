"""scim2-server on 127.0.0.1:$PORT, in memory. The token goes in by the environment, not by argv."""

import os
import sys

from scim2_server.testserver.cli import main

sys.argv = ["scim2-server", "--port", os.environ["PORT"], "--bearer-token", os.environ["TOKEN"]]
main()
