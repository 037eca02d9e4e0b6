import type { Context } from '../context.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';

/** The help desk of `helpdesk:`; only named where the ticket may take a route to another one. */
export async function firstDesk(
  context: Context,
  contacted = true,
  of?: Awaited<ReturnType<Context['config']>>,
): Promise<DeskSettings> {
  const { routes } = of ?? (await context.config());
  return context.deskSettings(contacted && routes.length === 0, undefined, of);
}
