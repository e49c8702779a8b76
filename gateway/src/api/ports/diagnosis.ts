import type { Static } from 'typebox';
import type { Actor } from '../../domain/actor.ts';
import type { DiagnosisView } from '../../domain/diagnosis.ts';
import type { CheckView } from '../schemas/diagnosis.ts';

/** Picture diagnosis as people see it; checks right and scope like every port. */
export interface DiagnosisPort {
  read(actor: Actor, deviceId: string): Promise<DiagnosisView>;
  /** Looks now; UNPROCESSABLE without a connection, UNAVAILABLE when no process is to be had. */
  check(
    actor: Actor,
    deviceId: string,
    options: { readonly deep: boolean; readonly signal: AbortSignal },
  ): Promise<Static<typeof CheckView>>;
  /** What the camera shows is right: it learns anew what is usual. */
  accept(actor: Actor, deviceId: string): Promise<DiagnosisView>;
}
