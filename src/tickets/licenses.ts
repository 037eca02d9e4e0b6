import type { DeskSettings } from '../helpdesk/desk-settings.js';

type Licensed = { manifest: { servers: readonly { name: string }[] } } & Pick<DeskSettings, 'license'> &
  Partial<Pick<DeskSettings, 'licenses'>>;

/** The licenses of the servers of a run: one where they agree, else each once. */
export function licenseOf(given: Licensed): string | undefined {
  const known = [...serversByLicense(given).keys()].filter((license) => license !== '');
  return known.length === 0 ? given.license : known.join(', ');
}

/** The same for people: where servers have several, each with its servers. */
export function licenseText(given: Licensed): string | undefined {
  const servers = serversByLicense(given);
  const one = licenseOf(given);
  if (servers.size < 2) return one;
  return [...servers].map(([license, names]) => `${license || 'not stated'} (${names.join(', ')})`).join(', ');
}

/** An empty license is one that nobody stated. */
function serversByLicense({ manifest, license, licenses = {} }: Licensed): Map<string, string[]> {
  const servers = new Map<string, string[]>();
  for (const { name } of manifest.servers) {
    const own = licenses[name] ?? license ?? '';
    servers.set(own, [...(servers.get(own) ?? []), name]);
  }
  return servers;
}
