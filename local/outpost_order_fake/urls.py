"""The addresses at which moto finds the service; botocore's model has the operations."""

from outpost_order_fake.responses import OutpostsResponse

url_bases = [r"https?://outposts\.(.+)\.amazonaws\.com"]

# Written so that moto's own server, which turns it into a Flask path, understands it too.
url_paths = {"{0}/.*$": OutpostsResponse.dispatch}
