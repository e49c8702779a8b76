import type { Actor } from '../domain/actor.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import type { InspectionAnswer, InspectionResult, InspectionState, InspectionTask } from '../domain/inspection-rows.ts';
import { requireRight } from '../domain/permission.ts';
import type { Tx } from '../domain/tx.ts';
import { GatewayError } from '../errors.ts';
import { conflict, type InspectionContext, minuteOf, proof, readDay } from './context.ts';

export interface TasksQuery {
  /** `YYYY-MM-DD` */
  readonly date?: string;
  readonly orgId?: string;
  readonly state?: InspectionState;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface Submission {
  readonly items?: readonly InspectionAnswer[];
  /** Result of all that were not answered one by one. */
  readonly rest?: InspectionResult;
  readonly note?: string;
}

const DUTIES = { lead: ['lead'], cooperate: ['cooperate'], both: ['lead', 'cooperate'] } as const;

/** Daily inspections: made at their time, filled from the health data, answered and submitted by a person. */
export function createTasks(context: InspectionContext) {
  const { store, transactor, clock, calendar, settings } = context;
  let made = -1;

  const view = ({ day, ...task }: InspectionTask) => ({ ...task, date: calendar.text(day) });

  const open = async (tx: Tx, actor: Actor, id: string) => {
    const task = await store.task(tx, actor.scope, id, clock.now(), true);
    if (!task) throw new GatewayError('NOT_FOUND');
    if (task.submittedAt !== null) throw conflict('inspection.submitted');
    return task;
  };

  const answer = async (tx: Tx, actor: Actor, id: string, answers: readonly InspectionAnswer[]) => {
    if (answers.length === 0) return;
    const seen = new Set((await store.taskItems(tx, actor.scope, id)).map(({ n }) => n));
    refuseIf(
      answers.flatMap(({ n }, i) => (seen.has(n) ? [] : [fieldError(`/items/${i}/n`, 'unknown', 'inspection.noItem')])),
    );
    await store.answerTask(tx, id, answers, actor.id, clock.now());
  };

  return {
    async tasks(actor: Actor, { date, ...query }: TasksQuery) {
      requireRight(actor, 'inspections', 'read');
      const day = date === undefined ? {} : { day: readDay(date, 'date', calendar) };
      const page = await store.listTasks(transactor.autocommit, actor.scope, {
        limit: 50,
        ...query,
        ...day,
        now: clock.now(),
      });
      return { ...page, items: page.items.map(view) };
    },

    async task(actor: Actor, id: string) {
      requireRight(actor, 'inspections', 'read');
      const task = await store.task(transactor.autocommit, actor.scope, id, clock.now(), false);
      if (!task) throw new GatewayError('NOT_FOUND');
      return { ...view(task), list: await store.taskItems(transactor.autocommit, actor.scope, id) };
    },

    /** Answers so far, by one or several people. */
    async answer(actor: Actor, id: string, answers: readonly InspectionAnswer[]) {
      requireRight(actor, 'inspections', 'update');
      await transactor.transaction(async (tx) => {
        await open(tx, actor, id);
        await answer(tx, actor, id, answers);
        await proof(context, tx, actor, { action: 'answer', resourceId: id, after: { items: answers } });
      });
      return this.task(actor, id);
    },

    /** CONFLICT while an item has no answer, and when it was submitted before. */
    async submit(actor: Actor, id: string, { items = [], rest, note }: Submission) {
      requireRight(actor, 'inspections', 'update');
      await transactor.transaction(async (tx) => {
        await open(tx, actor, id);
        await answer(tx, actor, id, items);
        const now = clock.now();
        if (rest) await store.answerRest(tx, id, rest, actor.id, now);
        const task = await store.task(tx, actor.scope, id, now, false);
        const missing = task ? task.items - task.answered : 0;
        if (missing > 0) throw conflict('inspection.unanswered', { count: missing });
        await store.submitTask(tx, id, { id: actor.id, name: actor.name }, note ?? null, now);
        await proof(context, tx, actor, {
          action: 'submit',
          resourceId: id,
          after: { items: task?.items, abnormal: task?.abnormal, rest: rest ?? null, note: note ?? null },
        });
      });
      return this.task(actor, id);
    },

    /** For the daily report: what was due on that day and nobody submitted. */
    async missed(tx: Tx, { date }: { readonly date: string }) {
      const day = calendar.parse(date);
      const rows = day === undefined ? [] : await store.missed(tx, day);
      return rows.map(({ orgId, orgName, modules }) => ({
        orgId,
        orgName,
        module: modules.length === 1 ? (modules[0] ?? null) : null,
        task: `每日巡检（${date}）`,
      }));
    },

    /** Makes the tasks of today once their time has come; whoever is second finds them there. */
    async makeDue(): Promise<void> {
      const now = clock.now();
      const today = calendar.dayOf(now);
      const { inspectionAt, inspectionDueAt, inspectionBy } = settings();
      const minute = minuteOf(inspectionAt);
      if (minute === undefined || made === today || calendar.zone.instant(today, minute) > now) return;
      const due = Math.max(minuteOf(inspectionDueAt) ?? 0, minute + 1);
      const count = await transactor.transaction((tx) =>
        store.makeTasks(tx, {
          day: today,
          now,
          dueAt: calendar.zone.instant(today, due),
          duties: DUTIES[inspectionBy],
        }),
      );
      made = today;
      if (count > 0) context.log.info({ date: calendar.text(today), count }, 'daily inspections made');
    },
  };
}
