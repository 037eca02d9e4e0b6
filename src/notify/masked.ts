/** Masks a secret in whatever form it comes back. */
export function masked(text: string, secrets: readonly string[]): string {
  // The longest first: a password within a pair leaves nothing of the pair.
  const forms = secrets.flatMap(formsOf).toSorted((a, b) => b.length - a.length);
  return forms.reduce((left, form) => left.replaceAll(form, '***'), text);
}

/** As it is, in a URL, within a string of JSON, and in Base64, with its padding or without. */
function formsOf(secret: string): string[] {
  if (secret === '') return [];
  const bytes = Buffer.from(secret);
  const encoded = [bytes.toString('base64url'), bytes.toString('base64').replace(/=+$/, '')];
  return [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...encoded])];
}
