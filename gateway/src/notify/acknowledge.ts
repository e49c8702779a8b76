import type { Clock } from '../../../adapters/adapter.ts';
import { type Actor, actorText, SYSTEM } from '../domain/actor.ts';
import type { AuditPort } from '../domain/audit.ts';
import type { Title } from '../domain/device-type/types.ts';
import type { Notice } from '../domain/notice.ts';
import type { LeasedRow } from '../domain/notification-rows.ts';
import type { Transactor, Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, type Language, text } from '../messages/index.ts';
import type { CareStore, ChannelStore, Signer, Subject } from './ports.ts';
import { render } from './render.ts';

/** What became of an alarm about life and limb. */
export interface Acknowledgement {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly by: string;
}

/** What a link shows; `open` is the only state in which it can be used. */
export interface LinkView {
  readonly state: 'open' | 'done' | 'expired' | 'invalid';
  readonly title: string | null;
  readonly text: string | null;
  readonly by: string | null;
  readonly at: number | null;
}

export interface Acknowledgements {
  /** Whether the actor may see the ticket or incident is asked before. Throws UNPROCESSABLE when there is nothing. */
  acknowledge(actor: Actor, of: Subject): Promise<Acknowledgement>;
  /** Looks only: previews of links, which programs open, change nothing. */
  look(token: string, language: Language): Promise<LinkView>;
  byLink(token: string, name: string, address: string, language: Language): Promise<LinkView>;
  /** Address of the link for a row; undefined when the gateway's own address is not set or there is nothing to say. */
  linkFor(row: LeasedRow, channelId: string): string | undefined;
}

const GOOD_FOR_MS = 3 * 86_400_000;
const CONTEXT = 'acknowledge:1:';
const NAME_LENGTH = 40;

export function createAcknowledgements(options: {
  readonly store: CareStore & Pick<ChannelStore, 'channel'>;
  readonly transactor: Transactor;
  readonly audit: AuditPort;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly titleOf: (code: string, deviceIds: readonly string[]) => Title | undefined;
  /** How the gateway is reached from a phone, e.g. `https://cgw.example.cn`; empty = links are left out. */
  readonly publicUrl: () => string;
}): Acknowledgements {
  const { store, transactor, audit, signer, clock } = options;

  async function write(tx: Tx, actor: Actor, subjects: readonly string[], by: string, who: string, reason?: string) {
    const now = clock.now();
    if (subjects.length === 0) return 0;
    const { notice } = await store.answer(tx, subjects);
    const count = await store.acknowledge(tx, subjects, by, now);
    if (count === 0) return 0;
    const entry = { at: now, actor, action: 'acknowledge', resource: 'notifications', after: { by } };
    await audit.append(
      tx,
      subjects.map((subject) => ({ ...entry, resourceId: subject, ...(reason ? { reason } : {}) })),
    );
    const ticketId = notice?.ticketId;
    if (ticketId)
      await store.noteTicket(tx, { ticketId, by: actor.id, at: now, code: 'acknowledged', values: { who } });
    return count;
  }

  const viewOf = (notice: Notice | null, language: Language) =>
    notice === null
      ? { title: null, text: null }
      : render(
          notice,
          language,
          options.timeZone,
          options.titleOf(
            notice.fault,
            notice.devices.map((device) => device.id),
          ),
        );

  const read = (token: string): Pass | LinkView['state'] => {
    const pass = passOf(token, signer);
    if (!pass) return 'invalid';
    return pass.until < clock.now() ? 'expired' : pass;
  };
  const bare = (state: LinkView['state']): LinkView => ({ state, title: null, text: null, by: null, at: null });

  async function show(tx: Tx, pass: Pass, language: Language): Promise<LinkView> {
    const { open, at, by, notice } = await store.answer(tx, [pass.subject]);
    if (!notice) return bare('invalid');
    return { state: open > 0 ? 'open' : 'done', ...viewOf(notice, language), by, at };
  }

  return {
    async acknowledge(actor, of) {
      return transactor.transaction(async (tx) => {
        const subjects = await store.subjectsOf(tx, of);
        await write(tx, actor, subjects, actorText(actor), actor.name);
        const { at, by } = subjects.length === 0 ? { at: null, by: null } : await store.answer(tx, subjects);
        // A second word changes nothing: whoever was first stays the one.
        if (at === null || by === null) throw new GatewayError('UNPROCESSABLE', bilingual('acknowledge.nothing'));
        return { at, by };
      });
    },

    async look(token, language) {
      const pass = read(token);
      return typeof pass === 'string' ? bare(pass) : show(transactor.autocommit, pass, language);
    },

    async byLink(token, name, address, language) {
      const pass = read(token);
      if (typeof pass === 'string') return bare(pass);
      return transactor.transaction(async (tx) => {
        const channel = await store.channel(tx, pass.channelId);
        const said = name
          .replace(/[^\P{C}]+/gu, ' ')
          .trim()
          .slice(0, NAME_LENGTH);
        const who = `${said === '' ? (channel?.name ?? '-') : said}（${text('zh-CN', 'acknowledge.byLink')}）`;
        const actor: Actor = { ...SYSTEM, address };
        await write(tx, actor, [pass.subject], `link:${who}`, who, who);
        return show(tx, pass, language);
      });
    },

    linkFor(row, channelId) {
      const base = options.publicUrl();
      if (base === '' || !row.lifeSafety || row.notice.event !== 'firing') return undefined;
      const pass = { subject: row.notice.subject, channelId, until: row.createdAt + GOOD_FOR_MS };
      return `${base.replace(/\/+$/, '')}/acknowledge/${tokenOf(pass, signer)}`;
    },
  };
}

interface Pass {
  readonly subject: string;
  readonly channelId: string;
  /** Epoch milliseconds. */
  readonly until: number;
}

function tokenOf({ subject, channelId, until }: Pass, signer: Signer): string {
  const words = Buffer.from(JSON.stringify([subject, channelId, Math.round(until)])).toString('base64url');
  return `${words}.${Buffer.from(signer.sign(CONTEXT + words)).toString('base64url')}`;
}

function passOf(token: string, signer: Signer): Pass | undefined {
  const [words = '', signature = ''] = token.split('.');
  if (signer.check(CONTEXT + words, Buffer.from(signature, 'base64url').toString('utf8')) !== 'valid') return undefined;
  const [subject, channelId, until] = JSON.parse(Buffer.from(words, 'base64url').toString('utf8')) as [
    string,
    string,
    number,
  ];
  return { subject, channelId, until };
}
