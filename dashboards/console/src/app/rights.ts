import type { Answer } from '../api/client.ts';
import { type Place, placeOf, SECTIONS, type Section } from './navigation.ts';
import { useMe } from './session.tsx';

type Rights = Answer<'CurrentUser'>['rights'];
export type Resource = keyof Rights & string;
export type Action = 'read' | 'create' | 'update' | 'remove' | 'decide' | 'operate' | 'export';

/** Whether whoever is signed in may do that; the gateway asks again at every request. */
export function useMay(): (resource: Resource, action: Action) => boolean {
  const { rights } = useMe();
  return (resource, action) => rights[resource]?.includes(action) ?? false;
}

function useOpen(): (place: Place) => boolean {
  const may = useMay();
  const { role } = useMe();
  return ({ needs, roles }) =>
    (needs.length === 0 || needs.some(([resource, action]) => may(resource, action))) &&
    (roles === undefined || roles.some((one) => (one.startsWith('!') ? one.slice(1) !== role : one === role)));
}

/** Sections with the places that are open to whoever is signed in. */
export function useSections(): readonly Section[] {
  const open = useOpen();
  return SECTIONS.map(({ label, places }) => ({ label, places: places.filter(open) })).filter(
    ({ places }) => places.length > 0,
  );
}

/** Whether an address may be gone to; one that no place knows is open, its page asks for itself. */
export function useMayGo(): (pathname: string) => boolean {
  const may = useMay();
  return (pathname) => {
    const needs = placeOf(pathname)?.needs ?? [];
    return needs.length === 0 || needs.some(([resource, action]) => may(resource, action));
  };
}
