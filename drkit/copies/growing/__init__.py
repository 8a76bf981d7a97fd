"""What a copy was each night, chained, so that whatever left it is found."""
