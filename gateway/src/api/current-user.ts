import { ACTIONS, type Entitled, may, RESOURCES } from '../domain/permission.ts';

/** A person with all they may do, resource by resource, and the zone (IANA name) that days and times are told in. */
export function currentUser<User extends object>(
  user: User,
  caller: Entitled & { readonly mustEnrol?: boolean },
  timeZone: string,
) {
  const rights = Object.fromEntries(
    RESOURCES.map((resource) => [resource, ACTIONS.filter((action) => may(caller, resource, action))]),
  );
  return { ...user, mustEnrol: caller.mustEnrol ?? false, timeZone, rights };
}
