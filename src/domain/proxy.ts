const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

/** The variables that name a proxy and are set. No proxy is ever used; their values may hold a password. */
export function proxyVariables(env: Record<string, string | undefined>): string[] {
  return names.filter((name) => Boolean(env[name]));
}
