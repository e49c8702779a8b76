import { readFileSync } from 'node:fs';
import { type Environment, SECRETS } from './config.ts';
import { GatewayError } from './errors.ts';
import { bilingual } from './messages/index.ts';

const SUFFIX = '_FILE';
/** A key or an address; anything longer is the wrong file. */
const MAX_BYTES = 16_384;

/**
 * Variables that hold a secret may be given as a file instead, `CGW_SECRET_KEY_FILE=/run/secrets/secret_key`: what stands
 * in the environment of a container is shown to whoever may inspect it. White space at the end of the file is cut off.
 * Throws INVALID_CONFIG naming the variable; never the content.
 */
export function withSecretFiles(env: Environment): Environment {
  const read = SECRETS.flatMap((name) => {
    const path = env[name + SUFFIX];
    return path ? [[name, contentOf(name, path, env)] as const] : [];
  });
  const pointers = new Set(SECRETS.map((name) => name + SUFFIX));
  const rest = Object.entries(env).filter(([name]) => !pointers.has(name));
  return { ...Object.fromEntries(rest), ...Object.fromEntries(read) };
}

function contentOf(name: string, path: string, env: Environment): string {
  if (env[name]) refuse('config.secretTwice', name, path);
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    refuse('config.secretUnread', name, path, cause);
  }
  const text = content.toString('utf8').trimEnd();
  if (text === '' || content.length > MAX_BYTES) refuse('config.secretUnread', name, path);
  return text;
}

function refuse(key: 'config.secretTwice' | 'config.secretUnread', name: string, path: string, cause?: unknown): never {
  throw new GatewayError('INVALID_CONFIG', bilingual(key, { name: name + SUFFIX, other: name, path }), { cause });
}
