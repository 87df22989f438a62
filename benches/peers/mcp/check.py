"""Checks what our client got from the server."""

import sys

said = sys.stdin.read()
print(said)
for expected in ["add: Adds two numbers.", "Ok in", "42", "The Orsa drives Karlin mill.", "no such mill", "InvalidArguments"]:
    assert expected in said, f"{expected!r} is missing"
print("all calls went as they should")
