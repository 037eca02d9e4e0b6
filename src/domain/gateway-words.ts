/** What the templates of a gateway for SMS and calls may have in braces. */
export const gatewayWords = [
  ...['phone', 'email', 'name', 'id', 'reference', 'severity', 'status', 'subject'],
  ...['text', 'short', 'sms', 'twiml', 'ack', 'from', 'account', 'token', 'receipt'],
];

/** @returns those in braces that a gateway has no value for */
export function unknownGatewayWords(template: string): string[] {
  const words = [...template.matchAll(/\{([a-z]+)\}/g)].map(([, word = '']) => word);
  return words.filter((word) => !gatewayWords.includes(word));
}
