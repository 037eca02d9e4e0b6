import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { defined } from '../domain/defined.js';
import { type MockAppliance, type MockApplianceOptions, startMockAppliance } from './appliance.js';
import { type MockHelpDesk, startMockHelpDesk } from './help-desk.js';

export type MockOptions = {
  appliances: number;
  helpdesk: boolean;
  /** The folder for the configuration, the secrets and the attachments; it is created. */
  folder: string;
  cluster: string | undefined;
  /** The first ports; each further server takes the next ones. 0 means any free port. */
  ports: { cli: number; hostOs: number; helpdesk: number };
  /** Passwords of all faces; random when not given. */
  passwords: { cli: string | undefined; hostOs: string | undefined };
  maxFileBytes: number | undefined;
} & Omit<MockApplianceOptions, 'name' | 'ports' | 'passwords'>;

/** The running mock, as `icepack mock` prints it. */
export type RunningMock = {
  announcement: {
    schema: 1;
    appliances: {
      name: string;
      address: string;
      cli: { port: number; hostKey: string };
      hostOs: { port: number; hostKey: string };
    }[];
    helpdesk: { url: string } | null;
    config: string;
  };
  appliances: MockAppliance[];
  helpdesk: MockHelpDesk | undefined;
  close(): Promise<void>;
};

/** Starts mock servers and, if asked for, the mock help desk, and writes a configuration that fits them. */
export async function startMock(options: MockOptions): Promise<RunningMock> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  await chmod(options.folder, 0o700);
  const passwords = {
    cli: options.passwords.cli ?? randomSecret(),
    hostOs: options.passwords.hostOs ?? randomSecret(),
  };
  const token = randomSecret();
  const appliances: MockAppliance[] = [];
  for (let index = 0; index < options.appliances; index++) {
    const name = `ice${String(index + 1).padStart(2, '0')}`;
    const port = (first: number) => (first === 0 ? 0 : first + index);
    appliances.push(
      await startMockAppliance({
        ...options,
        name,
        passwords,
        ports: { cli: port(options.ports.cli), hostOs: port(options.ports.hostOs) },
      }),
    );
  }
  const helpdesk = options.helpdesk
    ? await startMockHelpDesk({
        port: options.ports.helpdesk,
        token,
        folder: join(options.folder, 'helpdesk'),
        maxFileBytes: options.maxFileBytes,
      })
    : undefined;
  const config = await writeConfig(options, appliances, helpdesk, { ...passwords, token });
  return {
    announcement: {
      schema: 1,
      appliances: appliances.map(({ name, address, cli, hostOs }) => ({ name, address, cli, hostOs })),
      helpdesk: helpdesk === undefined ? null : { url: helpdesk.url },
      config,
    },
    appliances,
    helpdesk,
    close: async () => {
      await Promise.all([...appliances.map((appliance) => appliance.close()), helpdesk?.close()]);
    },
  };
}

function randomSecret(): string {
  return randomBytes(12).toString('base64url');
}

async function writeConfig(
  options: MockOptions,
  appliances: MockAppliance[],
  helpdesk: MockHelpDesk | undefined,
  secrets: Record<'cli' | 'hostOs' | 'token', string>,
): Promise<string> {
  const fileFor = async (name: keyof typeof secrets) => {
    const path = join(options.folder, `${name}.secret`);
    await writeFile(path, `${secrets[name]}\n`, { mode: 0o600 });
    await chmod(path, 0o600);
    return { file: path };
  };
  const [cli, hostOs] = [await fileFor('cli'), await fileFor('hostOs')];
  const face = (which: 'cli' | 'hostOs', { port, hostKey }: { port: number; hostKey: string }) => ({
    port,
    user: options.users[which],
    password: which === 'cli' ? cli : hostOs,
    hostKey,
  });
  const document = {
    organization: 'Example AB',
    contact: { name: 'Kim Doe', email: 'kim@example.com' },
    appliances: Object.fromEntries(
      appliances.map((each, index) => [
        each.name,
        {
          id: index + 1,
          address: each.address,
          ...defined({ cluster: options.cluster }),
          cli: face('cli', each.cli),
          hostOs: face('hostOs', each.hostOs),
        },
      ]),
    ),
    ...(helpdesk === undefined
      ? {}
      : {
          helpdesk: {
            provider: 'rest',
            url: helpdesk.url,
            token: await fileFor('token'),
            product: 'InCenter',
            version: '2.2.5',
            license: '1234-5678-9012',
          },
        }),
  };
  const path = join(options.folder, 'icepack.yaml');
  await writeFile(path, stringify(document, { aliasDuplicateObjects: false }), { mode: 0o600 });
  return path;
}
