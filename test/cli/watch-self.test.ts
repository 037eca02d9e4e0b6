import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startBastion } from '../support/bastion.ts';
import { lacks } from '../support/requirements.ts';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';

/** Times that a test can wait for. */
const quick = {
  every: '3s',
  retry: '1s',
  ...{ tickets: false, bundles: false },
  checks: { silent: { for: '2s', clearFor: '1s' }, data: { every: '3s', for: '2s' } },
};

async function quickRig(watch: object, appliances = 1): Promise<Rig> {
  const rig = await startRig({ appliances });
  await rig.configure((document) => {
    document.watch = { ...quick, ...watch };
    document.timeouts = { connect: '3s' };
  });
  return rig;
}

/** Starts a watch that goes on until the test ends it. */
function startWatch(rig: Rig, env: Record<string, string> = {}) {
  const watch = startRun(rig, ['watch', '--batch'], { env });
  const says = (text: string) => until(() => watch.said().includes(text));
  const end = async () => {
    watch.kill('SIGTERM');
    return watch.ended;
  };
  return { says, end, said: watch.said, kill: watch.kill, ended: watch.ended };
}

async function selfOf(rig: Rig) {
  return (await rig.icepack(['watch', 'status', '--json'])).json().self;
}

/** A place that takes connections until it is closed. */
async function startCanary() {
  const server = net.createServer((socket) => socket.destroy());
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as net.AddressInfo).port;
  };
  const port = await listen(0);
  onTestFinished(() => void server.close());
  return { url: `tcp://127.0.0.1:${port}`, die: () => server.close(), revive: () => listen(port) };
}

describe('a watch whose own network is down', () => {
  it('says so once at each end, and calls no server silent (W43)', async () => {
    const canary = await startCanary();
    // Between two visits, so that none of them answers when the others do not any more.
    const rarely = { every: '8s', checks: { silent: { for: '2s', clearFor: '1s' } } };
    const rig = await quickRig({ ...rarely, self: { canaries: [canary.url] } }, 3);
    const watch = startWatch(rig);
    await until(() => rig.mock.appliances.every(({ logins }) => logins.hostOs.includes('password')));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    canary.die();
    await Promise.all(rig.mock.appliances.map((each) => each.fail({ silent: true })));

    await watch.says('blind since ');
    await new Promise((resolve) => setTimeout(resolve, 4000)); // more than `for`: nothing is to be said
    await canary.revive();
    await Promise.all(rig.mock.appliances.map((each) => each.fail({})));
    await watch.says('is back');

    const { code, stderr } = await watch.end();
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^blind since [\d -:]+: neither servers nor canaries answer; nothing is an event meanwhile\nthe own network is back after [\d.]+ s\n$/,
    );
  });

  it('shows it in its status, and ends with 5 where it is asked once', async () => {
    const canary = await startCanary();
    canary.die();
    const rig = await quickRig({ self: { canaries: [canary.url] } }, 1);
    await rig.mock.appliances[0]?.fail({ silent: true });

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch']);
    const { stdout } = await rig.icepack(['watch', 'status']);

    expect([code, stderr]).toEqual([5, expect.stringMatching(/^blind since /)]);
    expect(stdout).toMatch(/blind since [\d -:]+: neither servers nor canaries answer\n/);
    expect(stdout).toContain('not known: the own network is down');
    expect((await selfOf(rig)).blindSince).toMatch(/^\d{4}-/);
  });

  it('is believed to be up where a canary answers', async () => {
    const canary = await startCanary();
    const rig = await quickRig({ self: { canaries: [canary.url] } }, 3);
    await Promise.all(rig.mock.appliances.map((each) => each.fail({ silent: true })));
    const watch = startWatch(rig);

    await until(() => watch.said().split('\n').length > 3);

    const { stderr } = await watch.end();
    expect(stderr.match(/^ICE0\d silent: server silent/gm)).toHaveLength(3);
    expect(stderr).not.toContain('blind');
  });
});

