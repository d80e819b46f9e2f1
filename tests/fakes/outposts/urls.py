"""Where moto finds the service; the operation is read from botocore's model, not from here."""

from tests.fakes.outposts.responses import OutpostsResponse

url_bases = [r"https?://outposts\.(.+)\.amazonaws\.com"]

# Written so that moto's own server, which turns it into a Flask path, understands it too.
url_paths = {"{0}/.*$": OutpostsResponse.dispatch}
