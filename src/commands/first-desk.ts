import type { Context } from '../context.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';

/** The help desk of `helpdesk:`; only named where the ticket may take a route to another one. */
export async function firstDesk(context: Context, contacted = true): Promise<DeskSettings> {
  const { routes } = await context.config();
  return context.deskSettings(contacted && routes.length === 0);
}
