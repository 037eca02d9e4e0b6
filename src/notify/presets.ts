import type { GatewayRecipe } from './gateway.js';

const accounts = '/2010-04-01/Accounts/{account}';

/** Gateways that are known by name, after Twilio's documentation of messages and of calls. @param base where its API is */
export const gatewayPresets: Record<'twilio-sms' | 'twilio-call', (base: string) => GatewayRecipe> = {
  'twilio-sms': (base) => ({
    url: `${base}${accounts}/Messages.json`,
    method: 'POST',
    headers: {},
    form: { To: '{phone}', From: '{from}', Body: '{sms}' },
    okWhen: { status: ['accepted', 'scheduled', 'queued', 'sending', 'sent', 'delivered'] },
    receipt: 'sid',
    status: {
      url: `${base}${accounts}/Messages/{receipt}.json`,
      path: 'status',
      sent: ['sent', 'delivered', 'read'],
      failed: ['failed', 'undelivered', 'canceled'],
    },
    check: `${base}${accounts}.json`,
  }),
  'twilio-call': (base) => ({
    url: `${base}${accounts}/Calls.json`,
    method: 'POST',
    headers: {},
    form: { To: '{phone}', From: '{from}', Twiml: '{twiml}' },
    okWhen: { status: ['queued', 'initiated', 'ringing', 'in-progress', 'completed'] },
    receipt: 'sid',
    status: {
      url: `${base}${accounts}/Calls/{receipt}.json`,
      path: 'status',
      sent: ['in-progress', 'completed'],
      failed: ['busy', 'failed', 'no-answer', 'canceled'],
    },
    check: `${base}${accounts}.json`,
  }),
};
