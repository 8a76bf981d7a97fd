"""API 3.0 on the wire: requests, signatures, parameters, answers."""
