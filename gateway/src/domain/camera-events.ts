import type { CameraFault } from './camera-faults.ts';
import type { Title } from './device-type/types.ts';

interface CameraEventRow {
  readonly title: Title;
  /** Kept at most once in this many milliseconds a camera; 0 = always. */
  readonly quietMs: number;
  /** Its end is kept as well, as `<code>Cleared`. */
  readonly ends: boolean;
  /** A look at the picture decides whether it is a fault. */
  readonly look: boolean;
  /** The camera itself is the witness: it becomes this fault without a look. */
  readonly fault: CameraFault | null;
}

const ROW = { quietMs: 0, ends: true, look: false, fault: null } as const;

/**
 * What cameras notice by themselves, and what follows. None of it opens a ticket as such: their motion and tamper
 * detection is wrong too often, so what can be seen is looked at.
 */
export const CAMERA_EVENTS = {
  motion: { ...ROW, title: { zh: '画面有移动', en: 'Motion' }, quietMs: 60_000, ends: false },
  tamper: { ...ROW, title: { zh: '镜头被遮挡或移动', en: 'Camera covered or moved' }, look: true },
  videoLoss: { ...ROW, title: { zh: '视频丢失', en: 'Video loss' }, look: true },
  tooDark: { ...ROW, title: { zh: '画面过暗', en: 'Picture too dark' }, look: true },
  tooBright: { ...ROW, title: { zh: '画面过亮', en: 'Picture too bright' }, look: true },
  blurred: { ...ROW, title: { zh: '画面模糊', en: 'Picture blurred' }, look: true },
  digitalInput: { ...ROW, title: { zh: '报警输入触发', en: 'Alarm input triggered' } },
  storageFailure: { ...ROW, title: { zh: '存储故障', en: 'Storage failure' }, fault: 'storageFailure' },
} as const satisfies Record<string, CameraEventRow>;

export type CameraEvent = keyof typeof CAMERA_EVENTS;

const CLEARED = 'Cleared';

/** What an event is called: as its device type says, else as cameras' own events are; undefined = nobody knows. */
export function eventTitle(
  code: string,
  declared: ReadonlyMap<string, { readonly title?: Title }> | undefined,
): Title | undefined {
  const own = (name: string): Title | undefined =>
    declared?.get(name)?.title ??
    (Object.hasOwn(CAMERA_EVENTS, name) ? CAMERA_EVENTS[name as CameraEvent].title : undefined);
  const known = own(code);
  if (known || !code.endsWith(CLEARED)) return known;
  const ended = own(code.slice(0, -CLEARED.length));
  return ended && { zh: `${ended.zh}（已解除）`, en: `${ended.en} (over)` };
}
