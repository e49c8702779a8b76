const HIDDEN = '[redacted]';
/** The path of a loopback stream is a token that opens one camera. */
const LOOPBACK_PATH = /(rtsps?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?\/).+/i;
const AUTHORIZATION = /((?:proxy-)?authorization:\s*)[^\r\n]+/gi;
/** Options of ffmpeg whose value is a secret as a whole. */
const SECRET_OPTIONS = new Set(['-headers', '-cookies', '-decryption_key', '-encryption_key', '-http_proxy']);
/** Shorter ones would blacken ordinary words. */
const LEAST_SECRET = 6;

/** Takes logins, stream tokens and authorization headers out of a text, and whatever `secrets` names. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text.replace(/\S+/g, redactWord).replace(AUTHORIZATION, `$1${HIDDEN}`);
  for (const secret of secrets) clean = clean.replaceAll(secret, HIDDEN);
  return clean;
}

/**
 * Everything up to the last @ of a word with a URL in it: cameras do have passwords with an @ or a slash. Done by index,
 * since a pattern for it takes seconds on a text made to be slow, and stderr repeats what a camera sends.
 */
function redactWord(word: string): string {
  const scheme = word.indexOf('://');
  if (scheme < 0) return word;
  const at = word.lastIndexOf('@');
  const known = at > scheme ? `${word.slice(0, scheme + 3)}${HIDDEN}${word.slice(at)}` : word;
  return known.replace(LOOPBACK_PATH, `$1${HIDDEN}`);
}

/** Arguments as they may be logged. */
export function redactArgs(args: readonly string[]): string[] {
  return args.map((arg, index) => (SECRET_OPTIONS.has(args[index - 1] ?? '') ? HIDDEN : redact(arg)));
}

/** The secrets in arguments, as a program may print them without their URL around them. Longest first. */
export function secretsIn(args: readonly string[]): string[] {
  const found = args.flatMap((arg, index) => {
    if (SECRET_OPTIONS.has(args[index - 1] ?? '')) return [arg, arg.replace(/^[^:]*:\s*/, '').trim()];
    const login = /^[a-z][a-z0-9+.-]*:\/\/(\S*)@/i.exec(arg)?.[1];
    const password = login?.slice(login.indexOf(':') + 1);
    const token = /^rtsps?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?\/(\S+)/i.exec(arg)?.[1];
    return [login, password, decoded(password), token].filter((each) => each !== undefined);
  });
  return [...new Set(found)].filter((each) => each.length >= LEAST_SECRET).sort((a, b) => b.length - a.length);
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || !/%[0-9a-f]{2}/i.test(text)) return undefined;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A password may look like an escape without being one.
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
