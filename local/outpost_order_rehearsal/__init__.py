"""An AWS on this machine, which nothing leaves, and the engine that deploys an app into it."""
