"""One module a sender system, each with a `SYSTEM`: `parsers.senders` finds them by walking this package."""
