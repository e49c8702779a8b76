import { ACTIONS, type Entitled, may, RESOURCES } from '../domain/permission.ts';

/** A person with all they may do, resource by resource. */
export function currentUser<User extends object>(user: User, caller: Entitled & { readonly mustEnrol?: boolean }) {
  const rights = Object.fromEntries(
    RESOURCES.map((resource) => [resource, ACTIONS.filter((action) => may(caller, resource, action))]),
  );
  return { ...user, mustEnrol: caller.mustEnrol ?? false, rights };
}
