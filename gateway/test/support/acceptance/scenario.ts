import { parseDuration } from '../../../src/domain/duration.ts';
import type { NoticeEvent } from '../../../src/domain/notice.ts';
import type { World } from './composition.ts';
import { createStreet, type Heard, MONDAY, type Street, type StreetPlan } from './street.ts';

/** `90s`, `11m`, `24h`, counted from the start of the scenario. */
type Moment = string;

export interface TicketMatch {
  readonly fault?: string;
  /** The only device. */
  readonly device?: string;
  readonly devices?: number;
  readonly stage?: string;
  readonly kind?: string;
  readonly title?: RegExp;
  readonly lifeSafety?: boolean;
}

export interface NoticeMatch {
  readonly channel?: string;
  readonly event?: NoticeEvent;
  readonly fault?: string;
  readonly device?: string;
  readonly late?: boolean;
  readonly title?: RegExp;
  readonly lifeSafety?: boolean;
}

export interface TicketSeen {
  readonly id: string;
  readonly fault: string;
  readonly kind: string;
  readonly stage: string;
  readonly title: string | null;
  readonly lifeSafety: boolean;
  readonly devices: string[];
  readonly opened: number;
  readonly log: string[];
}

interface Expected<M> {
  readonly match: M;
  from: number;
  to: number;
  times: number;
}

const ms = (moment: Moment): number => {
  const parsed = parseDuration(moment);
  if (parsed === undefined) throw new Error(`no moment: ${moment}`);
  return parsed;
};
const clockText = (at: number) => `${Math.floor(at / 60_000)}m${String(Math.round(at / 1_000) % 60).padStart(2, '0')}s`;

/**
 * "Push at T, expect between a and b": what happens to a street, and which tickets and notices it must make and when. Whatever
 * is made and was not expected fails the scenario, too.
 */
export async function createScenario(world: World, plan: StreetPlan = {}) {
  const street = await createStreet(world, plan);
  const acts: { at: number; act: (street: Street) => unknown }[] = [];
  const tickets: Expected<TicketMatch>[] = [];
  const notices: Expected<NoticeMatch>[] = [];
  const states: { device: string; expected: readonly (readonly [string, Moment, Moment])[] }[] = [];

  const expectIn = <M>(list: Expected<M>[], match: M) => {
    const expected: Expected<M> = { match, from: 0, to: Number.POSITIVE_INFINITY, times: 1 };
    list.push(expected);
    const chain = {
      between(from: Moment, to: Moment) {
        expected.from = ms(from);
        expected.to = ms(to);
        return chain;
      },
      times(count: number) {
        expected.times = count;
        return chain;
      },
    };
    return chain;
  };

  async function check(): Promise<void> {
    const problems: string[] = [];
    const seen = await ticketsOf(street);
    // What the chat platforms get are words; tests that care read them.
    const told = street.heard.filter(({ notice }) => notice !== undefined);
    problems.push(
      ...compare('ticket', tickets, seen, fitsTicket, (one) => one.opened, ticketText),
      ...compare('notice', notices, told, fitsNotice, (one) => one.at - MONDAY, noticeText),
    );
    for (const { device, expected } of states) problems.push(...(await compareStates(street, device, expected)));
    if (problems.length > 0) throw new Error(`${problems.join('\n')}\n\n${transcript(seen, street.heard)}`);
  }

  async function play(length: Moment): Promise<void> {
    for (const { at, act } of acts.toSorted((a, b) => a.at - b.at)) {
      await street.until(at);
      await act(street);
    }
    await street.until(ms(length));
  }

  return {
    street,
    /** What happens then; acts of one moment in the order they are named. */
    at(moment: Moment) {
      const add = (act: (street: Street) => unknown) => void acts.push({ at: ms(moment), act });
      return {
        silence: (...ids: string[]) => add(() => street.silence(...ids)),
        speaks: (...ids: string[]) => add(() => street.speaks(...ids)),
        event: (id: string, code: string, more?: Parameters<Street['event']>[2]) =>
          add(() => street.event(id, code, more)),
        breakBroker: () => add(() => street.breakBroker(true)),
        mendBroker: () => add(() => street.breakBroker(false)),
        pace: (every: Moment) => add(() => street.pace(ms(every))),
        crash: (down: Moment) => add(() => street.crash(ms(down))),
        restart: (down: Moment) => add(() => street.restart(ms(down))),
        do: add,
      };
    },
    expectTicket: (match: TicketMatch) => expectIn(tickets, match),
    expectNotice: (match: NoticeMatch) => expectIn(notices, match),
    /** Its whole history, each state with the time it began. */
    expectStates(device: string, ...expected: readonly (readonly [string, Moment, Moment])[]) {
      states.push({ device, expected });
    },
    tickets: () => ticketsOf(street),
    /** Plays it to the end and holds what came of it against what was expected. */
    async run(length: Moment): Promise<void> {
      await play(length);
      await check();
    },
    /** Plays it only; for what is no table of times. */
    play,
  };
}

