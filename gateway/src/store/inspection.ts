import type { ReadingsElsewhere } from '../domain/readings-elsewhere.ts';
import { createCampaignStore } from './inspection-campaigns.ts';
import { createQualityStore } from './inspection-quality.ts';
import { createSpotStore } from './inspection-spots.ts';
import { createInspectionTaskStore } from './inspection-tasks.ts';
import { createUseStore } from './inspection-use.ts';

/** 巡检, 排摸, hot spots, use and data quality. */
export function createInspectionStore(elsewhere?: ReadingsElsewhere) {
  return {
    ...createInspectionTaskStore(),
    ...createCampaignStore(),
    ...createSpotStore(),
    ...createQualityStore(elsewhere),
    ...createUseStore(),
  };
}
