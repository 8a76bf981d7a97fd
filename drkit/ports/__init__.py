"""What a promise needs of a cloud: small Protocols, and the facts that go with them."""
