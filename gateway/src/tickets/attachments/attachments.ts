import type { Actor } from '../../domain/actor.ts';
import { type Crs, distance, type Point, toWgs84 } from '../../domain/geo.ts';
import type { TicketEvidence } from '../../domain/ticket.ts';
import type { AttachmentPhase, TicketAttachment } from '../../domain/ticket-rows.ts';
import type { Tx } from '../../domain/tx.ts';
import { createZone } from '../../domain/working-time.ts';
import { GatewayError } from '../../errors.ts';
import type { Language } from '../../messages/index.ts';
import type { Desk } from '../desk.ts';
import { draftOf, note } from '../draft.ts';
import { isFar, refused, type TicketDetails } from '../read.ts';
import { NO_FACTS, pictureFacts } from './exif.ts';
import type { AttachmentFiles } from './files.ts';
import { ATTACHMENT_BYTES, mediaOf, plainName } from './media.ts';

/** A picture or document as it comes in, with what the person says of it. */
export interface NewAttachment {
  readonly content: Uint8Array;
  readonly name?: string;
  readonly phase?: AttachmentPhase;
  readonly note?: string;
  /** Epoch milliseconds; counts only where the file itself says nothing. */
  readonly takenAt?: number;
  readonly location?: Point & { readonly crs?: Crs };
}

/** A file that was looked at and lies on the disk already. */
export type KeptAttachment = Omit<TicketAttachment, 'ticketId' | 'n' | 'by' | 'at' | 'distance' | 'repeated'>;

export interface AttachmentFile {
  readonly content: Uint8Array;
  readonly mediaType: string;
  readonly name: string;
  readonly sha256: string;
}

export interface AttachmentSteps {
  add(actor: Actor, id: string, file: NewAttachment, language?: Language): Promise<TicketDetails>;
  /** Audited: it shows people and places. NOT_FOUND for foreign tickets and for files that are missing or were changed on disk. */
  file(actor: Actor, id: string, n: number): Promise<AttachmentFile>;
  /** Judges and keeps the bytes; nothing names them yet. */
  keep(file: NewAttachment): Promise<KeptAttachment>;
  /** Names kept files in a ticket the caller has locked. */
  attach(tx: Tx, actor: Actor, ticketId: string, files: readonly KeptAttachment[]): Promise<void>;
}

/** Files of one ticket. */
const MOST = 50;
/** A clock of a phone may be a little fast. */
const AHEAD_MS = 5 * 60_000;

