import type { Appliance } from '../../domain/appliance.js';
import type { Endpoint } from '../../domain/endpoint.js';
import { UserError } from '../../errors.js';
import { withDeadline } from '../deadline.js';
import type { Edges } from '../edges.js';
import { logInTo, placesOf } from '../server-faces.js';

/** As many as `ssh` asks for. */
const tries = 3;
/** A server that takes longer is left to the collection: the others are waiting. */
const patienceMs = 5000;

/**
 * Logs in once where a password was typed, and asks again where it is refused: a slip of the finger is mended while
 * somebody is there, before anything has begun. What is refused to the end is not sent again.
 */
export async function mendTypedPasswords(
  appliances: readonly Appliance[],
  edges: Edges,
  signal: AbortSignal,
): Promise<void> {
  const places = placesOf(appliances);
  const hops = places.filter(({ key }) => key.startsWith('jumpHosts.'));
  for (const hop of hops) await mend([hop], edges, signal);
  await mend(
    places.filter((place) => !hops.includes(place)),
    edges,
    signal,
  );
}

async function mend(places: readonly Endpoint[], edges: Edges, signal: AbortSignal): Promise<void> {
  let refused = places;
  for (let typed = 1; typed <= tries; typed++) {
    const answers = await Promise.all(refused.map((place) => refusesTyped(place, edges, signal)));
    refused = refused.filter((_place, index) => answers[index]);
    signal.throwIfAborted();
    let last = '';
    for (const place of refused) {
      edges.report({ type: 'note', text: `${place.title} refused the password of "${place.login.user}"`, asked: true });
      const again = `Password again (Enter: ${last === '' ? 'go on without' : 'the same'})`;
      if (typed < tries) last = (await edges.ask?.secret(again)) || last;
      edges.setTypedPassword(place, typed < tries && last !== '' ? last : undefined);
    }
  }
}

/** What is wrong otherwise is left to the collection, which records it. */
async function refusesTyped(place: Endpoint, edges: Edges, signal: AbortSignal): Promise<boolean> {
  if (!(await edges.loginSecrets(place)).typed) return false;
  const reaches = async (endpoint: Endpoint) =>
    withDeadline(patienceMs, signal, async (limited) => (await logInTo(endpoint, edges, limited)).close());
  try {
    if (place.via !== undefined) await reaches(place.via);
  } catch {
    return false; // it is the jump host that refuses
  }
  try {
    await reaches(place);
    return false;
  } catch (error) {
    return error instanceof UserError && error.code === 'login-refused';
  }
}
