import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * About how many seconds a file takes on two processors; what is not named takes less than ten. Only the order counts: a
 * fresh checkout remembers no durations, and a long file that is begun last runs on alone when all others have ended.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'gateway/test/demo.test.ts': 100,
  'gateway/test/picture-faults.test.ts': 84,
  'gateway/test/console/pages.test.ts': 72,
  'gateway/src/store/pglite.test.ts': 63,
  'gateway/test/acceptance/kills.test.ts': 55,
  'gateway/test/console/closed-loop.test.ts': 54,
  'gateway/test/console/vendor.test.ts': 47,
  'gateway/test/camera.test.ts': 46,
  'gateway/test/console/field.test.ts': 45,
  'gateway/test/console/onboard.test.ts': 41,
  'gateway/test/console/rights.test.ts': 38,
  'gateway/test/live.test.ts': 37,
  'gateway/src/video/diagnosis/diagnosis.test.ts': 32,
  'tools/cli/cgw.test.ts': 31,
  'gateway/test/acceptance/states.test.ts': 29,
  'gateway/test/console/import.test.ts': 25,
  'gateway/test/console/sign-in.test.ts': 22,
  'gateway/test/acceptance/groups.test.ts': 21,
  'gateway/test/device.test.ts': 20,
  'gateway/test/isolation.test.ts': 16,
  'gateway/test/camera-events.test.ts': 16,
  'gateway/test/snapshots.test.ts': 15,
  'gateway/src/store/audit.test.ts': 13,
  'gateway/test/camera-attack.test.ts': 13,
  'gateway/test/camera-registration.test.ts': 12,
  'gateway/test/mapping.test.ts': 11,
  'gateway/src/api/browser.test.ts': 10,

  'gateway/test/kill.test.ts': 80,
  'gateway/test/camera-soak.test.ts': 68,
  'gateway/test/database-outage.test.ts': 62,
  'gateway/test/restart.test.ts': 61,
  'gateway/test/graceful-stop.test.ts': 43,
  'gateway/test/attack.test.ts': 15,
};
/** Whole stages and hours of their time in every one of them. */
const ACCEPTANCE = 13;
/** After the long ones, before the short ones. */
const SHARED = 10;

/** Begins the longest files first. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const seconds = ({ moduleId, project }: TestSpecification) => {
      // One after the other: a process goes on to the next file only when that one shares it.
      if (project.config.isolate === false) return SHARED;
      const path = relative(project.config.root, moduleId);
      return SECONDS[path] ?? (path.startsWith('gateway/test/acceptance/') ? ACCEPTANCE : 0);
    };
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).toSorted((a, b) => group(a) - group(b) || seconds(b) - seconds(a));
  }
}
