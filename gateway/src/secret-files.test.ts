import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig, SECRETS } from './config.ts';
import { withSecretFiles } from './secret-files.ts';

const dir = mkdtempSync(join(tmpdir(), 'cgw-secrets-'));
const file = (name: string, content: string) => {
  const path = join(dir, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};
afterAll(() => rmSync(dir, { recursive: true }));

describe('a secret given as a file', () => {
  it('is read without the line end an editor leaves, and the pointer is no unknown variable', () => {
    const key = 'k'.repeat(40);
    const env = { CGW_SECRET_KEY_FILE: file('key', `${key}\n`), CGW_LOG_LEVEL: 'warn', HOME: '/x' };
    expect(withSecretFiles(env)).toEqual({ CGW_SECRET_KEY: key, CGW_LOG_LEVEL: 'warn', HOME: '/x' });
    expect(readConfig(withSecretFiles(env)).secretKey).toBe(key);
  });

  it('may be an address with a login', () => {
    const url = 'postgres://gateway:s3cret@database/gateway';
    expect(readConfig(withSecretFiles({ CGW_DATABASE_URL_FILE: file('url', url) })).databaseUrl).toBe(url);
  });

  it('exists for what is secret and for nothing else', () => {
    expect(SECRETS).toContain('CGW_OIDC_CLIENT_SECRET');
    expect(() => readConfig(withSecretFiles({ CGW_LOG_LEVEL_FILE: '/x' }))).toThrow('CGW_LOG_LEVEL_FILE');
  });

  it.each([
    ['both the file and the value', { CGW_BACKUP_KEY: 'b'.repeat(40), CGW_BACKUP_KEY_FILE: '/x' }, 'CGW_BACKUP_KEY'],
    ['no file there', { CGW_BACKUP_KEY_FILE: join(dir, 'absent') }, 'absent'],
    ['an empty file', { CGW_BACKUP_KEY_FILE: file('empty', '\n') }, 'empty'],
    ['a file that is no key', { CGW_BACKUP_KEY_FILE: file('long', 'x'.repeat(20_000)) }, 'long'],
  ])('is refused with its name: %s', (_case, env, named) => {
    expect(() => withSecretFiles(env)).toThrow(named);
    expect(() => withSecretFiles(env)).not.toThrow(/xxx|bbb/);
  });
});
