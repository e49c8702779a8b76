import type { Answer } from '../../api/client.ts';
import type { Sign } from '../../parts/marks.tsx';

export type CampaignItem = Answer<'CampaignItem'>;
export const RESULTS = ['unanswered', 'confirmed', 'wrong', 'removed', 'new'] as const;
export const RESULT_SIGNS: Readonly<Record<(typeof RESULTS)[number], Sign>> = {
  unanswered: ['none', 'ring'],
  confirmed: ['good', 'disc'],
  wrong: ['warning', 'triangle'],
  removed: ['bad', 'cross'],
  new: ['odd', 'diamond'],
};
/** What is usually wrong; one tap. */
export const USUAL = ['moved', 'name', 'broken', 'count'] as const;
