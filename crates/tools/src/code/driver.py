"""Runs blocks of code one after the other, in one module that keeps its variables, and tells the host of each."""


def drive(replies, recursion, longest_value):
    import ast
    import builtins
    import io
    import json
    import linecache
    import os
    import sys
    import threading
    import traceback
    import types

    requests = io.open(os.dup(0), "rb")
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.close(null)
    sys.setrecursionlimit(recursion)

    encode = json.JSONEncoder(allow_nan=False, default=str).encode
    decode = json.JSONDecoder().decode
    write, exc_info = os.write, sys.exc_info
    turn = threading.Lock()
    running = False

    def send(message):
        rest = memoryview((encode(message) + "\n").encode("utf-8", "replace"))
        while rest:
            rest = rest[write(replies, rest):]

    def receive():
        line = requests.readline()
        return decode(line.decode()) if line else None

    def host_function(name):
        def call(*args, **kwargs):
            with turn:
                if not running:
                    raise RuntimeError(f"{name} can only be called while the code that was asked for runs")
                send({"call": {"name": name, "args": args, "kwargs": kwargs}})
                answer = receive()
            if "failed" in answer:
                raise RuntimeError(answer["failed"]["reason"])
            return answer["given"]["value"]

        call.__name__ = call.__qualname__ = name
        return call

    def complain(text):
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            pass
        rest = text.encode("utf-8", "backslashreplace")
        while rest:
            rest = rest[write(2, rest):]

    def run(code, name):
        """Gives the exit status and the value of the last expression."""
        linecache.cache[name] = (len(code), None, code.splitlines(True), name)
        tree = compile(code, name, "exec", ast.PyCF_ONLY_AST, True)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, name, "exec", 0, True), module.__dict__)
        value = eval(compile(last, name, "eval", 0, True), module.__dict__) if last else None
        return 0, None if value is None else repr(value)[:longest_value]

    def attempt(code, name):
        """Gives the exit status, the value and the limit that was reached."""
        try:
            return (*run(code, name), None)
        except SystemExit as stop:
            if stop.code is None or isinstance(stop.code, int):
                return (stop.code or 0) & 0xFF, None, None
            complain(f"{stop.code}\n")
            return 1, None, None
        except MemoryError:
            return 1, None, "memory"
        except BaseException:
            kind, error, trace = exc_info()
            while trace and trace.tb_frame.f_code.co_filename == "<string>":
                trace = trace.tb_next
            complain("".join(traceback.format_exception(kind, error, trace)))
            return 1, None, None

    module = types.ModuleType("__main__")
    module.__builtins__ = builtins
    sys.modules["__main__"] = module
    sys.argv = [""]
    blocks = 0
    send({"ready": {}})
    while (asked := receive()) is not None:
        asked = asked["run"]
        for name in asked["functions"]:
            module.__dict__[name] = host_function(name)
        blocks += 1
        running = True
        try:
            exit_status, value, exceeded = attempt(asked["code"], f"<code {blocks}>")
        except MemoryError:
            exit_status, value, exceeded = 1, None, "memory"
        except BaseException as error:
            exit_status, value, exceeded = 1, None, None
            complain(f"{type(error).__name__} while the exception was shown\n")
        running = False
        if exceeded == "memory":
            complain("MemoryError\n")
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            pass
        send({"done": {"exit": exit_status, "value": value, "exceeded": exceeded}})


import sys

drive(*map(int, sys.argv[1:]))