describe('a jump host that is silent', () => {
  /** Two servers behind a jump host. */
  async function rigBehind() {
    const bastion = await startBastion('hop-pw', false);
    const rig = await quickRig({}, 2);
    await rig.configure((document) => {
      const { port, hostKey } = bastion;
      const password = { command: ['echo', 'hop-pw'] };
      document.jumpHosts = { bastion: { address: '127.0.0.1', port, user: 'jump', password, hostKey } };
      for (const each of Object.values<{ via?: string }>(document.appliances)) each.via = 'bastion';
    });
    return { bastion, rig };
  }

  it('is one event, and not one of each server behind it (W47)', async () => {
    const { bastion, rig } = await rigBehind();
    const watch = startWatch(rig);
    await until(() => rig.mock.appliances.every(({ logins }) => logins.hostOs.length > 0));

    await bastion.silence(true);
    await watch.says('jump host bastion: jump host silent since ');
    const status = await rig.icepack(['watch', 'status']);
    await bastion.silence(false);
    await watch.says('is over');

    const { stderr } = await watch.end();
    expect(stderr).toMatch(
      /^jump host bastion: jump host silent since [\d :-]+: .*connection refused\nI1 opened: .*\njump host bastion: jump host silent is over after [\d.]+ (s|min): answers\n$/,
    );
    expect(status.stdout).toMatch(/ICE02 {2}silent, .*unknown\n {4}jump host bastion is silent\n/);
  });

  it('when the watch begins is tried again, and the servers are seen when it answers (W47)', async () => {
    const { bastion, rig } = await rigBehind();
    await bastion.silence(true);
    const watch = startWatch(rig);
    await watch.says('jump host bastion: jump host silent since ');

    await bastion.silence(false);
    await until(() => rig.mock.appliances.every(({ logins }) => logins.hostOs.length > 0));
    await watch.says('is over');

    expect((await watch.end()).stderr).not.toContain('ICE0');
  });
});

/** Takes pings, and answers them. */
async function startSwitch(status = 200) {
  const pinged: string[] = [];
  const server = http.createServer(({ method, url }, response) => {
    pinged.push(`${method} ${url}`);
    response.writeHead(status, { location: '/elsewhere' }).end('OK');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/ping/5e6f-canary`;
  return { pinged, env: { DEADMAN: url } };
}

const deadman = { url: { env: 'DEADMAN' } };

describe("a dead man's switch", () => {
  it('is pinged after a whole round, and its URL is shown nowhere (W56)', async () => {
    const rig = await quickRig({ self: { deadman } });
    const { pinged, env } = await startSwitch();
    const watch = startWatch(rig, env);
    await until(() => pinged.length > 0);

    const { stderr } = await watch.end();
    const { stdout } = await rig.icepack(['watch', 'status']);

    expect(pinged).toEqual(['GET /ping/5e6f-canary']); // once a minute, however often is looked
    expect(stdout).toMatch(/The dead man's switch was pinged \d{4}-/);
    expect(stderr + stdout + readFileSync(seenFile(rig), 'utf8')).not.toContain('5e6f-canary');
  });

  it.each([
    ['answers with an error', 500],
    ['leads elsewhere, which is not followed', 302],
  ])('that %s is a warning in the status, and no event (W58)', async (_, status) => {
    const rig = await quickRig({ self: { deadman } });
    const { pinged, env } = await startSwitch(status);

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch'], { env });
    const shown = await rig.icepack(['watch', 'status']);

    expect([code, stderr, pinged]).toEqual([0, '', ['GET /ping/5e6f-canary']]);
    expect(shown.stdout).toMatch(new RegExp(`switch was not reached [\\d :-]+: it answered ${status}\n`));
  });

  it('that does not answer does not keep the watch from ending when it is told to (W84)', async () => {
    const rig = await quickRig({ self: { deadman } });
    let asked = 0;
    const server = http.createServer(() => {
      asked++; // and says nothing
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => server.closeAllConnections());
    const { port } = server.address() as net.AddressInfo;
    const watch = startWatch(rig, { DEADMAN: `http://127.0.0.1:${port}/` });
    await until(() => asked > 0);

    const began = performance.now();
    const { code } = await watch.end();

    expect(code).toBe(0);
    expect(performance.now() - began).toBeLessThan(5000); // it would wait 10 s for the answer
  });

  it('that nobody resolved is a warning in the status', async () => {
    const rig = await quickRig({ self: { deadman } });

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch']);

    expect([code, stderr]).toEqual([0, '']);
    expect((await selfOf(rig)).pinged.failed).toContain('the environment variable DEADMAN is not set');
  });

  it('is told that the watch failed where the state cannot be written, which is told once (W59)', async () => {
    const rig = await quickRig({ self: { deadman } });
    const { pinged, env } = await startSwitch();
    mkdirSync(seenFile(rig), { recursive: true, mode: 0o700 }); // in the place of a file

    const watch = startWatch(rig, env);
    await until(() => pinged.length > 0);
    const { code, stderr } = await watch.end();

    expect(pinged).toEqual(['GET /ping/5e6f-canary/fail']);
    expect(code).toBe(8);
    expect(stderr.match(/what is seen cannot be kept/g)).toHaveLength(1);
  });

  it('is not pinged by a watch that is blind, and not by one without a configuration (W43, W63)', async () => {
    const canary = await startCanary();
    canary.die();
    const { pinged, env } = await startSwitch();
    const rig = await quickRig({ self: { deadman, canaries: [canary.url] } });
    await rig.mock.appliances[0]?.fail({ silent: true });

    const blind = await rig.icepack(['watch', '--once', '--batch'], { env });
    writeFileSync(rig.config, 'appliances: [');
    const broken = await rig.icepack(['watch', '--once', '--batch'], { env });

    expect([blind.code, broken.code, pinged]).toEqual([5, 2, []]);
  });
});

