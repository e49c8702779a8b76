import { LIFECYCLE_RIGHTS, type Lifecycle } from '../../domain/device.ts';

/** Suspended and retired cameras show nothing to anyone. */
export function mayBeSeen(lifecycle: Lifecycle): boolean {
  return LIFECYCLE_RIGHTS[lifecycle].mayConnect && lifecycle !== 'suspended';
}
