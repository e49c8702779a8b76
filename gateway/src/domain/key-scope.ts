import type { Action, Resource, Rights } from './permission.ts';

/** What a key may be narrowed to. `mqtt` makes it a password of the vendor's MQTT login and opens nothing over HTTP. */
export const KEY_SCOPES = [
  'devices:read',
  'devices:write',
  'telemetry:read',
  'deviceTypes:write',
  'quarantine:operate',
  'mqtt',
] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** What every key that opens HTTP may look at: without it no registration could be filled in. */
const BASE: Rights = { vendors: ['read'], sites: ['read'], modules: ['read'], deviceTypes: ['read'] };

const RIGHTS: Readonly<Record<Exclude<KeyScope, 'mqtt'>, Rights>> = {
  'devices:read': { devices: ['read'] },
  'devices:write': { devices: ['read', 'create', 'update'], commands: ['read', 'operate'] },
  'telemetry:read': { devices: ['read'], telemetry: ['read'] },
  'deviceTypes:write': { deviceTypes: ['read', 'create', 'update'] },
  'quarantine:operate': { quarantine: ['read', 'operate'] },
};

/** The rights of a key: those of its owner that one of its scopes names; null = all of its owner's. */
export function narrowRights(owner: Rights | 'all', scopes: readonly KeyScope[] | null): Rights | 'all' {
  if (scopes === null) return owner;
  const merged = new Map<Resource, Set<Action>>();
  for (const scope of scopes) {
    if (scope === 'mqtt') continue;
    for (const rights of [BASE, RIGHTS[scope]]) {
      for (const [resource, actions] of Object.entries(rights) as [Resource, readonly Action[]][]) {
        const known = merged.get(resource) ?? new Set<Action>();
        for (const action of actions) known.add(action);
        merged.set(resource, known);
      }
    }
  }
  return Object.fromEntries(
    [...merged].map(([resource, actions]) => [
      resource,
      [...actions].filter((action) => owner === 'all' || (owner[resource]?.includes(action) ?? false)),
    ]),
  );
}

/** Whether a key with these scopes opens HTTP at all. */
export const opensHttp = (scopes: readonly KeyScope[] | null) =>
  scopes === null || scopes.some((scope) => scope !== 'mqtt');

/** Whether a key with these scopes is a password of its vendor's MQTT login. */
export const opensMqtt = (scopes: readonly KeyScope[] | null) => scopes === null || scopes.includes('mqtt');
