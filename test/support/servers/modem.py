"""A modem on a terminal of its own, as far as an SMS daemon needs one: it sends, refuses, or says nothing at all.

What is given besides has come to it: SMS as PDUs, which lie on its card until they are deleted.
"""

import os
import pty
import sys
import tty

link, journal, manner, *came = sys.argv[1:]
card = dict(enumerate(came, 1))
ours, theirs = pty.openpty()
for end in (ours, theirs):
    tty.setraw(end)
os.symlink(os.ttyname(theirs), link)
answers = {"AT+CPIN?": "+CPIN: READY", "AT+CREG?": "+CREG: 0,1", "AT+CSQ": "+CSQ: 20,0"}


def say(text):
    os.write(ours, f"\r\n{text}\r\n".encode())


def obey(command):
    if command.startswith("AT+CMGS="):
        os.write(ours, b"\r\n> ")
        return
    verb, _, words = command.partition("=")
    if command in answers:
        say(answers[command])
    elif command == "AT+CPMS?":
        say("+CPMS: " + ",".join([f'"SM",{len(card)},20'] * 3))
    elif verb == "AT+CMGR" and int(words) in card:
        pdu = card[int(words)]
        say(f"+CMGR: 0,,{len(pdu) // 2 - 8}\r\n{pdu}")  # without the number of the centre, which has 8 bytes
    elif verb == "AT+CMGD":
        card.pop(int(words.split(",")[0]), None)
    say("OK")


print("ready", file=sys.stderr, flush=True)
typed = b""
with open(journal, "w") as sent:
    while True:
        byte = os.read(ours, 1)
        if manner == "silent":
            continue
        if byte == b"\x1a":
            sent.write(f"{typed.decode()}\n")
            sent.flush()
            say("+CMS ERROR: 38" if manner == "refusing" else "+CMGS: 7")
            if manner != "refusing":
                say("OK")
            typed = b""
        elif byte == b"\r":
            obey(typed.decode(errors="replace").strip())
            typed = b""
        else:
            typed += byte
