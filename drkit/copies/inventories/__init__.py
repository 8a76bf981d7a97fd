"""Inventories of S3 and COS: proven whole before anything is concluded from them."""
