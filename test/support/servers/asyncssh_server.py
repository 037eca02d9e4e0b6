"""An InCenter CLI and its files on asyncssh: its own line editor, its own SFTP, its own SCP."""

import asyncio
import os
import warnings

warnings.simplefilter("ignore")  # of the cryptography package, about ciphers that nobody asked for

import asyncssh  # noqa: E402

from incenter import OPTIONS, Death, Dialogue, announce, answer, is_right  # noqa: E402


class Files(asyncssh.SFTPServer):
    async def read(self, file_obj, offset, size):
        content = Death.allows(super().read(file_obj, offset, size))
        return await asyncio.Future() if content is None else content


class Process(asyncssh.SSHServerProcess):
    def shell_requested(self):
        return OPTIONS["shell"]

    def subsystem_requested(self, subsystem):
        return OPTIONS["files"] == "sftp" and super().subsystem_requested(subsystem)

    def exec_requested(self, command):
        return OPTIONS["exec"] or (OPTIONS["files"] == "scp" and command.startswith("scp "))


class Server(asyncssh.SSHServer):
    def connection_made(self, conn):
        self.conn = conn
        self.channels = 0

    def begin_auth(self, username):
        self.user = username
        return True

    def password_auth_supported(self):
        return OPTIONS["login"] == "password"

    def kbdint_auth_supported(self):
        return OPTIONS["login"] == "keyboard-interactive"

    async def validate_password(self, username, password):
        await asyncio.sleep(OPTIONS["loginSeconds"])
        return is_right(username, password)

    def get_kbdint_challenge(self, username, lang, submethods):
        return "", "", "", [(OPTIONS["question"], False)]

    async def validate_kbdint_response(self, username, responses):
        return await self.validate_password(username, responses[0] if responses else "")

    def session_requested(self):
        self.channels += 1
        if OPTIONS["oneChannel"] and self.channels > 1:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "One channel per connection")
        factory = None if OPTIONS["files"] == "none" else Files
        return self.conn.create_server_channel("utf-8", "replace"), Process(serve, factory, 3, OPTIONS["files"] == "scp")


async def serve(process):
    if process.command is not None:
        process.stdout.write(answer(process.command))
        process.exit(0)
        return
    loop = asyncio.get_running_loop()
    dialogue = Dialogue(process.stdout.write, loop.call_later)
    dialogue.greet()
    goes_on = True
    while goes_on:
        process.channel.set_line_mode(not dialogue.wants_keys)
        process.channel.set_echo(not dialogue.wants_keys)
        reading = process.stdin.read(1) if dialogue.wants_keys else process.stdin.readline()
        try:
            typed = await asyncio.wait_for(reading, OPTIONS["idleSeconds"])
        except asyncio.TimeoutError:
            process.channel.get_connection().abort()
            return
        except (asyncssh.BreakReceived, asyncssh.SignalReceived, asyncssh.TerminalSizeChanged):
            continue
        if dialogue.wants_keys and typed:
            dialogue.press(typed)
        else:
            goes_on = typed != "" and dialogue.enter(typed)
    process.exit(0)


async def main():
    rekey = {} if OPTIONS["rekeyBytes"] is None else {"rekey_bytes": OPTIONS["rekeyBytes"]}
    listener = await asyncssh.create_server(
        Server,
        "127.0.0.1",
        OPTIONS["port"],
        reuse_address=True,
        server_host_keys=[OPTIONS["hostKey"]],
        line_editor=True,
        **rekey,
    )
    announce(listener.sockets[0].getsockname()[1])
    await asyncio.Future()


os.chdir(OPTIONS["root"])
asyncio.run(main())
