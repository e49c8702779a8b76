import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TICKET_STAGES, type TicketStage } from '../domain/ticket.ts';
import { type Duty, TICKET_TRANSITIONS } from '../domain/ticket-transition.ts';
import { stageText } from './read.ts';

const WHO: Record<Duty, string> = {
  system: '系统',
  dispatcher: '调度员',
  handler: '处置单位',
  verifier: '核查人',
  approver: '牵头部门',
};
/** Words for what a step needs; a need without words here fails the test. */
const NEEDS: Record<string, string> = {
  module: '所属模块',
  fault: '故障或事件类型',
  handlerOrg: '处置单位',
  person: '具体的人 `assigneeId`',
  note: '说明 `note`',
  cause: '原因 `cause`',
  photo: '事件附照片',
  evidence: '核查依据',
  notFiring: '设备故障已消除',
  until: '截止时间 `until`',
  approval: '牵头部门批准',
  withinReopenWindow: '结案 24 小时内',
  secondPerson: '事件须人办、他人核查',
  knownCause: '',
  knownFaultType: '',
  recheck: '设备故障复测通过',
};

function rows(): string[] {
  const name = (stage: TicketStage) => `${stageText('zh-CN', stage)} \`${stage}\``;
  return TICKET_STAGES.flatMap((from) =>
    Object.entries(TICKET_TRANSITIONS[from]).map(([to, edge]) => {
      const needs = edge.needs.map((need) => NEEDS[need] ?? `?${need}`).filter((words) => words !== '');
      const who = edge.who.map((duty) => WHO[duty]).join('、');
      return `| ${name(from)} | ${name(to as TicketStage)} | ${who} | ${needs.join('；') || '–'} |`;
    }),
  );
}

test('the page for people shows every step of the table, who may take it and what it needs', () => {
  const page = readFileSync(new URL('../../../docs/zh/tickets.md', import.meta.url), 'utf8');
  const shown = page.split('\n').filter((line) => /^\| \S+ `\w+` \| \S+ `\w+` \|/.test(line));
  expect(shown).toEqual(rows());
});
