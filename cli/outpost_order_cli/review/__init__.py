"""What a change of an app buys: read, compared, predicted, and printed for a reviewer."""
