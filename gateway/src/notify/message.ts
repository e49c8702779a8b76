import type { Title } from '../domain/device-type/types.ts';
import type { Notice } from '../domain/notice.ts';
import type { Contact, LeasedRow } from '../domain/notification-rows.ts';
import { text } from '../messages/index.ts';
import { cutToBytes, splitToBytes } from './bytes.ts';
import type { Channel, ChannelLimits, MessageLink, OutgoingMessage } from './channel.ts';
import { render } from './render.ts';

/** What messages are made with. */
export interface Wording {
  readonly timeZone: string;
  readonly titleOf: (code: string, deviceIds: readonly string[]) => Title | undefined;
  readonly contacts: ReadonlyMap<string, Contact>;
  /** Where somebody without a login says that he has read it; undefined = no such page is known. */
  readonly linkFor?: (row: LeasedRow) => string | undefined;
  /** Where a person sees the ticket; undefined = there is none, or no such page is known. */
  readonly ticketUrl?: (notice: Notice) => string | undefined;
}

/** More than this is for a screen, not for a chat. */
const MOST_PARTS = 5;
/** Bytes left for the number of the part. */
const NUMBERING = 24;
const LINE_BYTES = 240;

/** The messages of one notice, in their order; more than one where the platform takes no longer text. */
export function messagesOf(row: LeasedRow, channel: Channel, wording: Wording): OutgoingMessage[] {
  const { title, text: full } = wordsOf(row, channel, wording);
  const key = row.repeated > 0 ? `${row.key}#${row.repeated}` : row.key;
  const contact = row.notice.assigneeId === null ? undefined : wording.contacts.get(row.notice.assigneeId);
  const links = linksOf(row, wording);
  const last = {
    ...(contact && row.notice.event !== 'resolved' ? { mentions: [contact] } : {}),
    ...(links.length === 0 ? {} : { links }),
  };
  const { notice } = row;
  const pieces = piecesOf(title, full, channel.limits, text(row.language, 'notice.cutOff'));
  if (pieces.length === 1) return [{ key, notice, title, text: full, ...last }];
  return pieces.map((piece, index) => {
    const part = `${title} (${index + 1}/${pieces.length})`;
    return {
      key: index === 0 ? key : `${key}~${index + 1}`,
      notice,
      title: part,
      text: `${part}\n${piece}`,
      ...(index === pieces.length - 1 ? last : {}),
    };
  });
}

function linksOf(row: LeasedRow, { linkFor, ticketUrl }: Wording): MessageLink[] {
  const acknowledge = linkFor?.(row);
  const ticket = ticketUrl?.(row.notice);
  const link = (kind: MessageLink['kind'], url: string | undefined) =>
    url === undefined
      ? []
      : [{ kind, text: text(row.language, kind === 'ticket' ? 'notice.ticketLink' : 'notice.acknowledge'), url }];
  return [...link('acknowledge', acknowledge), ...link('ticket', ticket)];
}

function piecesOf(title: string, full: string, limits: ChannelLimits | undefined, cutOff: string): string[] {
  if (!limits || Buffer.byteLength(full) <= limits.textBytes) return [full];
  const room = Math.max(200, limits.textBytes - Buffer.byteLength(title) - NUMBERING);
  const pieces = splitToBytes(full.slice(title.length).replace(/^\n/, ''), room);
  if (pieces.length <= MOST_PARTS) return pieces;
  const last = cutToBytes(pieces[MOST_PARTS - 1] ?? '', room - Buffer.byteLength(cutOff) - 1);
  return [...pieces.slice(0, MOST_PARTS - 1), `${last}\n${cutOff}`];
}

/** One message for as many rows as it holds, a line each in their order; the others are left over. A row alone is told whole. */
export function digestOf(
  rows: readonly LeasedRow[],
  channel: Channel,
  limits: ChannelLimits,
  wording: Wording,
): { messages: OutgoingMessage[]; taken: LeasedRow[]; left: LeasedRow[] } | undefined {
  const [first] = rows;
  if (!first) return undefined;
  const lines: string[] = [];
  const taken: LeasedRow[] = [];
  let bytes = 0;
  for (const row of rows) {
    // A report is all text; a line of it says nothing.
    if (row.notice.report) break;
    const { title } = wordsOf(row, channel, wording);
    const ticket = row.notice.ticketNo === null ? '' : ` ${row.notice.ticketNo}`;
    const line = `${lines.length + 1}. ${cutToBytes(title, LINE_BYTES)}${ticket}`;
    bytes += Buffer.byteLength(line) + 1;
    if (lines.length > 0 && bytes > limits.textBytes - LINE_BYTES) break;
    lines.push(line);
    taken.push(row);
  }
  if (taken.length < 2) return { messages: messagesOf(first, channel, wording), taken: [first], left: rows.slice(1) };
  const title = text(first.language, first.lifeSafety ? 'notice.digestLifeSafety' : 'notice.digest', {
    count: taken.length,
  });
  const message: OutgoingMessage = {
    key: `digest:${taken[0]?.id}-${taken.at(-1)?.id}:${taken.length}`,
    notice: first.notice,
    title,
    text: [title, ...lines].join('\n'),
    count: taken.length,
  };
  return { messages: [message], taken, left: rows.slice(taken.length) };
}

function wordsOf(row: LeasedRow, channel: Channel, { timeZone, titleOf }: Wording) {
  const { notice } = row;
  const ids = notice.devices.map((device) => device.id);
  const words = render(notice, row.language, timeZone, titleOf(notice.fault, ids), row.repeated);
  const harmless = channel.words ?? ((same: string) => same);
  return { title: harmless(words.title), text: harmless(words.text) };
}
