"""An InCenter CLI and its files on Twisted Conch: its own line editor and SFTP; it has no keyboard-interactive login."""

import os
import warnings

warnings.simplefilter("ignore")  # of the cryptography package, about ciphers that nobody asked for

from twisted.conch import avatar, error, interfaces, recvline, unix  # noqa: E402
from twisted.conch.insults import insults  # noqa: E402
from twisted.conch.ssh import connection, factory, filetransfer, keys, session, transport, userauth  # noqa: E402
from twisted.cred import checkers as cred, credentials, error as cred_error, portal  # noqa: E402
from twisted.internet import defer, reactor, task  # noqa: E402
from twisted.python import components, filepath  # noqa: E402
from zope.interface import implementer  # noqa: E402

from incenter import OPTIONS, Death, Dialogue, announce, answer, is_right  # noqa: E402


class Cli(recvline.HistoricRecvLine):
    ps = (b"", b"")

    def connectionMade(self):
        super().connectionMade()
        self.dialogue = Dialogue(lambda text: self.terminal.write(text.encode()), later)
        self.dialogue.greet()
        self.idle = None
        self.stay()

    def connectionLost(self, reason):
        if self.idle is not None and self.idle.active():
            self.idle.cancel()

    def stay(self):
        if OPTIONS["idleSeconds"] is None:
            return
        if self.idle is not None and self.idle.active():
            self.idle.cancel()
        self.idle = reactor.callLater(OPTIONS["idleSeconds"], self.hang_up)

    def keystrokeReceived(self, keyID, modifier):
        self.stay()
        if self.dialogue.wants_keys and isinstance(keyID, bytes):
            self.dialogue.press(keyID.decode(errors="replace"))
        else:
            super().keystrokeReceived(keyID, modifier)

    def lineReceived(self, line):
        if not self.dialogue.enter(line.decode(errors="replace")):
            self.terminal.loseConnection()


def later(seconds, action):
    reactor.callLater(seconds, action)


@implementer(interfaces.ISession)
class Session:
    def __init__(self, user):
        self.user = user

    def getPty(self, term, windowSize, modes):
        pass

    def windowChanged(self, size):
        pass

    def eofReceived(self):
        pass

    def closed(self):
        pass

    def openShell(self, proto):
        if not OPTIONS["shell"]:
            raise error.ConchError("no shell here")
        cli = Cli()
        cli.hang_up = lambda: self.user.conn.transport.transport.abortConnection()
        terminal = insults.ServerProtocol(lambda: cli)
        terminal.makeConnection(proto)
        proto.makeConnection(session.wrapProtocol(terminal))

    def execCommand(self, proto, command):
        if not OPTIONS["exec"]:
            raise error.ConchError("no commands here")
        later(0, lambda: self.finish(proto.session, answer(command.decode())))  # when the request was answered

    def finish(self, channel, text):
        channel.write(text.encode())
        channel.conn.sendRequest(channel, b"exit-status", bytes(4))
        channel.conn.sendClose(channel)


class User(avatar.ConchUser):
    def __init__(self):
        super().__init__()
        self.channels = 0
        self.channelLookup[b"session"] = session.SSHSession
        if OPTIONS["files"] == "sftp":
            self.subsystemLookup[b"sftp"] = filetransfer.FileTransferServer

    def lookupChannel(self, *args):
        self.channels += 1
        if OPTIONS["oneChannel"] and self.channels > 1:
            raise error.ConchError("One channel per connection", connection.OPEN_RESOURCE_SHORTAGE)
        return super().lookupChannel(*args)

    def getHomeDir(self):
        return filepath.FilePath(OPTIONS["root"])

    def _runAsUser(self, action, *args, **keywords):
        """What the library's own files of a Unix user ask for; here everybody is who started the server."""
        if callable(action):
            return action(*args, **keywords)
        return [call[0](*(call[1] if len(call) > 1 else ())) for call in action][-1]


class Files(unix.SFTPServerForUnixConchUser):
    def _absPath(self, path):
        return os.path.join(OPTIONS["root"], os.fsdecode(path))  # the library's own takes ASCII alone


class File(unix.UnixSFTPFile):
    def readChunk(self, offset, length):
        content = Death.allows(super().readChunk(offset, length))
        return defer.Deferred() if content is None else content


unix.UnixSFTPFile = File
components.registerAdapter(Session, User, interfaces.ISession)
components.registerAdapter(Files, User, filetransfer.ISFTPServer)


@implementer(cred.ICredentialsChecker)
class Checker:
    credentialInterfaces = (credentials.IUsernamePassword,)

    @defer.inlineCallbacks
    def requestAvatarId(self, given):
        yield task.deferLater(reactor, OPTIONS["loginSeconds"], lambda: None)
        if not is_right(given.username.decode(), given.password.decode()):
            raise cred_error.UnauthorizedLogin()
        return given.username


@implementer(portal.IRealm)
class Realm:
    def requestAvatar(self, name, mind, *wanted):
        return wanted[0], User(), lambda: None


class Transport(transport.SSHServerTransport):
    sent = 0

    def sendPacket(self, messageType, payload):
        super().sendPacket(messageType, payload)
        self.sent += len(payload)
        if OPTIONS["rekeyBytes"] is not None and self.sent > OPTIONS["rekeyBytes"] and messageType >= 90:
            self.sent = 0
            if self._keyExchangeState == self._KEY_EXCHANGE_NONE:
                self.sendKexInit()


class Factory(factory.SSHFactory):
    protocol = Transport
    services = {b"ssh-userauth": userauth.SSHUserAuthServer, b"ssh-connection": connection.SSHConnection}

    def getPublicKeys(self):
        return {key.sshType(): key.public() for key in [host_key]}

    def getPrivateKeys(self):
        return {key.sshType(): key for key in [host_key]}


os.chdir(OPTIONS["root"])
host_key = keys.Key.fromFile(OPTIONS["hostKey"])
Factory.portal = portal.Portal(Realm(), [Checker()])
announce(reactor.listenTCP(OPTIONS["port"], Factory(), interface="127.0.0.1").getHost().port)
reactor.run()
