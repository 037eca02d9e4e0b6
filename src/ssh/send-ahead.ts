const aheadBytes = 2 * 1024 * 1024;

/**
 * Lets the server send 2 MiB more at once than ssh2 would (4 MiB in all), so that a long line is kept full: ssh2 grants 1
 * MiB when 1 MiB has come, which is 1 MiB per round trip, half of what OpenSSH does. ssh2 sees a smaller window than the
 * one granted, and makes up for that. It never sees a window of exactly 0, because it throws away what comes then.
 */
export function widenReceiveWindow<T extends object>(channel: T): T {
  const { incoming } = channel as { incoming?: { window?: unknown } };
  if (incoming === undefined || typeof incoming.window !== 'number') return channel;
  let window: number;
  const show = (bytes: number) => {
    window = bytes === 0 ? -1 : bytes;
  };
  show(incoming.window - aheadBytes);
  Object.defineProperty(incoming, 'window', { get: () => window, set: show });
  return channel;
}
