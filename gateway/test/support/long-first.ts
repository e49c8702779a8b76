import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * About how many seconds a file takes on two processors; what is not named takes less than ten. Only the order counts: a
 * fresh checkout remembers no durations, and a long file that is begun last runs on alone when all others have ended.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'gateway/test/demo.test.ts': 120,
  'gateway/test/picture-faults.test.ts': 63,
  'gateway/src/store/pglite.test.ts': 50,
  'gateway/test/camera.test.ts': 40,
  'gateway/src/access/access.test.ts': 38,
  'tools/cli/cgw.test.ts': 30,
  'gateway/src/video/diagnosis/diagnosis.test.ts': 29,
  'gateway/test/live.test.ts': 25,
  'gateway/src/api/openapi.test.ts': 17,
  'gateway/src/registry/import/import.test.ts': 16,
  'gateway/test/device.test.ts': 15,
  'gateway/test/hostile-requests.test.ts': 15,
  'gateway/src/tickets/work.test.ts': 14,
  'gateway/src/store/audit.test.ts': 13,
  'gateway/src/api/page.test.ts': 13,
  'gateway/test/camera-events.test.ts': 12,
  'gateway/test/isolation.test.ts': 12,
  'gateway/src/timeseries/sql.test.ts': 11,
  'gateway/src/video/ffmpeg/key-frame.test.ts': 10,

  'gateway/test/kill.test.ts': 68,
  'gateway/test/database-outage.test.ts': 65,
  'gateway/test/camera-soak.test.ts': 64,
  'gateway/test/restart.test.ts': 58,
  'gateway/test/graceful-stop.test.ts': 50,
  'gateway/test/attack.test.ts': 22,
};
/** Whole gateways in every one of them. */
const ACCEPTANCE = 40;

/** Begins the longest files first. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const seconds = ({ moduleId, project }: TestSpecification) => {
      const path = relative(project.config.root, moduleId);
      return SECONDS[path] ?? (path.startsWith('gateway/test/acceptance/') ? ACCEPTANCE : 0);
    };
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || seconds(b) - seconds(a));
  }
}
