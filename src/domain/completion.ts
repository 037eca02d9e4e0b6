import type { Manifest } from './manifest.js';

/** The word that begins the reason of a log whose window is not over. */
export const windowOpen = 'window-open';

/** The command that brings the rest of the logs when the window is over; undefined when it was over already. */
export function completingCommand(manifest: Manifest, ticket: string | undefined): string | undefined {
  const open = manifest.servers.filter((server) =>
    server.items.some((item) => item.coverage?.gaps?.includes('not-over')),
  );
  if (open.length === 0) return undefined;
  const servers = open.map((server) => server.name).join(' ');
  const to =
    ticket === undefined
      ? `--no-submit --reference ${manifest.reference}`
      : `--ticket ${ticket} --event ${manifest.event.number}`;
  return `icepack collect ${servers} --at ${manifest.event.at} --only logs ${to}`;
}

/** What brings the rest where a face did not let us in: look at the connection, then collect those servers again. */
export function repairCommands(manifest: Manifest, ticket: string | undefined): string[] {
  const down = manifest.servers.filter(({ faces }) => faces.cli.status === 'down' || faces.hostOs.status === 'down');
  if (down.length === 0) return [];
  const servers = down.map((server) => server.name).join(' ');
  const to =
    ticket === undefined
      ? `--no-submit --reference ${manifest.reference}`
      : `--ticket ${ticket} --event ${manifest.event.number}`;
  return [`icepack doctor ${servers}`, `icepack collect ${servers} --at ${manifest.event.at} ${to}`];
}
