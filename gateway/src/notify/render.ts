import type { Title } from '../domain/device-type/types.ts';
import type { Notice } from '../domain/notice.ts';
import { isEnded } from '../domain/ticket.ts';
import { codeText, type Language, type MessageKey, text, textOr } from '../messages/index.ts';

type Say = (key: MessageKey, values?: Record<string, string | number>) => string;

/** What is put before the title, the innermost first. */
function marked(notice: Notice, what: string, repeated: number, say: Say): string {
  const marks: readonly (readonly [boolean | undefined, MessageKey])[] = [
    [notice.late, 'notice.lateTitle'],
    [notice.again, 'notice.againTitle'],
    [repeated > 0, 'notice.repeated'],
    [notice.reopened, 'notice.reopened'],
    [isRaised(notice), 'notice.raised'],
    [notice.lifeSafety, 'notice.lifeSafety'],
    [notice.secured, 'notice.secured'],
    [notice.drill, 'notice.drill'],
  ];
  return marks.reduce((title, [holds, key]) => (holds ? say(key, { title, count: repeated + 1 }) : title), what);
}

function isRaised({ event, level = 1 }: Notice): boolean {
  return event === 'firing' && level > 1;
}

/** The words of a notice: a line for a list, and the whole for a message. */
export function render(
  notice: Notice,
  language: Language,
  timeZone: string,
  /** What the device's type calls the fault; absent for a fault of the gateway's own. */
  faultTitle?: Title,
  /** How often it was said before. */
  repeated = 0,
): { title: string; text: string } {
  if (notice.report) {
    const words = language === 'zh-CN' ? 'zh' : 'en';
    return { title: notice.report.title[words], text: `${notice.report.title[words]}\n${notice.report.text[words]}` };
  }
  const say: Say = (key, values = {}) => text(language, key, values);
  const fault = notice.title ?? codeText(language, notice.fault, faultTitle);
  const title = marked(notice, whatOf(notice, language, fault, say), repeated, say);
  const why = whyOf(notice, language, fault);
  const contact = contactOf(notice);
  const who = [notice.handlerOrgName, notice.assigneeName].filter((name) => name !== undefined).join(' · ');
  // What to do about it helps nobody once it is over.
  const advice = notice.event === 'resolved' ? undefined : notice.advice?.[language === 'zh-CN' ? 'zh' : 'en'];
  const lines = [
    title,
    notice.ticketNo !== null && say('notice.ticket', { no: notice.ticketNo, stage: stageOf(notice, say) }),
    who !== '' && say('notice.who', { who }),
    notice.siteName !== null && say('notice.site', { site: notice.siteName }),
    notice.component !== null && say('notice.component', { component: notice.component }),
    why !== undefined && say('notice.why', { reason: why }),
    notice.words !== undefined && say('notice.words', { words: notice.words }),
    notice.until !== undefined && say('notice.until', { until: localTime(notice.until, language, timeZone) }),
    ...stepsUp(notice, say),
    ...timesOf(notice, language, say),
    say('notice.at', { at: localTime(notice.at, language, timeZone) }),
    notice.late && say(notice.unheard ? 'notice.unheard' : 'notice.late'),
    isRaised(notice) && say('notice.raisedWhy'),
    contact !== undefined && say('notice.vendorContact', { contact }),
    advice !== undefined && say('notice.advice', { advice }),
  ];
  return { title, text: lines.filter((line) => line !== false).join('\n') };
}

/** What happened to whom. */
function whatOf(notice: Notice, language: Language, fault: string, say: Say): string {
  if (notice.vendor) {
    const { name, what, endsOn, daysLeft } = notice.vendor;
    return say(daysLeft < 0 ? 'notice.vendorEnded' : 'notice.vendorEnding', {
      vendor: name,
      what: say(`vendor.paper.${what}`),
      on: endsOn,
      days: daysLeft,
    });
  }
  if (notice.login) return securityOf(notice.login, fault, say);
  // What a person ended has not recovered for that: it was closed, a false alarm or void.
  const step = stepOf(notice, language) ?? (endedByHand(notice) ? stageOf(notice, say) : undefined);
  // A report has words of its own.
  const event = notice.event === 'report' ? 'firing' : notice.overdue ? 'overdueEscalated' : notice.event;
  return say(step === undefined ? `notice.${event}` : 'notice.stage', {
    fault,
    stage: step ?? stageOf(notice, say),
    severity: say(notice.fault === 'massOutage' ? 'severity.massOutage' : `severity.${notice.severity}`),
    devices: devicesText(notice, language) || (notice.siteName ?? ''),
  }).replace(/[：:]\s*$/, '');
}

