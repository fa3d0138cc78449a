"""The stores there are."""
