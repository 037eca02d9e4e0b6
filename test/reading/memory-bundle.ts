import type { Layout } from '../../src/reading/layout.ts';
import type { OpenBundle } from '../../src/reading/open-bundle.ts';

/** A bundle made by hand of these texts, by path below the folder of one server. */
export function memoryBundle(texts: Record<string, string | Buffer | (() => Iterable<Buffer>)>): OpenBundle {
  const files = Object.entries(texts).map(([path, content]) => ({
    path: `Event1_ICE01_20261120_1032/${path}`,
    bytes: typeof content === 'function' ? 0 : content.length,
    async *read() {
      if (typeof content === 'function') yield* content();
      else yield Buffer.from(content);
    },
  }));
  return {
    ...{
      kind: 'folder',
      given: 'by-hand',
      name: 'by hand.zip',
      bytes: 1,
      top: 'TIC-1',
      manifest: undefined,
      manifestState: 'none',
      files,
      flaws: [],
    },
    sha256: async () => undefined,
    close: async () => undefined,
  };
}

export const eventAt = Date.UTC(2026, 10, 20, 10, 32);

export const oneServer: Layout = {
  ticket: 'TIC-1',
  event: {
    number: 1,
    at: new Date(eventAt),
    window: { since: new Date(eventAt - 1_800_000), until: new Date(eventAt + 1_800_000) },
  },
  zone: 'UTC',
  servers: [
    {
      folder: 'Event1_ICE01_20261120_1032',
      label: 'ICE01',
      name: undefined,
      cluster: undefined,
      zone: { name: 'UTC', source: 'assumed' },
    },
  ],
};

export const system = 'Logs/system.log';

/** Lines of a log, one a second from the beginning of the window. */
export function stamped(messages: readonly string[], from = eventAt - 1_800_000): string {
  return messages.map((message, at) => `${new Date(from + at * 1000).toISOString()} INFO ${message}\n`).join('');
}
