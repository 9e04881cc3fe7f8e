"""Asks the web server of this container for a path, under the host name it serves; ends 0 when it answers 200."""

import http.client
import os
import sys
from urllib.parse import urlsplit

base = urlsplit(os.environ.get("PUBLIC_BASE_URL", "http://localhost:8000"))
connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
connection.request("GET", sys.argv[1], headers={"Host": base.netloc})
sys.exit(connection.getresponse().status != 200)
