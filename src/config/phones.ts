import { z } from 'zod';
import { parseYaml } from './yaml.js';

/**
 * Refuses telephone numbers that no country has; the table of all countries is loaded only where there is one.
 * @throws UserError `bad-config` naming file and line
 */
export async function refuseWrongPhones(text: string, path: string): Promise<void> {
  const { phoneFault } = await import('../domain/phone.js');
  const phone = z.string().superRefine((number, context) => {
    const message = phoneFault(number);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
  const withPhone = z.looseObject({ phone: phone.optional() });
  const customers = z.looseObject({ customer: withPhone.optional() });
  parseYaml(
    z.looseObject({
      people: z.record(z.string(), withPhone).optional(),
      appliances: z.record(z.string(), customers),
    }),
    text,
    path,
    'bad-config',
  );
}
