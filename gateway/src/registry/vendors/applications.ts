import { randomUUID } from 'node:crypto';
import { SYSTEM } from '../../domain/actor.ts';
import { isCreditCode } from '../../domain/credit-code.ts';
import { fieldError, parseInput, refuseIf } from '../../domain/input.ts';
import { type Vendor, VendorApplication } from '../../domain/vendor-input.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { VendorContext } from './context.ts';
import { createPublicGate } from './public-gate.ts';
import { newVendor } from './vendors.ts';

/** Applications that wait for an answer at most. */
const PENDING = 200;
const HOUR_MS = 3_600_000;

export interface VendorApplications {
  /** By a stranger. Answers alike whether the company is known, waiting or new; throws TOO_MANY_REQUESTS. */
  apply(input: VendorApplication, address: string): Promise<void>;
}

export function createVendorApplications(deps: VendorContext): VendorApplications {
  const { db, store, clock } = deps;
  const gate = createPublicGate({ clock, perAddress: 5, inAll: 60, windowMs: HOUR_MS });

  return {
    async apply(raw, address) {
      if (!deps.applicationsOpen()) throw new GatewayError('FORBIDDEN', bilingual('vendor.applicationsClosed'));
      const input = parseInput(VendorApplication, raw);
      if (!isCreditCode(input.creditCode)) refuseIf([fieldError('/creditCode', 'creditCode', 'vendor.creditCode')]);
      gate(address);
      const now = clock.now();
      await db.transaction(async (tx) => {
        const known = await store.byCreditCode(tx, input.creditCode);
        if ((await store.countByState(tx, 'applied')) >= PENDING) {
          throw new GatewayError('TOO_MANY_REQUESTS', bilingual('vendor.applicationsFull'), {
            extra: { retryAfter: HOUR_MS / 1_000 },
          });
        }
        const applied = {
          state: 'applied' as const,
          stateReason: null,
          stateAt: now,
          purpose: input.purpose,
          agreementRequired: deps.agreementRequired(),
        };
        const fresh: Vendor = {
          ...newVendor(`v-${randomUUID().slice(0, 18)}`, { ...input, name: input.company }, now),
          ...applied,
        };
        // Who was rejected may try again under the same record; of every other known company only the attempt is noted,
        // since nobody proves here to be that company.
        if (!known) await store.insert(tx, fresh);
        else if (known.state === 'rejected') {
          await store.update(tx, { ...known, ...applied, name: input.company, contact: input.contact });
        }
        await deps.audit.append(tx, [
          {
            at: now,
            actor: { ...SYSTEM, address },
            action: known && known.state !== 'rejected' ? 'applyAgain' : 'apply',
            resource: 'vendors',
            resourceId: known?.id ?? fresh.id,
            after: input,
          },
        ]);
      });
      await deps.changed();
    },
  };
}
