import { randomUUID } from 'node:crypto';
import { createReportCalendar } from '../domain/report-period.ts';
import { createCampaignFile } from './campaign-file.ts';
import { createCampaigns } from './campaigns.ts';
import type { InspectionContext } from './context.ts';
import { createHotSpots } from './hot-spots.ts';
import { createQuality } from './quality.ts';
import { createTasks } from './tasks.ts';
import { createUse } from './use.ts';

export type InspectionOptions = Omit<InspectionContext, 'calendar'>;

export type Inspections = ReturnType<typeof createInspections>;

/** 巡检, 排摸, hot spots, use and data quality. `tick` does all that is to be done by itself; any number of gateways may call it. */
export function createInspections(options: InspectionOptions) {
  const context: InspectionContext = { ...options, calendar: createReportCalendar(options.timeZone) };
  const owner = randomUUID();
  const tasks = createTasks(context);
  const campaigns = createCampaigns(context);
  const hotSpots = createHotSpots(context, owner);
  const quality = createQuality(context, owner);
  return {
    ...tasks,
    ...campaigns,
    campaignFile: createCampaignFile(context),
    ...hotSpots,
    ...createUse(context),
    ...quality,

    async tick(signal?: AbortSignal): Promise<void> {
      // Each on its own: a computation that fails must not keep the morning's inspections back.
      const steps = [tasks.makeDue, campaigns.startDue, hotSpots.inspectDue, () => quality.run(signal)];
      const failed: unknown[] = [];
      for (const step of steps) await step().catch((error: unknown) => failed.push(error));
      if (failed.length > 0) throw failed[0];
    },
  };
}
