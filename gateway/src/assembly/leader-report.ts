import type { JudgementPort } from '../api/ports/monitor.ts';
import { GatewayError } from '../errors.ts';
import type { EvidenceReader } from '../evidence/reader.ts';
import { bilingual } from '../messages/index.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { repeat, type Task } from '../schedule.ts';
import { type Foundation, LEADING } from './foundation.ts';

type Judgement = ReturnType<JudgementPort['status']> & { readonly trouble: string | null };

const EVERY_MS = 2_000;
/** A leader that was not heard for so long is as good as none. */
const SILENT_MS = 12_000;
const NO_LEADER: Judgement = { state: 'degraded', reason: 'NO_LEADER', paths: [], trouble: null };

/** What the leader says of itself, told by it and known in every process. */
export function createLeaderReport(options: {
  readonly base: Foundation;
  readonly split: boolean;
  readonly monitor: () => Monitor;
  readonly epoch: () => number | undefined;
  readonly reader: EvidenceReader;
}) {
  const { base, split, monitor } = options;
  const { store, db, log, secrets } = base;
  let heard: Judgement = NO_LEADER;
  let task: Task | undefined;

  const look = async () => {
    const epoch = options.epoch();
    if (epoch !== undefined) {
      heard = monitor().status();
      await store.leadership.say(db.autocommit, LEADING, epoch, heard);
      return;
    }
    const said = await store.leadership.said(db.autocommit, LEADING);
    heard = said && said.agoMs < SILENT_MS ? (said.status as Judgement) : NO_LEADER;
  };

  return {
    judgement: { status: () => (split ? heard : monitor().status()) },
    /** Keys that differ would lock out every device and session that another process let in. */
    async agreeOnKey(): Promise<void> {
      const agreed = await store.leadership.agree(db.autocommit, 'secretKey', secrets.keyId);
      if (agreed !== secrets.keyId) throw new GatewayError('INVALID_CONFIG', bilingual('start.otherKey', {}));
    },
    start() {
      task = repeat({ name: 'leader report', everyMs: EVERY_MS, firstAfterMs: 0, log }, look);
    },
    stop: () => task?.stop(),
  };
}
