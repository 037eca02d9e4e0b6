import { z } from 'zod';
import { HelpDeskError } from '../help-desk.js';
import { agreed } from '../http/answer.js';
import type { HttpCall, HttpEnvironment } from '../http/call.js';
import { basicCredential, fetchedToken, type HttpCredential, noCredential } from '../http/credential.js';
import { openHttp } from '../http/http.js';

/** How we prove who we are: an OAuth client with its secret, or an API token. */
export type ZendeskProof = { clientId: string; clientSecret: string; scope: string } | { email: string; token: string };

/** Zendesk ends API tokens; until then each is switched off when nobody used it for a month. */
export const tokenEnds =
  'Zendesk ends API tokens on 30 April 2027, and earlier one that nobody used for 30 days; give clientId and clientSecret of an OAuth client';

const grantSchema = z.object({ access_token: z.string().min(1) });

/** An access token is kept in memory only, and got anew once it is refused. */
export function zendeskCredential(
  base: URL,
  proof: ZendeskProof,
  http: { env: HttpEnvironment; timeoutMs?: number },
): HttpCredential {
  if ('token' in proof) return basicCredential(`${proof.email}/token`, proof.token);
  const { clientId, clientSecret, scope } = proof;
  const desk = openHttp({ base, credential: noCredential(clientSecret), ...http });
  const body = JSON.stringify({
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    scope,
  });
  const call: HttpCall = { method: 'POST', url: new URL('/oauth/tokens', base), body, safe: true };
  return fetchedToken(async (signal) => {
    const answer = await desk.send(call, signal).catch((error: unknown) => {
      throw refusedClient(error);
    });
    return agreed(grantSchema, call, answer).access_token;
  }, clientSecret);
}

/** A refused secret is not tried again: the error has no status, by which a token would be got anew. */
function refusedClient(error: unknown): unknown {
  if (!(error instanceof HelpDeskError) || error.status === undefined) return error;
  if (![400, 401, 403].includes(error.status)) return error;
  return new HelpDeskError('auth', `no access token for the OAuth client: ${error.message}`, { cause: error });
}
