"""The review of a change: it reads apps, compares them, predicts the deployment, and prints."""
