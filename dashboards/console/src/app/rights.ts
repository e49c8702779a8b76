import type { Answer } from '../api/client.ts';
import { useMe } from './session.tsx';

type Rights = Answer<'CurrentUser'>['rights'];
export type Resource = keyof Rights & string;
export type Action = 'read' | 'create' | 'update' | 'remove' | 'decide' | 'operate' | 'export';

/** Whether whoever is signed in may do that; the gateway asks again at every request. */
export function useMay(): (resource: Resource, action: Action) => boolean {
  const { rights } = useMe();
  return (resource, action) => rights[resource]?.includes(action) ?? false;
}
