import { Problem } from '../../api/problem.ts';
import type { Photo } from '../photo-file.ts';
import type { Phase } from '../photo-upload.ts';

/** What a person did on site, as it will be told to the gateway. Everything in it can be kept by the browser. */
export type Task =
  | { readonly kind: 'transition'; readonly ticketId: string; readonly body: TransitionOf }
  | { readonly kind: 'photo'; readonly ticketId: string; readonly photo: Photo; readonly phase: Phase }
  | { readonly kind: 'comment'; readonly ticketId: string; readonly note: string }
  | { readonly kind: 'assign'; readonly ticketId: string; readonly assigneeId: string; readonly note: string }
  | {
      readonly kind: 'suspension' | 'extension';
      readonly ticketId: string;
      readonly reason: string;
      readonly until: string;
    }
  | {
      readonly kind: 'report';
      readonly deviceId: string;
      readonly fault: string;
      readonly note: string;
      readonly photos: readonly Photo[];
    };

export interface TransitionOf {
  readonly to: 'handling' | 'verifying' | 'returned' | 'dispatched' | 'closed';
  readonly note?: string;
  readonly assigneeId?: string;
  readonly cause?: string;
  readonly faultType?: string;
}

/** Why the gateway did not take it, in the words it said. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly requestId: string | null;
  /** Members of the answer, e.g. `recheck`. */
  readonly more: Readonly<Record<string, unknown>>;
}

export interface Entry {
  /** Also the key under which the gateway takes it once. */
  readonly id: string;
  /** User id: nobody else sees or sends it. */
  readonly owner: string;
  /** Entries of one subject go in their order. */
  readonly subject: string;
  readonly order: number;
  readonly task: Task;
  readonly bytes: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Was sent without hearing the answer: the gateway may have it already. */
  readonly unsure: boolean;
  readonly tries: number;
  readonly refused: Refusal | null;
}

export type Outcome =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** No answer, or the gateway cannot now: the same again later. `unsure` = it may have been done. */
  | { readonly kind: 'later'; readonly unsure: boolean }
  /** Nothing goes before somebody signs in again. */
  | { readonly kind: 'signedOut' };

const SIGNED_OUT = new Set(['UNAUTHENTICATED', 'PASSWORD_CHANGE_REQUIRED', 'SECOND_FACTOR_ENROLMENT_REQUIRED']);

/** What an error of sending means for the entry. */
export function outcomeOf(error: unknown, entry: Pick<Entry, 'unsure'>): Outcome {
  if (!(error instanceof Problem)) return { kind: 'later', unsure: true };
  const { status, code, message, requestId, more } = error;
  if (SIGNED_OUT.has(code) || status === 401) return { kind: 'signedOut' };
  if (status === 429) return { kind: 'later', unsure: entry.unsure };
  if (status === 0 || status >= 500) return { kind: 'later', unsure: true };
  // The first sending is still being worked on; its answer is given to the next one.
  if (code === 'CONFLICT' && entry.unsure) return { kind: 'later', unsure: true };
  return { kind: 'refused', refusal: { status, code, message, requestId, more } };
}

/** The first entry of every subject that is not held up by a refusal, oldest first. */
export function ready(entries: readonly Entry[]): readonly Entry[] {
  const first = new Map<string, Entry>();
  for (const entry of [...entries].sort((a, b) => a.order - b.order))
    if (!first.has(entry.subject)) first.set(entry.subject, entry);
  return [...first.values()].filter(({ refused }) => refused === null);
}

export const subjectOf = (task: Task): string => (task.kind === 'report' ? task.deviceId : task.ticketId);

/** Bytes of what is not text; the rest does not count. */
export function bytesOf(task: Task): number {
  if (task.kind === 'photo') return task.photo.blob.size;
  return task.kind === 'report' ? task.photos.reduce((sum, { blob }) => sum + blob.size, 0) : 0;
}

/** Where a ticket will stand when everything that waits has been taken: what can be done next depends on it. */
export function stageAfter(stage: string, entries: readonly Entry[]): string {
  return [...entries]
    .sort((a, b) => a.order - b.order)
    .reduce((now, { task, refused }) => (refused === null && task.kind === 'transition' ? task.body.to : now), stage);
}
