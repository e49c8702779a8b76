import type { Actor } from '../domain/actor.ts';
import type { DeviceRecord } from '../domain/device-record.ts';
import { refuseIf } from '../domain/input.ts';
import { type FieldError, GatewayError } from '../errors.ts';
import { bilingual, bothNames } from '../messages/index.ts';

/** A vendor describes its device until it is in service; from then on the operations centre does. */
export function requireVendorTurn(actor: Actor, device: DeviceRecord): void {
  if (actor.scope.kind !== 'vendor' || ['pending', 'trial', 'rejected'].includes(device.lifecycle)) return;
  throw new GatewayError(
    'FORBIDDEN',
    bilingual('registry.vendorInService', { lifecycle: bothNames('lifecycle', [device.lifecycle]) }),
  );
}

/** A value that is taken is a conflict with what exists; everything else is a fault of the input. */
export function refuse(errors: FieldError[]): void {
  const [first] = errors;
  if (first && errors.every((error) => error.code === 'duplicate')) {
    throw new GatewayError('CONFLICT', first.message, { errors });
  }
  refuseIf(errors);
}
