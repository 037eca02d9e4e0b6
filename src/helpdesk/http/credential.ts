/** Who asks, and how that is proven. */
export type HttpCredential = {
  /** The headers that prove it. @throws HelpDeskError where they have to be fetched */
  headers(signal: AbortSignal): Promise<Record<string, string>>;
  /** Every form in which it could come back in an answer; masked there. */
  secrets(): string[];
  /** Forgets what has run out, so that `headers` gets it anew. Absent where nothing can be renewed. */
  renew?(): void;
};

/** Headers that never change. @param secrets each form of the secret that is in them */
export function fixedCredential(headers: Record<string, string>, ...secrets: string[]): HttpCredential {
  return { headers: async () => headers, secrets: () => secrets };
}

/** RFC 6750, and with another word the same elsewhere: `Authorization: token …`. */
export function tokenCredential(token: string, scheme = 'Bearer'): HttpCredential {
  return fixedCredential({ authorization: `${scheme} ${token}` }, token);
}

/** RFC 7617. */
export function basicCredential(user: string, password: string): HttpCredential {
  const pair = Buffer.from(`${user}:${password}`).toString('base64');
  return fixedCredential({ authorization: `Basic ${pair}` }, pair, password);
}

/** No credential at all, of a request that carries a secret in its body. */
export function noCredential(...secrets: string[]): HttpCredential {
  return fixedCredential({}, ...secrets);
}

/** A token that is fetched when it is needed, kept in memory only, and fetched again once it is refused. */
export function fetchedToken(fetch: (signal: AbortSignal) => Promise<string>, ...secrets: string[]): HttpCredential {
  let token: Promise<string> | undefined;
  const seen = new Set<string>(secrets);
  return {
    async headers(signal) {
      token ??= fetch(signal);
      const got = await token.catch((error: unknown) => {
        token = undefined; // the next request tries again
        throw error;
      });
      seen.add(got);
      return { authorization: `Bearer ${got}` };
    },
    secrets: () => [...seen],
    renew() {
      token = undefined;
    },
  };
}

/** Masks a credential in whatever form it comes back. */
export function maskOf(credential: HttpCredential): (text: string) => string {
  return (text) => {
    let masked = text;
    // The longest first: a password within a pair leaves nothing of the pair.
    for (const secret of credential.secrets().toSorted((a, b) => b.length - a.length))
      for (const form of formsOf(secret)) masked = masked.replaceAll(form, '***');
    return masked;
  };
}

/** As it is, in a URL, within a string of JSON, and in Base64, with its padding or without. */
function formsOf(secret: string): string[] {
  if (secret === '') return [];
  const encoded = [
    Buffer.from(secret).toString('base64url'),
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  ];
  return [...new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...encoded])];
}
