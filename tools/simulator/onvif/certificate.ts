import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A self-signed certificate as cameras have them, made by openssl at first use and kept in the temporary directory. */
export async function cameraCertificate(): Promise<{ key: Buffer; cert: Buffer }> {
  const home = join(tmpdir(), `chengyun-simulator-certificate-${process.getuid?.() ?? 'user'}`);
  const read = async () => {
    const [key, cert] = await Promise.all([readFile(join(home, 'key.pem')), readFile(join(home, 'cert.pem'))]);
    return { key, cert };
  };
  return read().catch(async () => {
    const workshop = `${home}.${process.pid}.${randomBytes(4).toString('hex')}`;
    await mkdir(workshop, { mode: 0o700 });
    const subject = ['-subj', '/O=Simulated camera/CN=ipcam', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'key.pem'];
    const args = ['req', '-x509', '-days', '3650', ...key, '-out', 'cert.pem', ...subject];
    try {
      await run('openssl', args, { cwd: workshop, timeout: 20_000 });
      await rename(workshop, home).catch((error: { code?: string }) => {
        // Another process was first; its certificate is as good.
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
      });
    } finally {
      await rm(workshop, { recursive: true, force: true });
    }
    return read();
  });
}
