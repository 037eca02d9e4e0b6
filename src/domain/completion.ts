import { type Command, icepack } from './command.js';
import type { Manifest } from './manifest.js';

/** The command that brings the rest of the logs when the window is over; undefined when it was over already. */
export function completingCommand(manifest: Manifest, ticket: string | undefined): Command | undefined {
  const open = manifest.servers.filter((server) =>
    server.items.some((item) => item.coverage?.gaps?.includes('not-over')),
  );
  if (open.length === 0) return undefined;
  return collectAgain(open, manifest).with('--only', 'logs', ...whereTo(manifest, ticket));
}

/** The commands to type where a face did not let us in: look at the connection, then collect those servers again. */
export function repairCommands(manifest: Manifest, ticket: string | undefined): Command[] {
  const down = manifest.servers.filter(({ faces }) => faces.cli.status === 'down' || faces.hostOs.status === 'down');
  if (down.length === 0) return [];
  const doctor = icepack('doctor', ...down.map(({ name }) => name));
  return [doctor, collectAgain(down, manifest).with(...whereTo(manifest, ticket))];
}

function collectAgain(servers: Manifest['servers'], { event }: Manifest): Command {
  return icepack('collect', ...servers.map(({ name }) => name), '--at', event.at);
}

/** What is collected later belongs to the same incident. */
function whereTo({ reference, event }: Manifest, ticket: string | undefined): (string | number)[] {
  return ticket === undefined
    ? ['--no-submit', '--reference', reference]
    : ['--ticket', ticket, '--event', event.number];
}