/** What happened inside has no address to be named. */
function securityOf({ who, address }: NonNullable<Notice['login']>, fault: string, say: Say): string {
  return address ? say('notice.security', { fault, who, address }) : say('notice.securityInside', { fault, who });
}

function endedByHand({ event, stage }: Notice): boolean {
  return event === 'resolved' && stage !== null && isEnded(stage);
}

/** Who hears of what went higher, and what waits for a decision. */
function stepsUp({ levels = [], undecided }: Notice, say: Say): string[] {
  const name = (level: number) => say(`notice.level.${level === 1 ? 1 : level === 2 ? 2 : 3}`);
  return [
    ...(levels.length === 0 ? [] : [say('notice.levels', { levels: levels.map(name).join(say('notice.and')) })]),
    ...(undecided === undefined ? [] : [say('notice.undecided', { level: name(undecided) })]),
  ];
}

function stageOf({ stage }: Notice, say: Say): string {
  return stage === null ? '' : say(`ticket.stage.${stage}`);
}

function contactOf({ vendor }: Notice): string | undefined {
  if (!vendor?.contact) return undefined;
  const { name, phone, email } = vendor.contact;
  return [name, phone, email].filter((part) => part !== undefined).join(' ');
}

/** What happened to the ticket when its stage does not say it: asked for more time, instructed, reassigned. */
function stepOf({ event, reason }: Notice, language: Language): string | undefined {
  if (event !== 'stage' && event !== 'escalated') return undefined;
  return textOr(language, `notice.step.${reason}`, '') || undefined;
}

/** Why, where there are words for it and the title does not say the same. */
function whyOf({ event, reason }: Notice, language: Language, fault: string): string | undefined {
  if (event !== 'firing' && event !== 'escalated') return undefined;
  const why = textOr(language, `reason.${reason?.split(':')[0]}`, '');
  return why === '' || why === fault ? undefined : why;
}

/** Names as many devices as fit on a phone. */
const NAMES = 3;

function devicesText(notice: Notice, language: Language): string {
  const names = notice.devices
    .slice(0, NAMES)
    .map((device) => device.name)
    .join(language === 'zh-CN' ? '、' : ', ');
  if (notice.deviceCount <= NAMES) return names;
  return text(language, 'notice.devicesMore', { names, count: notice.deviceCount });
}

/** How often it came, and how long it lasted. */
function timesOf({ fireCount, recurrenceOf, since, at }: Notice, language: Language, say: Say): string[] {
  return [
    ...(fireCount === undefined ? [] : [say('notice.fireCount', { count: fireCount })]),
    ...(recurrenceOf === undefined ? [] : [say('notice.recurrence', { no: recurrenceOf })]),
    ...(since === undefined ? [] : [say('notice.lasted', { lasted: lasted(at - since, language) })]),
  ];
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** The largest unit and the one below it. */
function lasted(ms: number, language: Language): string {
  const largest = Math.max(
    0,
    UNITS.findIndex(([, size]) => ms >= size),
  );
  const from = ms < 1_000 ? UNITS.length - 1 : largest;
  let rest = Math.max(0, ms);
  const parts = UNITS.slice(from, from + 2).map(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return new Intl.NumberFormat(language, {
      style: 'unit',
      unit,
      unitDisplay: language === 'zh-CN' ? 'short' : 'long',
    }).format(count);
  });
  return parts.join(language === 'zh-CN' ? '' : ' ');
}

function localTime(at: number, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(language === 'zh-CN' ? 'zh-CN' : 'en-GB', {
    timeZone,
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
  }).format(at);
}
