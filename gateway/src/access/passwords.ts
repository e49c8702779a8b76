import { passwordFaults } from '../domain/password-policy.ts';
import { type FieldError, GatewayError } from '../errors.ts';
import { bilingual } from '../messages/index.ts';
import { verifyPassword } from './secrets.ts';

/** How many former passwords may not come back. */
export const PASSWORD_MEMORY = 5;

/** Throws INVALID_INPUT naming every broken rule of the password policy. */
export function requirePolicy(path: string, password: string, username: string): void {
  const errors: FieldError[] = passwordFaults(password, username).map((fault) => ({
    path,
    code: fault,
    message: bilingual(`access.password.${fault}`),
  }));
  const first = errors[0];
  if (first) throw new GatewayError('INVALID_INPUT', first.message, { errors });
}

/** Throws INVALID_INPUT when the password is one of the given hashes. One after the other: each takes 32 MiB. */
export async function requireFresh(path: string, password: string, hashes: readonly string[]): Promise<void> {
  for (const hash of hashes) {
    if (!(await verifyPassword(password, hash))) continue;
    const message = bilingual('access.password.reused');
    throw new GatewayError('INVALID_INPUT', message, { errors: [{ path, code: 'reused', message }] });
  }
}
