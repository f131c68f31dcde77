"""The promises of a lesson, each checked by `autograder verify`."""
