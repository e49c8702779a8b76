import { LIFECYCLE_RIGHTS, type Lifecycle } from '../../domain/device.ts';

/** A suspended camera may be looked at, by whoever mends it; a retired one shows nothing to anyone. */
export function mayBeSeen(lifecycle: Lifecycle): boolean {
  return LIFECYCLE_RIGHTS[lifecycle].mayConnect;
}
