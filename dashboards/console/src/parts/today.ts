import { useMe } from '../app/session.tsx';
import { nowIn } from './live/zone-clock.ts';

/** The day it is where the gateway is, `2026-11-23`: days are counted by its zone, not by the reader's. */
export const useToday = (): string => nowIn(useMe().timeZone).slice(0, 10);
