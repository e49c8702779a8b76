/**
 * Logins that cameras leave the factory with, as their public manuals print them. Short on purpose: each try is a wrong
 * login in the camera's eyes, and cameras lock accounts.
 */
export const DEFAULT_LOGINS = [
  { username: 'admin', password: 'admin' },
  { username: 'admin', password: '12345' },
  { username: 'admin', password: '123456' },
  { username: 'admin', password: '888888' },
  { username: 'admin', password: '666666' },
  { username: 'admin', password: 'admin123' },
  { username: 'admin', password: 'admin12345' },
  { username: 'admin', password: '1111' },
  { username: 'root', password: 'root' },
  { username: 'root', password: 'pass' },
] as const;

/** Place of a login in the list; −1 = not in it. A vendor's word stays a vendor's word under another user name. */
export function placeOf(password: string | undefined): number {
  return DEFAULT_LOGINS.findIndex((login) => login.password === password);
}
