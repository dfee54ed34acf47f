const schemes = ['postgres:', 'postgresql:'];

/**
 * Checks the URL of a PostgreSQL database and removes its secrets.
 *
 * @param url - `postgres://user@host:port/database`, or `postgres:///database?host=/folder` for a socket. Other
 *   parameters are passed to npm's pg, such as `sslmode=verify-full`.
 * @returns the URL for display, without the password and without parameters other than `host`.
 * @throws RangeError if it is invalid. The message does not contain it, because it may contain a password.
 */
export function describeDatabase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol ?? /^\w+:/.exec(url)?.[0];
  if (!parsed || !schemes.includes(parsed.protocol)) throw refused(schemeOf(scheme));
  // A password with an unescaped / would become part of the path, and be shown.
  if (!/^\/[^/@]+$/.test(parsed.pathname)) throw refused('no database name');
  const host = parsed.searchParams.get('host');
  if (parsed.hostname === '' && !host) throw refused('no host');
  const user = parsed.username === '' ? '' : `${parsed.username}@`;
  return `postgres://${user}${parsed.host}${parsed.pathname}${host ? `?host=${host}` : ''}`;
}

function schemeOf(scheme: string | undefined): string {
  if (scheme === undefined) return 'no URL';
  return schemes.includes(scheme) ? 'a URL that cannot be read' : `a URL that begins with ${scheme}`;
}

function refused(got: string): RangeError {
  return new RangeError(
    `openStudyDatabase: "url" expected postgres://user@host:port/database, got ${got}. In a password write % as %25, @ as %40, / as %2F.`,
  );
}
