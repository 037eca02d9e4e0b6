"""What the servers in Python have in common: their options, the words of the CLI, and a death when it is wanted."""

import json
import os
import shutil
import signal
import sys
import threading
import time

OPTIONS = json.loads(sys.argv[1])
PROMPT = ("ice01 (primary)\n" if OPTIONS["twoLinePrompt"] else "") + "admin@InCenter:/> "
MORE = "--More--"
PAGE = 20
ROWS = [f"row {number:02} of 60: value-{number * 7}" for number in range(1, 61)]
ANSWERS = {
    "": "",
    "about": "InCenter 4.00.01, built with somebody else's SSH library\n",
    "log -status": "system on\naudit on\n",
}


def announce(port):
    """Tells who started us where we listen, and ends with them."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    print(json.dumps({"port": port}), flush=True)


def log(text):
    print(text, file=sys.stderr, flush=True)


def is_right(user, password):
    log(f"login of {user}: {'right' if password == OPTIONS['password'] else 'empty' if password == '' else 'wrong'}")
    return user == OPTIONS["user"] and password == OPTIONS["password"]


class Death:
    """After so many bytes of files nothing is answered any more, and then the process is gone."""

    left = OPTIONS["dieAfterBytes"]

    @classmethod
    def allows(cls, content):
        """How much of what was read is still handed out; None where the answer never comes."""
        if cls.left is None:
            return content
        if cls.left == 0:
            return None
        content = content[: cls.left]
        cls.left -= len(content)
        if cls.left == 0:
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return content


def answer(command):
    return ANSWERS.get(command, f"Unknown command: {command}\n")


class Dialogue:
    """The CLI behind the line editor of a library: lines and keys go in, text comes out of `write`."""

    def __init__(self, write, later):
        self.write = write
        self.later = later
        self.rest = []

    def say(self, text):
        self.write(text.replace("\n", "\r\n"))

    def greet(self):
        self.say("Welcome to InCenter\n\n" + PROMPT)

    @property
    def wants_keys(self):
        return bool(self.rest) and OPTIONS["pager"] == "key"

    def enter(self, line):
        """Takes a line; says whether the session goes on."""
        command = line.strip()
        if self.rest:
            self.turn(PAGE, quits=command.lower() == "q")
        elif command == "show":
            self.rest = ROWS
            self.turn(PAGE)
        elif command == "techsupport":
            self.say("Collecting and storing Technical Support Information...\n")
            self.later(OPTIONS["techsupportSeconds"], self.techsupport)
        else:
            self.say(answer(command) + PROMPT)
        return command != "exit"

    def press(self, key):
        """Takes one key while the pager wants one: space, Enter or q."""
        if key in " \rqQ":
            self.write("\r" + " " * len(MORE) + "\r")
            self.turn(PAGE if key == " " else 1, quits=key in "qQ")

    def turn(self, count, quits=False):
        page, self.rest = ([], []) if quits else (self.rest[:count], self.rest[count:])
        self.say("".join(f"{row}\n" for row in page) + (MORE if self.rest else PROMPT))

    def techsupport(self):
        name = f"techsupport_{time.time_ns()}.tgz"
        shutil.copyfile(OPTIONS["techsupportFile"], f"techsupport/{name}.part")
        os.rename(f"techsupport/{name}.part", f"techsupport/{name}")
        self.say(f"\nTechnical Support file created:\n{name}\n" + PROMPT)
