"""An AWS on this machine, and the engine that deploys a synthesized app into it."""
