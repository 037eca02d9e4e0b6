/** @returns why no credential may be sent to an address, or undefined where it may */
export function insecurity(url: URL): string | undefined {
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'http:' || isLoopback) return undefined;
  return `the help desk's credential is not sent over plain http to ${url.host}`;
}
