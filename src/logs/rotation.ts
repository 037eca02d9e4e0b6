/** A log as it lies on a server, oldest part first. */
export type LogPart = {
  name: string;
  compressed: boolean;
  /** 0 is the newest rotated one; undefined: the one that is written to. */
  number: number | undefined;
};

/**
 * The files that make up one log, in time order: `system.log.10.gz` … `system.log.0.gz`, `system.log`. The guide writes
 * `<type>.nn.gz`, its example says `audit.log.0.gz`; both are taken, compressed or not. 0 is the newest.
 */
export function logParts(type: string, names: readonly string[]): LogPart[] {
  const rotated: { name: string; number: number; compressed: boolean }[] = [];
  for (const name of names) {
    if (!name.startsWith(type)) continue;
    const match = /^(?:\.log)?\.(\d{1,9})(\.gz)?$/.exec(name.slice(type.length));
    if (match !== null) rotated.push({ name, number: Number(match[1]), compressed: match[2] !== undefined });
  }
  rotated.sort((a, b) => b.number - a.number || a.name.localeCompare(b.name));
  const parts: LogPart[] = [...rotated];
  if (names.includes(`${type}.log`)) parts.push({ name: `${type}.log`, compressed: false, number: undefined });
  return parts;
}
