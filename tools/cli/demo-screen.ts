import { HEALTH_STATES } from '../../gateway/src/domain/health.ts';
import { TICKET_STAGES } from '../../gateway/src/domain/ticket.ts';
import { bilingual, codeText, type MessageKey, text, textOr } from '../../gateway/src/messages/index.ts';
import { BUCKETS } from '../../gateway/src/metrics.ts';
import type { Outcome } from './demo-outcome.ts';

/** What GET /overview answers, as far as the demo shows it. */
export interface Overview {
  readonly devices: { readonly byState: Readonly<Record<string, number>> };
  readonly messages: Readonly<Record<string, number>> | null;
  readonly tickets: { readonly byStage: Readonly<Record<string, number>> };
}

const LOG_LINES = 6;
const NOW_LINES = 7;
const LIST_LINES = 10;

/** What is wrong at the moment. */
export interface Now {
  readonly overview: Overview;
  readonly faulty: readonly {
    readonly id: string;
    readonly name: string;
    readonly health: { readonly state: string; readonly reason: string };
  }[];
  readonly tickets: readonly {
    readonly no: string;
    readonly stage: string;
    readonly fault: string;
    readonly deviceIds: readonly string[];
  }[];
}

export interface Screen {
  show(now: Now): void;
  /** One line of what just happened. */
  say(what: string): void;
  close(): void;
}

/** One screen that is redrawn on a terminal; plain lines elsewhere. */
export function createScreen(access: { url: string; user: string; password: string; mqtt: number }): Screen {
  const live = process.stdout.isTTY === true;
  const said: string[] = [];
  const head = [
    bilingual('demo.title'),
    text('zh-CN', 'demo.access', access),
    text('en', 'demo.access', access),
    bilingual('demo.stop'),
  ].join('\n');
  if (!live) console.log(head);
  return {
    show(now) {
      if (!live) return;
      const parts = [head, tables(now.overview), faulty(now), open(now), said.join('\n')];
      process.stdout.write(`\u001b[H\u001b[2J${parts.filter((part) => part !== '').join('\n\n')}\n`);
    },
    say(what) {
      const line = `${new Date().toLocaleTimeString('zh-CN', { hour12: false, timeZone: 'Asia/Shanghai' })}  ${what}`;
      said.push(line);
      if (said.length > LOG_LINES) said.shift();
      if (!live) console.log(line);
    },
    close() {
      if (live) process.stdout.write('\n');
    },
  };
}

function faulty({ faulty }: Now): string {
  const rows = faulty.map(({ id, name, health: { state, reason } }) => {
    const why = codeText('zh-CN', reason);
    return `${id.padEnd(11)} ${textOr('zh-CN', `health.${state}`, state)} ${state} · ${why} · ${name}`;
  });
  return rows.length === 0 ? '' : list('demo.faulty', rows, NOW_LINES);
}

function open({ tickets }: Now): string {
  const rows = tickets.map(
    ({ no, stage, fault, deviceIds }) =>
      `${no} ${stageText(stage)} · ${codeText('zh-CN', fault)} · ${deviceIds.join(', ')}`,
  );
  return rows.length === 0 ? '' : list('demo.open', rows, NOW_LINES);
}

/** The last words of a demo: the counts, and by name what came back and what was refused. */
export function summaryText(overview: Overview, { returned, quarantined }: Outcome): string {
  const tickets = returned.map(
    ({ deviceId, no, stage }) => `${deviceId} (${text('zh-CN', 'demo.ticket')} ${no} ${stageText(stage)})`,
  );
  return [
    '',
    bilingual('demo.summary'),
    tables(overview),
    list('demo.returned', tickets),
    list(
      'demo.quarantined',
      quarantined.map(({ sender, code, detail }) => `${sender} ${code} ${detail}`),
    ),
  ].join('\n');
}

function list(title: MessageKey, lines: readonly string[], most = LIST_LINES): string {
  const rest = lines.length - most;
  const shown = rest > 0 ? [...lines.slice(0, most), `… +${rest}`] : lines;
  return [`${bilingual(title)}: ${lines.length}`, ...shown.map((line) => `  ${line}`)].join('\n');
}

const stageText = (stage: string) => `${textOr('zh-CN', `ticket.stage.${stage}`, stage)} ${stage}`;

function tables(overview: Overview): string {
  return [
    row('demo.devices', 'health', HEALTH_STATES, overview.devices.byState),
    row('demo.messages', 'bucket', BUCKETS, overview.messages ?? {}),
    row('demo.tickets', 'ticket.stage', TICKET_STAGES, overview.tickets.byStage),
  ].join('\n');
}

/** Counts under the names the API uses, with the Chinese name in front of each; what is zero is left out. */
function row(
  title: MessageKey,
  family: 'health' | 'bucket' | 'ticket.stage',
  names: readonly string[],
  counts: Readonly<Record<string, number>>,
): string {
  const cells = names
    .filter((name) => (counts[name] ?? 0) > 0 || name === 'online' || name === 'stored')
    .map((name) => `${textOr('zh-CN', `${family}.${name}`, name)} ${name} ${counts[name] ?? 0}`);
  return `${text('zh-CN', title)} ${text('en', title)}  ${cells.join('  ')}`;
}
