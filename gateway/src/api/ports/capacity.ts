import type { Actor } from '../../domain/actor.ts';
import type { CapacityReport, WhatIf } from '../../domain/capacity.ts';

export interface CapacityPort {
  report(actor: Actor, whatIf: WhatIf): Promise<CapacityReport>;
}
