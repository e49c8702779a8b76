import type { Static } from 'typebox';
import type { Acceptance } from '../../domain/acceptance.ts';
import type { Actor } from '../../domain/actor.ts';
import type { DuplicateInput } from '../../domain/camera-requests.ts';
import type { ConstructionDecisionInput, ConstructionInput, ConstructionReview } from '../../domain/construction.ts';
import type {
  Handover,
  HandoverAction,
  HandoverInput,
  HandoverQuery,
  HandoverStep,
  HandoverWithDevices,
} from '../../domain/handover.ts';
import type { Page } from '../../domain/page.ts';
import type { DuplicateReportView } from '../schemas/camera.ts';

/** A page for paper. */
export interface Printed {
  readonly html: string;
  /** Base64 SHA-256 of its style element. */
  readonly styleSha256: string;
  /** File name without ending. */
  readonly name: string;
}

/** 设备登记与验收. A print needs the right to export; its purpose stands on the paper and in the audit table. */
export interface RegistrationPort {
  acceptance(actor: Actor, id: string): Promise<Acceptance>;
  printAcceptance(actor: Actor, id: string, purpose: string): Promise<Printed>;
  duplicateCheck(actor: Actor, input: DuplicateInput): Promise<Static<typeof DuplicateReportView>>;
  review(actor: Actor, input: ConstructionInput): Promise<ConstructionReview>;
  decideReview(actor: Actor, id: string, input: ConstructionDecisionInput): Promise<ConstructionReview>;
  getReview(actor: Actor, id: string): Promise<ConstructionReview>;
  listReviews(actor: Actor, query: { limit?: number; cursor?: string }): Promise<Page<ConstructionReview>>;
  printReview(actor: Actor, id: string, purpose: string): Promise<Printed>;
  printHandover(actor: Actor, id: string, purpose: string): Promise<Printed>;
}

/** 移交单. */
export interface HandoverPort {
  create(actor: Actor, input: HandoverInput): Promise<HandoverWithDevices>;
  get(actor: Actor, id: string): Promise<HandoverWithDevices>;
  list(actor: Actor, query: HandoverQuery): Promise<Page<Handover>>;
  step(actor: Actor, id: string, action: HandoverAction, input: HandoverStep): Promise<HandoverWithDevices>;
}
