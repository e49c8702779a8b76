import type { Answer } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { language } from '../language.ts';
import type { Photo } from './photo-file.ts';

export type Phase = 'before' | 'after' | 'other';

interface UploadOptions {
  readonly phase: Phase;
  readonly note?: string;
  /** Share of the file that has gone, 0–1. */
  readonly onProgress?: (share: number) => void;
  readonly signal?: AbortSignal;
}

/** A picture on a phone's line may take long; what has not moved for this long is given up. */
const PATIENCE_MS = 120_000;

/**
 * Adds a picture to a ticket. The photo's id makes it safe to send again: the gateway keeps it once.
 * @throws Problem a refusal; with status 0 when there was no answer.
 */
export function uploadPhoto(ticketId: string, photo: Photo, options: UploadOptions): Promise<Answer<'Ticket'>> {
  const { phase, note, onProgress, signal } = options;
  const said = new URLSearchParams({ name: photo.name, phase, takenAt: new Date(photo.takenAt).toISOString() });
  if (note) said.set('note', note);
  if (photo.place) {
    said.set('lat', String(photo.place.lat));
    said.set('lon', String(photo.place.lon));
    said.set('crs', 'wgs84');
  }
  return new Promise((done, fail) => {
    // `fetch` does not tell how much of a body has gone.
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/tickets/${encodeURIComponent(ticketId)}/attachments?${said}`);
    request.timeout = PATIENCE_MS;
    request.setRequestHeader('content-type', photo.blob.type || 'image/jpeg');
    request.setRequestHeader('accept-language', language());
    request.setRequestHeader('idempotency-key', photo.id);
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total === 0 ? 1 : loaded / total);
    request.onload = () => {
      const answer = read(request.responseText);
      if (request.status < 300) done(answer as unknown as Answer<'Ticket'>);
      else fail(new Problem(request.status, answer));
    };
    const unanswered = () => fail(new Problem(0, {}));
    request.onerror = unanswered;
    request.ontimeout = unanswered;
    request.onabort = unanswered;
    signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(photo.blob);
  });
}

function read(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
