import { createHash } from 'node:crypto';
import type { Logger } from '../../../../adapters/adapter.ts';
import type { Actor } from '../../domain/actor.ts';
import type { AuditPort } from '../../domain/audit.ts';
import { requireRight } from '../../domain/permission.ts';
import type { PictureViews, ViewedCamera, ViewRequest } from '../../domain/picture-view.ts';
import type { Transactor } from '../../domain/tx.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual, type Language, text } from '../../messages/index.ts';
import type { Pictures } from '../pictures/pictures.ts';
import type { Drawing } from './drawing.ts';
import type { MasksOf, RecordViewing } from './ports.ts';
import type { Snapshots, TakenSnapshot } from './snapshots.ts';

export interface PictureViewsDeps {
  readonly snapshots: Snapshots;
  readonly pictures: Pick<Pictures, 'save' | 'read' | 'list'>;
  readonly drawing: Drawing;
  readonly audit: AuditPort;
  readonly db: Transactor;
  readonly clock: { now(): number };
  readonly log: Logger;
  /** IANA name, for burnt-in times. */
  readonly timeZone: string;
  readonly masksOf: MasksOf;
  readonly recordViewing: RecordViewing;
}

const PURPOSE = /\S.*\S/s;
const LONGEST_PURPOSE = 200;
const SHORT_HASH = 16;

/** Everything a person gets to see of pictures: masked, marked, written down. In that order, and nothing when one fails. */
export function createPictureViews(deps: PictureViewsDeps): PictureViews {
  const { snapshots, pictures, drawing, clock, masksOf, recordViewing } = deps;
  const log = deps.log.child({ part: 'picture views' });
  const timeText = createTimeText(deps.timeZone);

  const marksOf = (actor: Actor, camera: ViewedCamera, taken: TakenSnapshot, request: ViewRequest) => {
    const { language, mark } = request;
    const captured = text(language, 'snapshot.captured', { time: timeText(taken.takenAt) });
    const age = ageText(language, taken.ageMs);
    const warning =
      taken.stale && (mark ?? true) ? `${text(language, 'snapshot.stale', { age })} · ${captured}` : undefined;
    if (request.export) return { warning, lines: exportLines(captured, actor, camera, taken, request) };
    return { warning, lines: mark ? [captured] : [] };
  };

  const show = async (actor: Actor, camera: ViewedCamera, taken: TakenSnapshot, request: ViewRequest) => {
    const { width, signal } = request;
    const areas = await masksOf(camera.key);
    const { warning, lines } = marksOf(actor, camera, taken, request);
    const smaller = width !== undefined && width < taken.width;
    const drawn = areas.length > 0 || lines.length > 0 || warning !== undefined || smaller;
    const jpeg = drawn
      ? await drawing.draw({ jpeg: taken.jpeg, areas, lines, warning, width, label: camera.id, signal })
      : taken.jpeg;
    const masked = areas.length > 0;
    const purpose = request.purpose ?? text('zh-CN', 'snapshot.looked');
    await recordViewing(actor, camera, { mode: masked ? 'masked' : 'snapshot', purpose, bytes: jpeg.length });
    const sha256 = drawn ? createHash('sha256').update(jpeg).digest('hex') : taken.sha256;
    const { takenAt, ageMs, stale, origin, pictureId } = taken;
    return { jpeg, sha256, originalSha256: taken.sha256, takenAt, ageMs, stale, masked, origin, pictureId };
  };

  /** The original is kept, so that the hash in the export can be held against it later. */
  const keepOriginal = async (taken: TakenSnapshot): Promise<string | null> => {
    if (taken.pictureId) return taken.pictureId;
    const { device, jpeg, takenAt, origin } = taken;
    try {
      return (await pictures.save({ device, jpeg, takenAt, origin, purpose: 'snapshot' })).id;
    } catch (error) {
      log.error({ error }, 'the original of an export could not be kept');
      return null;
    }
  };

  const answer = async (actor: Actor, camera: ViewedCamera, taken: TakenSnapshot, request: ViewRequest) => {
    if (!request.export) return show(actor, camera, taken, request);
    const pictureId = await keepOriginal(taken);
    const shown = await show(actor, camera, { ...taken, pictureId }, request);
    await deps.audit.append(deps.db.autocommit, [
      {
        at: clock.now(),
        actor,
        action: 'export',
        resource: 'cameras',
        resourceId: camera.id,
        reason: request.purpose ?? null,
        after: { picture: pictureId, sha256: shown.sha256, originalSha256: shown.originalSha256 },
      },
    ]);
    return shown;
  };

  return {
    async now(actor, camera, request) {
      checkExport(actor, request);
      const { maxAgeMs, signal } = request;
      const taken = await snapshots.take(camera.key, {
        notBefore: camera.updatedAt,
        ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
        ...(signal ? { signal } : {}),
      });
      return answer(actor, camera, taken, request);
    },
    async stored(actor, camera, pictureId, request) {
      checkExport(actor, request);
      const { id, ...picture } = await pictures.read(pictureId, camera.key);
      const ageMs = Math.max(0, clock.now() - picture.takenAt);
      // Whoever asks for a stored picture by its id knows that it is old; the mark comes when it is asked for.
      const mark = request.mark ?? false;
      return answer(actor, camera, { ...picture, pictureId: id, ageMs, stale: true }, { ...request, mark });
    },
    list: (camera, query) => pictures.list(camera.key, query),
  };
}

function checkExport(actor: Actor, request: ViewRequest): void {
  const { purpose } = request;
  const fits = purpose !== undefined && PURPOSE.test(purpose) && purpose.length <= LONGEST_PURPOSE;
  if (request.export) requireRight(actor, 'cameras', 'export');
  if (fits || (!request.export && purpose === undefined)) return;
  const message = bilingual('snapshot.purpose');
  throw new GatewayError('INVALID_INPUT', message, { errors: [{ path: 'purpose', code: 'required', message }] });
}

function exportLines(
  captured: string,
  actor: Actor,
  camera: ViewedCamera,
  taken: TakenSnapshot,
  { language, purpose = '' }: ViewRequest,
): string[] {
  const said = (...parts: readonly string[]) => parts.join(' · ');
  return [
    said(captured, text(language, 'snapshot.hash', { hash: taken.sha256.slice(0, SHORT_HASH) })),
    text(language, 'snapshot.camera', { name: `${camera.name} (${camera.id})` }),
    said(text(language, 'snapshot.user', { user: actor.name }), text(language, 'snapshot.for', { purpose })),
  ];
}

/** In the largest unit of which there are at least two. */
function ageText(language: Language, ageMs: number): string {
  const seconds = Math.max(1, Math.round(ageMs / 1_000));
  if (seconds < 120) return text(language, 'snapshot.seconds', { count: seconds });
  if (seconds < 7_200) return text(language, 'snapshot.minutes', { count: Math.round(seconds / 60) });
  return text(language, 'snapshot.hours', { count: Math.round(seconds / 3_600) });
}

/** `2026-11-23 08:00:00 GMT+08:00`. */
function createTimeText(timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
  return (at) => format.format(at);
}
