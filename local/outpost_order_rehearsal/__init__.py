"""An AWS on this machine that an app is deployed into, without a way to the real AWS."""
