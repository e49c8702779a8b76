import { createRegistrationService } from '../registry/registration/registration.ts';
import type { Foundation } from './foundation.ts';
import type { Identity } from './identity.ts';
import type { Video } from './video.ts';

/** 设备登记与验收: trials and handovers of every device, and what stands around a proposed camera. */
export function createRegistrationPart(
  { config, clock, store, db }: Foundation,
  { acceptances, handovers }: Identity['registry'],
  { cameras }: Pick<Video, 'cameras'>,
) {
  return createRegistrationService({
    db,
    clock,
    store: store.registration,
    audit: store.audit,
    timeZone: config.timeZone,
    acceptances,
    handovers,
    nearby: cameras.duplicateCheck,
  });
}