export type Scenario = Awaited<ReturnType<typeof createScenario>>;

/** Each expectation takes what fits it; what nobody takes is one too many. */
function compare<M, T>(
  what: string,
  expected: readonly Expected<M>[],
  seen: readonly T[],
  fits: (match: M, one: T) => boolean,
  at: (one: T) => number,
  show: (one: T) => string,
): string[] {
  const left = new Set(seen);
  const problems: string[] = [];
  for (const { match, from, to, times } of expected) {
    const found = [...left].filter((one) => fits(match, one) && at(one) >= from && at(one) <= to).slice(0, times);
    for (const one of found) left.delete(one);
    if (found.length < times) {
      const span = `between ${clockText(from)} and ${clockText(to)}`;
      problems.push(`missing ${what}: ${found.length} of ${times} ${JSON.stringify(match)} ${span}`);
    }
  }
  for (const one of left) problems.push(`unexpected ${what}: ${show(one)}`);
  return problems;
}

const same = <T>(wanted: T | undefined, is: T): boolean => wanted === undefined || wanted === is;

function fitsTicket(match: TicketMatch, one: TicketSeen): boolean {
  return (
    same(match.fault, one.fault) &&
    same(match.stage, one.stage) &&
    same(match.kind, one.kind) &&
    same(match.lifeSafety, one.lifeSafety) &&
    same(match.devices, one.devices.length) &&
    (match.device === undefined || (one.devices.length === 1 && one.devices[0] === match.device)) &&
    (match.title === undefined || match.title.test(one.title ?? ''))
  );
}

function fitsNotice(match: NoticeMatch, { channel, title, notice }: Heard): boolean {
  return (
    same(match.channel, channel) &&
    same(match.event, notice?.event) &&
    same(match.fault, notice?.fault) &&
    same(match.late, notice?.late) &&
    same(match.lifeSafety, notice?.lifeSafety) &&
    (match.device === undefined || (notice?.deviceCount === 1 && notice.devices[0]?.id === match.device)) &&
    (match.title === undefined || match.title.test(title))
  );
}

export async function ticketsOf(street: Street): Promise<TicketSeen[]> {
  const { rows } = await street.query<Omit<TicketSeen, 'opened'> & { at: number }>(
    `select t.id, fault, kind, stage, title, life_safety as "lifeSafety",
       (extract(epoch from opened_at) * 1000)::float8 as at,
       array(select d.id from ticket_device td join device d on d.key = td.device where td.ticket_id = t.id order by 1)
         as devices,
       array(select coalesce(code, kind) from ticket_history h where h.ticket_id = t.id order by h.id) as log
     from ticket t order by opened_at, t.id`,
  );
  return rows.map(({ at, ...row }) => ({ ...row, opened: at - MONDAY }));
}

async function compareStates(street: Street, device: string, expected: readonly (readonly [string, Moment, Moment])[]) {
  const { rows } = await street.query<{ state: string; at: number }>(
    `select state, (extract(epoch from at) * 1000)::float8 as at from health_history where device = $1 order by id`,
    [street.key(device)],
  );
  const seen = rows.map(({ state, at }) => ({ state, at: at - MONDAY }));
  const good =
    seen.length === expected.length &&
    expected.every(([state, from, to], index) => {
      const is = seen[index];
      return is?.state === state && is.at >= ms(from) && is.at <= ms(to);
    });
  if (good) return [];
  const wanted = expected.map(([state, from, to]) => `${state} ${from}…${to}`).join(', ');
  return [`states of ${device}: ${seen.map(({ state, at }) => `${state} ${clockText(at)}`).join(', ')}; not ${wanted}`];
}

const ticketText = ({ opened, kind, fault, stage, devices, title, log }: TicketSeen) =>
  `${clockText(opened)} ${kind} ${fault} ${stage} [${devices.slice(0, 3).join(' ')}${devices.length > 3 ? ` +${devices.length - 3}` : ''}] ${title ?? ''} (${log.join(' ')})`;
const noticeText = ({ at, channel, key, title, notice }: Heard) =>
  `${clockText(at - MONDAY)} ${channel} ${notice?.event ?? ''} ${notice?.fault ?? ''} ×${notice?.deviceCount ?? '?'} ${title} ${key}`;

function transcript(tickets: readonly TicketSeen[], heard: readonly Heard[]): string {
  const most = 25;
  return [
    `tickets (${tickets.length}):`,
    ...tickets.slice(0, most).map((one) => `  ${ticketText(one)}`),
    `notices (${heard.length}):`,
    ...heard.slice(0, most).map((one) => `  ${noticeText(one)}`),
  ].join('\n');
}
