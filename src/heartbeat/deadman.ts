import { request } from 'undici';

const limitMs = 10_000;

/**
 * Tells a service as Healthchecks is that the watch is well, or that it is not. No redirect is followed.
 * @throws Error why that failed, without the URL
 */
export async function pingDeadman(url: string, isWell: boolean, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const { statusCode, body } = await request(isWell ? url : failureOf(url), {
      signal: AbortSignal.any([signal, limit]),
      headers: { 'user-agent': 'icepack' },
    });
    await body.dump();
    if (statusCode < 200 || statusCode > 299) throw new Error(`it answered ${statusCode}`);
  } catch (error) {
    throw limit.aborted ? new Error(`no answer within ${limitMs / 1000} s`, { cause: error }) : error;
  }
}

function failureOf(url: string): URL {
  const address = new URL(url);
  address.pathname = `${address.pathname.replace(/\/+$/, '')}/fail`;
  return address;
}
