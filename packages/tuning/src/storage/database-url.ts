const schemes = ['postgres:', 'postgresql:'];

/**
 * Checks the URL of a PostgreSQL database.
 *
 * @param url - `postgres://user@host:port/database`; of a socket `postgres:///database?host=/folder`. Other parameters are
 *   those of npm's pg, such as `sslmode=verify-full`.
 * @returns the URL as it may be shown: without password and without parameters but `host`.
 * @throws RangeError if it is none; the message does not repeat it, as it may hold a password.
 */
export function describeDatabase(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol ?? /^\w+:/.exec(url)?.[0];
  if (!parsed || !schemes.includes(parsed.protocol)) throw refused(schemeOf(scheme));
  // What follows a / in a password would look like one, and be shown.
  if (!/^\/[^/@]+$/.test(parsed.pathname)) throw refused('no name of a database');
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