export function createAttachments(desk: Desk, files: AttachmentFiles): AttachmentSteps {
  const { store, transactor, clock } = desk.options;

  const keep: AttachmentSteps['keep'] = async ({ content, name, phase, note: words, takenAt, location }) => {
    const media = mediaOf(content);
    if (!media) throw refused('UNPROCESSABLE', 'fileKind', '/');
    if (content.byteLength > ATTACHMENT_BYTES) throw new GatewayError('PAYLOAD_TOO_LARGE');
    const now = clock.now();
    const zone = createZone(desk.context().settings.workingHours.zone);
    const facts = media.mediaType.startsWith('image/') ? pictureFacts(content, media.mediaType, zone) : NO_FACTS;
    // A picture of the future proves nothing about a repair; the person's word does not either.
    const believable = (time: number | null | undefined) => (time && time > 0 && time <= now + AHEAD_MS ? time : null);
    const ofFile = believable(facts.takenAt);
    const taken = ofFile ?? believable(takenAt);
    const said = location ? toWgs84(location, location.crs ?? 'wgs84') : null;
    const at = facts.place ?? said;
    return {
      sha256: await files.keep(content),
      bytes: content.byteLength,
      mediaType: media.mediaType,
      name: plainName(name, media.extension),
      phase: phase ?? 'other',
      note: words ?? null,
      takenAt: taken,
      takenFrom: taken === null ? null : ofFile === null ? 'person' : 'file',
      lat: at?.lat ?? null,
      lon: at?.lon ?? null,
      placeFrom: at === null ? null : facts.place === null ? 'person' : 'file',
    };
  };

  const attach: AttachmentSteps['attach'] = async (tx, actor, ticketId, kept) => {
    const stored = await store.get(tx, ticketId, null, true);
    if (!stored || kept.length === 0) return;
    const known = (await store.belongings(tx, [ticketId])).get(ticketId)?.attachments ?? [];
    if (known.length + kept.length > MOST) throw refused('UNPROCESSABLE', 'tooManyFiles', '/');
    const draft = draftOf(stored);
    const { stage } = stored.ticket;
    const place = await store.placeOf(tx, ticketId);
    const now = clock.now();
    const proofs: TicketEvidence[] = [];
    const seen = new Set(
      await store.filesNamed(
        tx,
        kept.map(({ sha256 }) => sha256),
      ),
    );
    const { photoDistance } = desk.context().settings;
    for (const file of kept) {
      const away = place && file.lat !== null && file.lon !== null ? { lat: file.lat, lon: file.lon } : null;
      const metres = place && away ? Math.round(distance(place, away)) : null;
      const n = await store.addAttachment(tx, { ...file, ticketId, by: actor.id, at: now, distance: metres });
      const { sha256, phase, takenAt, name } = file;
      const marks = marksOf(seen.has(sha256), isFar(metres, photoDistance));
      seen.add(sha256);
      const detail = { attachment: n, phase, sha256, takenAt, distance: metres, ...marks };
      const kind = proofOf(file);
      proofs.push({ kind, at: now, by: actor.id, detail });
      const line = { kind: 'attachment', from: stage, to: stage, by: actor.id, at: now, code: 'attached' } as const;
      note(draft, { ...line, note: file.note, values: { n, name }, cause: null });
    }
    await store.addEvidence(tx, ticketId, proofs);
    await store.log(tx, draft.entries);
    await desk.prove.did(tx, actor, 'attach', ticketId, null, {
      files: kept.map(({ sha256, mediaType, bytes }) => ({ sha256, mediaType, bytes })),
    });
  };

  return {
    keep,
    attach,
    async add(actor, id, file, language = 'zh-CN') {
      // Nothing is kept for a ticket the caller does not see.
      await desk.find(transactor.autocommit, actor, id, false);
      const kept = await keep(file);
      await transactor.transaction(async (tx) => {
        const { ticket } = await desk.find(tx, actor, id, true);
        if (ticket.stage === 'cancelled' || ticket.stage === 'falseAlarm')
          throw refused('TRANSITION_NOT_ALLOWED', 'ended', 'stage', { stage: ticket.stage });
        await attach(tx, actor, id, [kept]);
      });
      return desk.readOne(actor, id, language);
    },

    async file(actor, id, n) {
      const tx = transactor.autocommit;
      await desk.find(tx, actor, id, false);
      const row = (await store.belongings(tx, [id])).get(id)?.attachments.find((one) => one.n === n);
      const content = row ? await files.read(row.sha256) : null;
      if (!row || !content) throw new GatewayError('NOT_FOUND');
      await desk.prove.did(tx, actor, 'view', id, null, { attachment: n, sha256: row.sha256 });
      return { content, mediaType: row.mediaType, name: row.name, sha256: row.sha256 };
    },
  };
}

/** Not refused: a phone sends twice, a map is wrong. Whoever verifies the work is told. */
function marksOf(repeated: boolean, far: boolean) {
  return { ...(repeated ? { repeated } : {}), ...(far ? { far } : {}) };
}

/** What it looked like before proves no repair; a document is somebody's statement. */
function proofOf({ mediaType, phase }: KeptAttachment): TicketEvidence['kind'] {
  if (!mediaType.startsWith('image/')) return 'statement';
  return phase === 'before' ? 'picture' : 'photo';
}