function seenFile(rig: Rig): string {
  return join(rig.folder, '.local', 'state', 'icepack', 'watch', 'seen.json');
}

/** Listens as systemd does. @returns what it was told, a message each */
async function startServiceManager(folder: string) {
  const path = join(folder, 'mock', 'notify');
  const script = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print("ready", flush=True)
while True: print(s.recv(65536).decode().strip().replace("\\n", " "), flush=True)
`;
  const listener = spawn('python3', ['-c', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void listener.kill());
  let heard = '';
  listener.stdout.on('data', (text: Buffer) => {
    heard += text.toString();
  });
  await until(() => heard.startsWith('ready\n'));
  return { env: { NOTIFY_SOCKET: path }, heard: () => heard.split('\n').filter((line) => line.includes('=')) };
}

describe.skipIf(lacks('systemd-notify', 'python3'))('a watch that systemd has started', () => {
  it('says that it is ready when it has looked, that it is well, and that it ends (W56)', async () => {
    const rig = await quickRig({});
    const { env, heard } = await startServiceManager(rig.folder);
    const watch = startWatch(rig, env);
    await until(() => heard().filter((line) => line.includes('WATCHDOG=1')).length > 1);

    await watch.end();

    const told = heard().filter((line) => !line.startsWith('BARRIER'));
    expect(told[0]).toBe('READY=1 WATCHDOG=1 STATUS=1 watched, 0 firing');
    expect(told[1]).toBe('WATCHDOG=1 STATUS=1 watched, 0 firing');
    expect(told.at(-1)).toBe('STOPPING=1');
  });

  it('goes on where it cannot be told anything, and says so once', async () => {
    const rig = await quickRig({});
    const watch = startWatch(rig, { NOTIFY_SOCKET: join(rig.folder, 'mock', 'nobody') });

    await watch.says('systemd cannot be told how the watch is');
    const { code, stderr } = await watch.end();

    expect(code).toBe(0);
    expect(stderr.match(/systemd cannot be told/g)).toHaveLength(1);
  });
});

describe('the configuration of a watch', () => {
  it('is taken up when it has changed; what is watched no more is over (W62)', async () => {
    const rig = await quickRig({}, 2);
    await rig.mock.appliances[1]?.fail({ silent: true });
    const watch = startWatch(rig);
    await watch.says('ICE02 silent: server silent since ');

    await rig.configure((document) => {
      delete document.appliances.ice02;
    });
    await watch.says('taken up');
    await rig.mock.appliances[0]?.fail({ silent: true });
    await watch.says('ICE01 silent: server silent since ');

    const { stderr } = await watch.end();
    expect(stderr).toMatch(
      /ICE02 silent: server silent is over after [\d.]+ (s|min): no longer watched\nthe changed configuration is taken up: 1 server\nICE01/,
    );
  });

  it('is said to be broken once, with its fault, and the last one stays (W63)', async () => {
    const rig = await quickRig({});
    const well = readFileSync(rig.config, 'utf8');
    const watch = startWatch(rig);
    await until(() => rig.mock.appliances[0]?.logins.hostOs.length !== 0);

    writeFileSync(rig.config, well.replace('retry: 1s', 'retri: 1s'));
    await watch.says('not taken up');
    await rig.mock.appliances[0]?.fail({ silent: true });
    await watch.says('ICE01 silent: server silent since ');
    const end = watch.said().length;
    writeFileSync(rig.config, well);
    await watch.says('is taken up: 1 server');

    const { code, stderr } = await watch.end();
    expect(code).toBe(0);
    expect(stderr.slice(0, end)).toMatch(/^the changed configuration is not taken up, the last one stays: .*retri/);
    expect(stderr.match(/is not taken up/g)).toHaveLength(1);
  });

  it('that would have a password typed is not taken up (W88)', async () => {
    const rig = await quickRig({});
    const watch = startWatch(rig);
    await until(() => rig.mock.appliances[0]?.logins.hostOs.length !== 0);

    await rig.configure((document) => {
      delete document.appliances.ice01.hostOs.password;
    });
    await watch.says('there is no credential of "administrator"');

    expect((await watch.end()).stderr).toMatch(/^the changed configuration is not taken up/);
  });
});

describe('the page of a watch', () => {
  it('is written after each round, for a web server to read, with the same for programs beside it', async () => {
    const rig = await quickRig({ html: 'watch.html' });
    const page = join(rig.folder, 'mock', 'watch.html');
    await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
    const watch = startWatch(rig);
    const text = () => {
      try {
        return readFileSync(page, 'utf8');
      } catch {
        return ''; // it is not there yet
      }
    };
    await until(() => text().includes('data volume over 90 % (medium)'));

    await watch.end();

    const shared = JSON.parse(readFileSync(join(rig.folder, 'mock', 'status.json'), 'utf8'));
    expect(text()).toMatch(/As of [\d :-]+; <strong>not valid after /);
    expect([page, join(rig.folder, 'mock', 'status.json')].map((path) => statSync(path).mode & 0o777)).toEqual([
      0o644, 0o644,
    ]);
    expect(shared).toMatchObject({ schema: 1, blindSince: null, servers: [{ server: 'ice01' }] });
    expect(JSON.stringify(shared)).not.toMatch(/93\.0|127\.0\.0\.1/);
  });

  it('that cannot be written is a warning, and nothing else', async () => {
    const rig = await quickRig({ html: 'no-such-folder/watch.html' });

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch']);

    expect([code, stderr]).toEqual([0, '']);
    expect((await rig.icepack(['watch', 'status'])).stdout).toMatch(
      /the page of the status cannot be written: .*no-such-folder/,
    );
  });
});

describe('icepack doctor on a watch', () => {
  type Check = { check: string; status: string; text: string; hint: string };
  const checksOf = async (rig: Rig, env: Record<string, string> = {}): Promise<Check[]> => {
    const { checks } = (await rig.icepack(['doctor', '--batch', '--json'], { env })).json();
    return checks.filter(({ check }: Check) => check === 'watch');
  };

  it('says what a watch would not notice, and who would not notice its end', async () => {
    const rig = await quickRig({});

    expect((await checksOf(rig)).map(({ status, text }) => `${status} ${text}`)).toEqual([
      'warn a watch without canaries cannot tell silent servers from an own network that is down',
      'warn nobody is told when the watch itself has ended',
    ]);
  });

  it('asks the canaries, and looks whether the URL is there without pinging it', async () => {
    const [alive, dead] = [await startCanary(), await startCanary()];
    dead.die();
    const { pinged, env } = await startSwitch();
    const rig = await quickRig({ self: { canaries: [alive.url, dead.url], deadman } });

    const [there, missing] = [await checksOf(rig, env), await checksOf(rig)];

    expect(there.map(({ status, text }) => `${status} ${text}`)).toEqual([
      `ok canary ${alive.url} answers`,
      expect.stringMatching(`warn canary ${dead.url} does not answer: .*ECONNREFUSED`),
      "ok the URL of the dead man's switch is at hand",
    ]);
    expect(missing.at(-1)).toMatchObject({ status: 'fail', text: expect.stringContaining('DEADMAN is not set') });
    expect(pinged).toEqual([]);
  });

  it('names the logins that a service cannot make (W88)', async () => {
    const rig = await quickRig({});
    await rig.configure((document) => {
      delete document.appliances.ice01.hostOs.password;
    });

    expect((await checksOf(rig)).map(({ text }) => text)).toContain(
      'a watch as a service: appliances.ice01.hostOs has no password and no key: it would ask, or take the SSH agent',
    );
  });

  it('says nothing of it where nothing is to be watched', async () => {
    const rig = await startRig();

    expect(await checksOf(rig)).toEqual([]);
  });
});

describe('what is to tell of the watch itself', () => {
  it.each([
    ['a canary without a port', { self: { canaries: ['tcp://192.0.2.1'] } }, /such as tcp:\/\/192\.0\.2\.1:53/],
    ['a canary that is pinged', { self: { canaries: ['icmp://192.0.2.1:1'] } }, /such as tcp:\/\/192\.0\.2\.1:53/],
    ['a URL in clear text', { self: { deadman: { url: 'http://hc.example.com/x' } } }, /a URL with https:\/\//],
    ['a style nobody knows', { self: { deadman: { url: { env: 'X' }, style: 'x' } } }, /watch\.self\.deadman\.style/],
    ['a key that is none', { self: { canary: [] } }, /unknown key "watch\.self\.canary"/],
  ])('is refused with its line: %s', async (_, watch, message) => {
    const rig = await quickRig(watch);

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch']);

    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/icepack\.yaml:\d+: /);
  });
});
