import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Context } from '../context.js';
import { icepack } from '../domain/command.js';
import { defined } from '../domain/defined.js';
import type { VerbOutcome } from '../domain/line.js';
import { reasonOf, UserError, usageError } from '../errors.js';
import type { UploadRequest } from '../upload/upload.js';
import * as parse from './arguments.js';
import { firstDesk } from './first-desk.js';
import type { RunVerb } from './verb.js';

type UploadOptions = {
  to: string;
  passwordEnv?: string;
  passwordFile?: string;
  privateKey?: string;
  fingerprint?: string[];
  ca?: string;
};

const examples = `
Examples:
  icepack upload 20261120-1032-east-k3f9 --to ftps://ftp.example.com/incoming/
  icepack upload 20261120-1032-east-k3f9 \\
    --to ftps://acme@ftp.example.com/ --password-env FTP_PW
  icepack upload 20261120-1032-east-k3f9 \\
    --to sftp://acme@sftp.example.com/in/ --private-key ~/.ssh/id_ed25519
  icepack upload ./TIC-1234_Event1_20261120_1032.zip \\
    --to sftp://acme@sftp.example.com/~/in/

Without a user, ftps:// and ftp:// log in as anonymous. The folder of an SFTP
login is ~/.
An upload that was interrupted goes on where it stopped: type the same again.
ftps:// asks for TLS (on port 990 it begins with it), ftp:// is not encrypted.`;

export function uploadCommand(run: RunVerb): Command {
  const command = new Command('upload');
  return command
    .description('send a bundle that is too large to attach where support says, and tell the ticket')
    .argument('<run|zip>', 'the id of a run, or a ZIP that icepack made')
    .requiredOption(
      '--to <url>',
      'the folder: ftp://, ftps:// or sftp://[USER@]HOST[:PORT]/FOLDER/, without a password',
    )
    .addOption(
      new Option('--password-env <name>', 'the variable with the password').conflicts(['passwordFile', 'privateKey']),
    )
    .addOption(new Option('--password-file <path>', 'the file with it, yours alone to read').conflicts('privateKey'))
    .option('--private-key <file>', 'the key to log in with (sftp)')
    .option('--fingerprint <SHA256:...>', 'pin the host key that has this fingerprint (sftp)', parse.fingerprint)
    .option('--ca <file>', 'certificates (PEM) to trust instead of the usual ones (ftps)')
    .addHelpText('after', examples)
    .action((what: string, options: UploadOptions) => run(command, (context) => uploadVerb(what, options, context)));
}

async function uploadVerb(what: string, options: UploadOptions, context: Context): Promise<VerbOutcome> {
  const { parseUploadPlace } = await import('../upload/upload-target.js');
  const target = parseUploadPlace(options.to); // first: nothing is written down before a password in it was refused
  const { findStoredRun } = await import('../runs/stored-run.js');
  const { deskFor } = await import('../tickets/choose-desk.js');
  const { uploadRun } = await import('../upload/upload.js');
  const { document, nextDocument } = await import('../domain/result.js');
  const { uploadSummary } = await import('../upload/upload-summary.js');
  const { passwordEnv, passwordFile, privateKey, fingerprint, ca } = options;
  if (privateKey !== undefined && target.scheme !== 'sftp') throw notFor('--private-key', target.scheme);
  if (fingerprint !== undefined && target.scheme !== 'sftp') throw notFor('--fingerprint', target.scheme);
  if (ca !== undefined && target.scheme !== 'ftps') throw notFor('--ca', target.scheme);
  const login = {
    fingerprints: fingerprint ?? [],
    ...(passwordEnv === undefined ? {} : { password: { env: passwordEnv } }),
    ...(passwordFile === undefined ? {} : { password: { file: passwordFile } }),
    ...defined({ privateKey }),
    ...(ca === undefined ? {} : { ca: await certificates(ca) }),
  };
  const { operator, access, runs, program } = await context.workplace();
  const first = await firstDesk(context).catch((error: unknown) => {
    if (error instanceof UserError && error.code === 'no-config') return undefined; // the ticket is told by hand
    throw error;
  });
  const { run, manifest } = await findStoredRun(what, runs, program);
  const settings = first && (await deskFor(first, {}, [run.journal], operator.now()));
  const command = commandOf(what, options);
  const { signal } = context;
  const result = await uploadRun({
    what,
    run,
    manifest,
    target,
    login,
    command,
    settings,
    operator,
    access,
    runs,
    signal,
  });
  const { exitCode, ticket, bundle, upload, text, next, error } = result;
  return {
    exitCode,
    lines: uploadSummary(result),
    json: document('upload', exitCode, {
      ...{ run: run.id, reference: manifest.reference, event: manifest.event, ticket, bundle, servers: [] },
      ...{ upload, text, ...nextDocument(next), error },
    }),
  };
}

/** What to type to go on; a fingerprint is pinned by then, or another one is named. */
function commandOf(
  what: string,
  { to, passwordEnv, passwordFile, privateKey, ca }: UploadOptions,
): UploadRequest['command'] {
  const given = { to, 'password-env': passwordEnv, 'password-file': passwordFile, 'private-key': privateKey, ca };
  const words = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  return icepack('upload', what, ...words);
}

async function certificates(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw usageError('bad-ca', `--ca "${path}": ${reasonOf(error)}`, 'Name a file that can be read');
  });
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw usageError('bad-ca', `--ca "${path}" holds no certificate`, 'Name a file in PEM, with BEGIN CERTIFICATE in it');
}

function notFor(option: string, scheme: string): UserError {
  return usageError('usage', `${option} is of no use with ${scheme}://`, 'Leave it out, or name another --to');
}
