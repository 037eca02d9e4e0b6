"""An InCenter CLI and its files on paramiko: threads, its SFTP server, and a shell that does everything by itself."""

import os
import socket
import threading
import time
import warnings

warnings.simplefilter("ignore")  # of the cryptography package, about ciphers that nobody asked for

import paramiko  # noqa: E402
from paramiko.packet import Packetizer  # noqa: E402

from incenter import OPTIONS, Death, Dialogue, announce, answer, is_right  # noqa: E402


class File(paramiko.SFTPHandle):
    def read(self, offset, length):
        content = Death.allows(os.pread(self.readfile.fileno(), length, offset))
        if content is None:
            time.sleep(60)
        return content or paramiko.SFTP_EOF

    def stat(self):
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


def told(action):
    """What the system says of a failure, as SFTP has it."""
    try:
        return action()
    except OSError as error:
        return paramiko.SFTPServer.convert_errno(error.errno)


class Files(paramiko.SFTPServerInterface):
    def list_folder(self, path):
        names = told(lambda: os.listdir(path))
        return [self.named(path, name) for name in names] if isinstance(names, list) else names

    def named(self, folder, name):
        return paramiko.SFTPAttributes.from_stat(os.lstat(os.path.join(folder, name)), name)

    def stat(self, path):
        return told(lambda: paramiko.SFTPAttributes.from_stat(os.stat(path)))

    def lstat(self, path):
        return told(lambda: paramiko.SFTPAttributes.from_stat(os.lstat(path)))

    def remove(self, path):
        return told(lambda: os.remove(path)) or paramiko.SFTP_OK

    def open(self, path, flags, attr):
        handle = File(flags)
        file = told(lambda: open(path, "rb"))
        if isinstance(file, int):
            return file
        handle.readfile = file
        return handle

    def canonicalize(self, path):
        return os.path.normpath(os.path.join(os.getcwd(), path))


class Server(paramiko.ServerInterface):
    def __init__(self):
        self.channels = 0

    def get_allowed_auths(self, username):
        return OPTIONS["login"]

    def check_auth_password(self, username, password):
        time.sleep(OPTIONS["loginSeconds"])
        right = OPTIONS["login"] == "password" and is_right(username, password)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username, submethods):
        if OPTIONS["login"] != "keyboard-interactive":
            return paramiko.AUTH_FAILED
        self.user = username
        return paramiko.InteractiveQuery("", "", (OPTIONS["question"], False))

    def check_auth_interactive_response(self, responses):
        time.sleep(OPTIONS["loginSeconds"])
        right = is_right(self.user, responses[0] if responses else "")
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        self.channels += 1
        full = OPTIONS["oneChannel"] and self.channels > 1
        return paramiko.OPEN_FAILED_RESOURCE_SHORTAGE if full else paramiko.OPEN_SUCCEEDED

    def check_channel_pty_request(self, *_):
        return True

    def check_channel_window_change_request(self, *_):
        return True

    def check_channel_shell_request(self, channel):
        if OPTIONS["shell"]:
            soon(shell, channel)
        return OPTIONS["shell"]

    def check_channel_exec_request(self, channel, command):
        if OPTIONS["exec"]:
            soon(run, channel, command.decode())
        return OPTIONS["exec"]


def soon(action, *args):
    """Not before the request was answered, which paramiko does when it has our yes."""
    timer = threading.Timer(0.05, action, args)
    timer.daemon = True
    timer.start()


def run(channel, command):
    channel.sendall(answer(command).encode())
    channel.send_exit_status(0)
    channel.close()


def later(seconds, action):
    threading.Timer(seconds, action).start()


def shell(channel):
    def write(text):
        if not channel.closed:
            channel.sendall(text.encode())

    dialogue = Dialogue(write, later)
    dialogue.greet()
    channel.settimeout(OPTIONS["idleSeconds"])
    line = ""
    try:
        while True:
            typed = channel.recv(1024).decode(errors="replace")
            for key in typed:
                if dialogue.wants_keys:
                    dialogue.press(key)
                elif key in "\r\n":
                    write("\r\n")
                    entered, line = line, ""
                    if not dialogue.enter(entered):
                        channel.send_exit_status(0)
                        channel.close()
                elif key >= " ":
                    line += key
                    write(key)
            if typed == "":
                return
    except socket.timeout:
        channel.get_transport().close()
    except OSError:
        pass  # the other side has gone


def serve(client):
    transport = paramiko.Transport(client)
    transport.add_server_key(paramiko.Ed25519Key(filename=OPTIONS["hostKey"]))
    if OPTIONS["files"] == "sftp":
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
    try:
        transport.start_server(server=Server())
    except (paramiko.SSHException, EOFError):
        transport.close()  # whoever it was did not want to speak


os.chdir(OPTIONS["root"])
if OPTIONS["rekeyBytes"] is not None:
    Packetizer.REKEY_BYTES = OPTIONS["rekeyBytes"]
listener = socket.create_server(("127.0.0.1", OPTIONS["port"]), backlog=50)
announce(listener.getsockname()[1])
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
