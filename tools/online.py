#!/usr/bin/env python3
# SPDX-License-Identifier: MIT OR Apache-2.0
"""Whether a server answers, whatever it says: online.py URL

The proxies of the environment are used, as pip uses them.
Exit code: 0 it does, 1 it does not.
"""

import http.client
import sys
import urllib.error
import urllib.parse
import urllib.request


def answers(url):
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return True  # a folder, which needs no network
    # without a user's name and password, which are not needed to be answered
    server = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    try:
        with urllib.request.urlopen(server, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True  # it refuses, and so it is there
    except urllib.error.URLError as e:
        # a certificate that Python does not know may be known to pip
        return "CERTIFICATE" in str(e.reason)
    except http.client.HTTPException:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if answers(sys.argv[1]) else 1)
