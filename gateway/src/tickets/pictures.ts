import type { DeviceKey } from '../domain/device.ts';
import type { Decision } from '../domain/health.ts';
import type { TicketEvidence, TicketRecord } from '../domain/ticket.ts';
import type { Tx } from '../domain/tx.ts';
import type { TicketStore } from './ports.ts';

/** A picture of a camera, by its id in the picture store. */
export interface PictureTaken {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly takenAt: number;
}

/** The last good picture before the fault goes into the ticket with the decision that files it. */
export function withPicturesBefore(
  decisions: readonly Decision[],
  before: ReadonlyMap<DeviceKey, PictureTaken>,
): readonly Decision[] {
  return decisions.map((decision) => {
    const [device] = decision.devices;
    const picture = device === undefined ? undefined : before.get(device);
    if (!picture || decision.action === 'resolved' || hasPicture(decision.evidence)) return decision;
    const shown = { picture: picture.id, which: 'before', takenAt: new Date(picture.takenAt).toISOString() };
    return { ...decision, evidence: [...decision.evidence, shown] };
  });
}

/** The first picture after the recovery goes into the tickets that wait for their verification. Answers how many took it. */
export async function attachPictureAfter(
  tx: Tx,
  store: Pick<TicketStore, 'openOfDevices' | 'addEvidence'>,
  device: DeviceKey,
  picture: PictureTaken,
): Promise<number> {
  const open = await store.openOfDevices(tx, [device]);
  const waiting = open.filter(({ ticket }) => wantsPicture(ticket, picture));
  for (const { ticket, deviceIds } of waiting) {
    const [deviceId] = deviceIds;
    const shown: TicketEvidence = {
      kind: 'picture',
      at: picture.takenAt,
      by: 'system',
      ...(deviceId === undefined ? {} : { deviceId }),
      detail: { picture: picture.id, which: 'after' },
    };
    await store.addEvidence(tx, ticket.id, [shown]);
  }
  return waiting.length;
}

/** A picture fault brings its own picture after; what was shown once since the recovery is enough. */
function wantsPicture(ticket: TicketRecord, { takenAt }: PictureTaken): boolean {
  const { firing, recoveredAt, evidence } = ticket;
  if (firing || recoveredAt === null || takenAt < recoveredAt) return false;
  return !evidence.some(
    ({ kind, at, detail }) =>
      at >= recoveredAt && (kind === 'picture' || (kind === 'recovery' && hasPicture([detail]))),
  );
}

function hasPicture(evidence: readonly unknown[]): boolean {
  return evidence.some((piece) => typeof piece === 'object' && piece !== null && 'picture' in piece && piece.picture);
}
