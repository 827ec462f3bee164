"""The command line: thin twins of what the library does. Nothing heavy is imported before a command needs it."""
