import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

const dear = crypto.scrypt;

/** In this process a password is hashed in 3 ms of work instead of 80; answers how to end that. */
export function makeHashesCheap(): () => void {
  crypto.scrypt = ((password, salt, length, options, done) =>
    dear(password, salt, length, { ...options, N: 1024 }, done)) as typeof crypto.scrypt;
  syncBuiltinESMExports();
  return () => {
    crypto.scrypt = dear;
    syncBuiltinESMExports();
  };
}
