import type { Logger } from '../../adapters/adapter.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Keys whose values never reach a log line, wherever they stand. */
const SECRET_KEYS = /^(password|secret|token|authorization|apiKey|key|cookie|currentPassword|newPassword)$/i;
const URL_LOGIN = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;
const REDACTED = '[redacted]';

export interface RootLogger extends Logger {
  /** Makes a value unprintable from now on (whole value, at least 4 characters). */
  redact(secret: string): void;
}

/** JSON lines on stderr (stdout belongs to the ready line). CR, LF and control characters are escaped by JSON itself. */
export function createLogger(
  level: LogLevel,
  write: (line: string) => void = (line) => process.stderr.write(line),
): RootLogger {
  const secrets = new Set<string>();
  const threshold = LOG_LEVELS.indexOf(level);

  const clean = (key: string, value: unknown): unknown => {
    if (SECRET_KEYS.test(key) && value !== undefined && value !== null) return REDACTED;
    if (value instanceof Error) return describe(value);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'string') return value;
    let text = value.replace(URL_LOGIN, `$1${REDACTED}@`);
    for (const secret of secrets) text = text.replaceAll(secret, REDACTED);
    return text;
  };

  const make = (bound: object): Logger => {
    const at = (name: LogLevel) => (fields: object, message: string) => {
      if (LOG_LEVELS.indexOf(name) < threshold) return;
      write(
        `${JSON.stringify({ time: new Date().toISOString(), level: name, ...bound, ...fields, msg: message }, clean)}\n`,
      );
    };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (fields) => make({ ...bound, ...fields }),
    };
  };

  return {
    ...make({}),
    redact(secret) {
      if (secret.length >= 4) secrets.add(secret);
    },
  };
}

function describe(error: Error): object {
  const code = (error as { code?: unknown }).code;
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.cause instanceof Error ? { cause: describe(error.cause) } : {}),
    stack: error.stack?.split('\n').slice(1, 6).join(' | '),
  };
}
