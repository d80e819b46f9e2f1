"""The one folder that knows DynamoDB: the records of orders, and how they are written."""
