import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';

const FILE = 'secret-key';

/** The master secret: CGW_SECRET_KEY, else a file in the data directory that is made once and readable by us alone. */
export async function loadSecretKey(config: { secretKey: string | null; dataDir: string }): Promise<string> {
  if (config.secretKey) return config.secretKey;
  const path = join(config.dataDir, FILE);
  const found = await readKey(path);
  if (found) return found;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const fresh = randomBytes(32).toString('base64url');
  await writePrivate(path, `${fresh}\n`);
  // Another starter may have been first: what stands in the file counts.
  return (await readKey(path)) ?? fresh;
}

async function readKey(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GatewayError('INVALID_CONFIG', bilingual('config.secretFile', { path }), { cause: error });
  }
  const key = text.trim();
  // A new key instead of a broken file would silently lock out every device.
  if (key.length < 32) throw new GatewayError('INVALID_CONFIG', bilingual('config.secretFile', { path }));
  await chmod(path, 0o600);
  return key;
}

/** Writes a file only we can read, whole or not at all; an existing one stays. Answers whether it was written. */
export async function writePrivate(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
