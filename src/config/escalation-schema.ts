import { z } from 'zod';
import { emailFault } from '../domain/contact.js';
import { routeTimes } from '../domain/route.js';
import { severities } from '../domain/ticket.js';
import type { LocalTime } from '../domain/zone.js';

type Kit = {
  name: z.ZodType<string>;
  oneLine: z.ZodType<string>;
  zone: z.ZodType<string>;
  /** In milliseconds. */
  duration: z.ZodType<number>;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const email = z.string().superRefine((text, context) => {
  const fault = emailFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

/** As gateways take it. Whether there are such numbers in its country is looked at by `refuseWrongPhones`. */
const phone = z
  .string()
  .transform((text) => text.replace(/[\s().\-/]/g, '').replace(/^00/, '+'))
  .refine(
    (text) => /^\+[1-9]\d{6,14}$/.test(text),
    'a telephone number with its country code, such as +46 660 29 92 00',
  );

const localMinute = z.string().transform((text, context): LocalTime => {
  const [all, ...parts] = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)$/.exec(text) ?? [];
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = parts.map(Number);
  const at = new Date(Date.UTC(year, month - 1, day, hour, minute));
  if (all !== undefined && at.toISOString().slice(0, 16) === all.replace(' ', 'T'))
    return { year, month, day, hour, minute, second: 0 };
  context.addIssue({ code: 'custom', message: 'a time such as "2026-11-02 08:00", by the clocks of the zone' });
  return z.NEVER;
});

const role = ({ name, zone, duration }: Kit) =>
  z.union(
    [
      name.transform((key) => ({ people: [key] })),
      z.array(name).transform((people) => ({ people })),
      z
        .strictObject({
          rota: z.array(name).min(1),
          from: localMinute,
          every: duration.refine((ms) => ms >= hourMs, 'a duration of at least 1h'),
          zone,
        })
        .transform(({ rota, every, ...rest }) => ({ turns: rota, everyMs: every, ...rest })),
    ],
    { error: 'a person, a list of people, or { rota: [kim, lee], from: "2026-11-02 08:00", every: 7d, zone: … }' },
  );

const policy = ({ name, duration }: Kit) =>
  z.strictObject({
    steps: z
      .array(z.strictObject({ at: duration, to: z.array(name).min(1), by: z.array(name).min(1) }))
      .min(1)
      .refine(
        (steps) => steps.every(({ at }, n) => at > (steps[n - 1]?.at ?? -1)),
        'each step later than the one before',
      ),
    again: duration.refine((ms) => ms >= minuteMs, 'a duration of at least 1m').optional(),
  });

const escalation = (kit: Kit) =>
  z.strictObject({
    routes: z
      .array(
        z.strictObject({
          when: z.enum(routeTimes).default('always'),
          severity: z
            .array(z.enum(severities))
            .min(1)
            .default([...severities]),
          policy: kit.name,
          answer: kit.duration.optional(),
        }),
      )
      .min(1),
    policies: z.record(kit.name, policy(kit)),
    copies: z
      .array(
        z.strictObject({
          to: z.literal('customer'),
          on: z.array(z.enum(['opened', 'resolved'])).min(1),
          by: z.array(kit.name).min(1),
        }),
      )
      .default([]),
    ackFor: kit.duration.refine((ms) => ms >= minuteMs, 'a duration of at least 1m').default(4 * hourMs),
    summary: z.strictObject({ within: kit.duration.default(24 * hourMs), to: z.array(kit.name).min(1) }).optional(),
  });

/** `people:`, `roles:` and `escalation:`. */
export const escalationFields = (kit: Kit) => ({
  people: z
    .record(
      kit.name,
      z.strictObject({
        name: kit.oneLine,
        email: email.optional(),
        phone: phone.optional(),
        atDesk: kit.oneLine.optional(),
      }),
    )
    .optional(),
  roles: z.record(kit.name, role(kit)).optional(),
  escalation: escalation(kit).optional(),
});

/** What a server has of it. */
export const serverPeople = ({ name }: Pick<Kit, 'name'>) => ({
  primaryContact: name.optional(),
  customer: z.strictObject({ email: email.optional(), phone: phone.optional() }).optional(),
});

type Fields = ReturnType<typeof escalationFields>;
export type WrittenEscalation = {
  people?: z.output<Fields['people']>;
  roles?: z.output<Fields['roles']>;
  escalation?: z.output<Fields['escalation']>;
};
