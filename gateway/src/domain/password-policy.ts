/** Longest accepted password; scrypt work must not depend on what a stranger sends. */
export const PASSWORD_MAX_LENGTH = 128;

/** Rules the customer's management rules name: 8 characters or more, with letter, digit and symbol. */
export type PasswordFault = 'tooShort' | 'tooLong' | 'noLetter' | 'noDigit' | 'noSymbol' | 'containsUsername';

export function passwordFaults(password: string, username?: string): PasswordFault[] {
  const faults: PasswordFault[] = [];
  const length = [...password].length;
  if (length < 8) faults.push('tooShort');
  if (length > PASSWORD_MAX_LENGTH) faults.push('tooLong');
  if (!/\p{L}/u.test(password)) faults.push('noLetter');
  if (!/\p{Nd}/u.test(password)) faults.push('noDigit');
  if (!/[^\p{L}\p{Nd}\s]/u.test(password)) faults.push('noSymbol');
  if (username && username.length >= 3 && password.toLowerCase().includes(username.toLowerCase())) {
    faults.push('containsUsername');
  }
  return faults;
}
