"""What each principal can come to hold: by what it may do, and by what it may make of itself and of others."""
