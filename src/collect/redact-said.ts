import type { Intent } from '../domain/journal.js';
import { redactText } from '../redaction/redact-text.js';
import type { Operator } from '../ui/operator.js';

/** What a person says of an incident, with the secrets in it masked as in every other text that leaves this machine. */
export function redactSaid(intent: Intent, redact: boolean, { emit }: Pick<Operator, 'emit'>): Intent {
  if (!redact) return intent;
  const masked: Intent = {
    ...intent,
    ...maskedIn(intent, ['summary', 'description']),
    ...(intent.answers === undefined ? {} : { answers: maskedIn(intent.answers, Object.keys(intent.answers)) }),
  };
  if (JSON.stringify(masked) !== JSON.stringify(intent))
    emit({
      type: 'warning',
      text: 'what you wrote held a secret: it is masked',
      hint: 'Give secrets to nobody in a ticket',
    });
  return masked;
}

function maskedIn<T extends Record<string, unknown>, K extends keyof T>(texts: T, keys: readonly K[]): Pick<T, K> {
  const entries = keys.flatMap((key) => {
    const text = texts[key];
    return typeof text === 'string' ? [[key, redactText(text, [])] as const] : [];
  });
  return Object.fromEntries(entries) as Pick<T, K>;
}
