import type { Clock } from '../../../adapters/adapter.ts';
import type { ProbePort } from '../api/ports/probe.ts';
import { requireRight } from '../domain/permission.ts';
import type { Care } from './care.ts';
import type { Identity } from './identity.ts';

/** A repair proves itself by this look; people on site ask for it before they report. */
export function createProbePart({ registry }: Identity, { recheck }: Care, clock: Clock): { probes: ProbePort } {
  return {
    probes: {
      async now(actor, deviceId, fault) {
        requireRight(actor, 'tickets', 'update');
        const { key } = await registry.devices.get(actor, deviceId);
        const [seen] = await recheck([key], fault);
        const { ok = false, detail = null } = seen ?? {};
        return { ok, at: clock.now(), reason: ok ? 'ok' : reasonOf(detail), detail };
      },
    },
  };
}

function reasonOf(detail: unknown): string {
  const { probe, reason } = (detail ?? {}) as { probe?: unknown; reason?: unknown };
  return typeof probe === 'string' ? probe : typeof reason === 'string' ? reason : 'unknown';
}
