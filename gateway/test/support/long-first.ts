import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * About how many seconds a file takes on two processors; what is not named takes less than ten. Only the order counts: a
 * fresh checkout remembers no durations, and a long file that is begun last runs on alone when all others have ended.
 */
const SECONDS: Readonly<Record<string, number>> = {
  'gateway/test/demo.test.ts': 110,
  'gateway/test/picture-faults.test.ts': 83,
  'gateway/src/store/pglite.test.ts': 50,
  'gateway/test/camera.test.ts': 48,
  'gateway/test/live.test.ts': 45,
  'gateway/src/api/browser.test.ts': 20,
  'gateway/src/video/diagnosis/diagnosis.test.ts': 33,
  'gateway/test/isolation.test.ts': 33,
  'tools/cli/cgw.test.ts': 32,
  'gateway/src/store/audit.test.ts': 30,
  'gateway/src/access/access.test.ts': 20,
  'gateway/test/device.test.ts': 21,
  'gateway/test/camera-events.test.ts': 21,
  'gateway/src/monitor/monitor.test.ts': 18,
  'gateway/src/notify/care.test.ts': 18,
  'gateway/test/camera-registration.test.ts': 18,
  'gateway/src/registry/import/import-hostile.test.ts': 17,
  'gateway/src/api/openapi.test.ts': 17,
  'gateway/src/monitor/grouping/grouping.test.ts': 16,
  'gateway/test/camera-attack.test.ts': 16,
  'gateway/test/snapshots.test.ts': 15,
  'gateway/test/hostile-requests.test.ts': 15,
  'gateway/test/readme.test.ts': 14,
  'gateway/src/tickets/work.test.ts': 14,
  'gateway/src/monitor/grouping/mass.test.ts': 13,
  'gateway/test/mapping.test.ts': 13,
  'gateway/src/reports/reports.test.ts': 13,
  'gateway/src/registry/import/import.test.ts': 13,
  'gateway/src/registry/device-type-hostile.test.ts': 12,
  'gateway/src/notify/sender.test.ts': 12,
  'gateway/test/samples.test.ts': 12,
  'gateway/src/ingest/drain.test.ts': 11,
  'adapters/onvif/discovery.test.ts': 11,
  'gateway/src/registry/cameras/watch.test.ts': 11,
  'gateway/src/sheets/sheets-fuzz.test.ts': 11,
  'adapters/rtsp/relay.test.ts': 11,
  'gateway/src/video/ffmpeg/key-frame.test.ts': 10,
  'gateway/src/video/supervisor/supervisor.test.ts': 10,
  'tools/simulator/rtsp/pictures.test.ts': 10,

  'gateway/test/kill.test.ts': 73,
  'gateway/test/camera-soak.test.ts': 66,
  'gateway/test/database-outage.test.ts': 61,
  'gateway/test/restart.test.ts': 57,
  'gateway/test/graceful-stop.test.ts': 38,
  'gateway/test/attack.test.ts': 13,
};
/** Whole stages and hours of their time in every one of them. */
const ACCEPTANCE = 25;
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
