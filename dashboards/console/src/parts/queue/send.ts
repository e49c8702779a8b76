import { type Answer, api, body } from '../../api/client.ts';
import { Problem, problemOf } from '../../api/problem.ts';
import { language } from '../../language.ts';
import { uploadPhoto } from '../photo-upload.ts';
import type { Entry } from './entry.ts';
import type { Line } from './queue.ts';

/** A reported repair is answered after the devices were looked at; a picture on a bad line takes its time too. */
const PATIENCE_MS = 100_000;
/** How far a phone's clock may be off. */
const SKEW_MS = 10 * 60_000;

const patient = (request: Request) => fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });

/** The gateway as the queue sees it. */
export const line: Line = {
  async who() {
    const { user } = await body(api.GET('/api/v1/sessions/current'));
    return user?.id ?? null;
  },
  send,
  async taken(entry) {
    const { task, owner } = entry;
    const mine = <T extends { readonly by: string; readonly at: string }>(one: T) =>
      one.by === owner && Date.parse(one.at) > entry.createdAt - SKEW_MS;
    if (task.kind === 'report') {
      const query = { deviceId: task.deviceId, mine: true, limit: 20 };
      const { items } = await body(api.GET('/api/v1/tickets', { params: { query } }));
      return items.some(
        ({ openedBy, openedAt, fault }) => mine({ by: openedBy, at: openedAt }) && fault === task.fault,
      );
    }
    const ticket = await body(api.GET('/api/v1/tickets/{id}', { params: { path: { id: task.ticketId } } }));
    switch (task.kind) {
      case 'transition': {
        // Entries about pictures and the like stand in the history without a move; a report after the recovery names a cause.
        const last = ticket.history.filter((one) => mine(one) && (one.from !== one.to || one.cause !== null)).at(-1);
        return last?.to === task.body.to && (last.note ?? '') === (task.body.note ?? '');
      }
      case 'photo':
        return ticket.attachments.some((one) => mine(one) && one.bytes === task.photo.blob.size);
      case 'comment':
        return ticket.comments.some((one) => mine(one) && one.text === task.note);
      case 'assign':
        return ticket.assigneeId === task.assigneeId;
      case 'suspension':
      case 'extension':
        return ticket[`${task.kind}s`].some((one: Answer<'TicketAsk'>) => mine(one) && one.reason === task.reason);
    }
  },
};

async function send({ id, task }: Entry): Promise<void> {
  if (task.kind === 'photo') {
    await uploadPhoto(task.ticketId, { ...task.photo, id }, { phase: task.phase });
    return;
  }
  const header = { 'Idempotency-Key': id };
  if (task.kind === 'report') return report(task, header);
  const params = { path: { id: task.ticketId }, header };
  const options = { params, fetch: patient };
  switch (task.kind) {
    case 'transition':
      await api.POST('/api/v1/tickets/{id}/transitions', { ...options, body: task.body });
      return;
    case 'comment':
      await api.POST('/api/v1/tickets/{id}/comments', { ...options, body: { note: task.note } });
      return;
    case 'assign': {
      const { assigneeId, note } = task;
      await api.POST('/api/v1/tickets/{id}/assign', { ...options, body: { assigneeId, note } });
      return;
    }
    case 'suspension':
    case 'extension': {
      const { reason, until } = task;
      await api.POST(`/api/v1/tickets/{id}/${task.kind}s`, { ...options, body: { reason, until } });
      return;
    }
  }
}

/** One form with everything, as the route wants it; its type of content is the browser's to write. */
async function report(task: Entry['task'] & { kind: 'report' }, header: Record<string, string>): Promise<void> {
  const form = new FormData();
  form.set('fault', task.fault);
  form.set('deviceIds', task.deviceId);
  if (task.note) form.set('note', task.note);
  const [first] = task.photos;
  if (first) form.set('takenAt', new Date(first.takenAt).toISOString());
  if (first?.place) {
    form.set('lat', String(first.place.lat));
    form.set('lon', String(first.place.lon));
    form.set('crs', 'wgs84');
  }
  for (const { blob, name } of task.photos) form.append('photo', blob, name);
  const response = await patient(
    new Request('/api/v1/tickets/reports', {
      method: 'POST',
      headers: { ...header, 'accept-language': language() },
      body: form,
    }),
  );
  if (!response.ok) throw await problemOf(response);
}

/** Whether an error of a question says only that there is no line. */
export const isOffline = (error: unknown): boolean =>
  !(error instanceof Problem) || error.status === 0 || error.status >= 500;
