import { proxyVariables } from '../domain/proxy.js';
import { printableLine } from '../domain/text.js';

type Note = { text: string; hint?: string; fatal?: boolean };

/**
 * Environment variables that change how this program talks to others, for `icepack doctor`. Only names are shown: values
 * may be secret.
 */
export function environmentNotes(env: Record<string, string | undefined>): Note[] {
  const set = (name: string) => Boolean(env[name]);
  const notes: Note[] = [];
  const proxies = proxyVariables(env);
  if (proxies.length > 0)
    notes.push({
      text: `${proxies.join(', ')} is set and not used: the help desk is contacted directly`,
      hint: 'Where it can only be reached through the proxy, collect with --no-submit and attach the ZIP by hand',
    });
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
    notes.push({
      text: 'NODE_TLS_REJECT_UNAUTHORIZED=0 is set: no token is sent to a help desk over https',
      hint: 'Unset it; name the authority of the help desk instead: NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
      fatal: true,
    });
  if (set('NODE_EXTRA_CA_CERTS')) notes.push({ text: 'NODE_EXTRA_CA_CERTS is set: its authorities are trusted, too' });
  if (set('SSLKEYLOGFILE') || /--tls-keylog/.test(env['NODE_OPTIONS'] ?? ''))
    notes.push({
      text: 'keys of TLS connections are written to a file (SSLKEYLOGFILE, --tls-keylog)',
      hint: 'Whoever reads that file reads the token: unset it',
    });
  const traced = env['ICEPACK_DEBUG'];
  if (traced) notes.push({ text: `ICEPACK_DEBUG is set: a trace goes to ${printableLine(traced)}` });
  if (set('NODE_OPTIONS')) notes.push({ text: 'NODE_OPTIONS is set and changes how Node runs' });
  return notes;
}

/** The note that the operator's zone is not known. */
export function zoneNotes({ name, doubt }: { name: string; doubt?: string }): Note[] {
  if (doubt === undefined) return [];
  return [
    {
      text: `${doubt}; ${name} is assumed`,
      hint: 'Set it: export TZ=Europe/Stockholm; or name it: --zone Europe/Stockholm',
    },
  ];
}

/** Notes for `icepack doctor` on lines in the user's own files that pin no host key. */
export function oddLineNotes(files: readonly { path: string; numbers: readonly number[] }[]): Note[] {
  return files.map(({ path, numbers }) => {
    const shown = numbers.slice(0, 5).join(', ') + (numbers.length > 5 ? ` and ${numbers.length - 5} more` : '');
    const [lines, are] = numbers.length === 1 ? ['line', 'is no host key'] : ['lines', 'are no host keys'];
    return {
      text: `${path}: ${lines} ${shown} ${are}, and passed over as ssh does`,
      hint: 'Repair or remove what stands there: a key that is meant to be trusted or revoked is neither',
    };
  });
}
