import type { Actor } from '../../domain/actor.ts';
import type { Page } from '../../domain/page.ts';
import type { VendorAction } from '../../domain/vendor-access.ts';
import type {
  InvitationAcceptance,
  InvitationInput,
  VendorApplication,
  VendorApproval,
  VendorInput,
  VendorInvitation,
  VendorInvitationInput,
  VendorPatch,
  VendorSelf,
  VendorSelfPatch,
  VendorShown,
} from '../../domain/vendor-input.ts';

/** Vendors as administrators enter them; a vendor sees itself. Foreign and unknown ids answer NOT_FOUND. */
export interface VendorPort {
  list(
    actor: Actor,
    query: { limit?: number; cursor?: string; q?: string; where?: Readonly<Record<string, string>> },
  ): Promise<Page<VendorShown>>;
  get(actor: Actor, id: string): Promise<VendorShown>;
  create(actor: Actor, input: VendorInput): Promise<VendorShown>;
  update(actor: Actor, id: string, patch: VendorPatch): Promise<VendorShown>;
  remove(actor: Actor, id: string): Promise<void>;
}

export interface VendorAccountPort {
  /** `username` and `password` of the first user, once. */
  turn(
    actor: Actor,
    id: string,
    action: VendorAction,
    input: VendorApproval,
  ): Promise<{ vendor: VendorShown; username?: string; password?: string }>;
}

export interface VendorInvitationPort {
  inviteNew(
    actor: Actor,
    input: VendorInvitationInput,
  ): Promise<{ vendor: VendorShown; invitation: VendorInvitation; token: string }>;
  invite(
    actor: Actor,
    vendorId: string,
    input: InvitationInput,
  ): Promise<{ invitation: VendorInvitation; token: string }>;
  list(actor: Actor, vendorId: string): Promise<readonly VendorInvitation[]>;
  revoke(actor: Actor, vendorId: string, id: string): Promise<void>;
  /** By a stranger. */
  accept(input: InvitationAcceptance, address: string): Promise<{ vendorId: string; username: string }>;
}

export interface VendorApplicationPort {
  /** By a stranger. */
  apply(input: VendorApplication, address: string): Promise<void>;
}

export interface VendorAgreementPort {
  upload(actor: Actor, vendorId: string, file: { name: string; content: Uint8Array }): Promise<VendorShown>;
  download(
    actor: Actor,
    vendorId: string,
    input: { purpose: string },
  ): Promise<{ name: string; mediaType: string; content: Uint8Array }>;
}

export interface VendorSelfPort {
  me(actor: Actor): Promise<VendorSelf>;
  changeMe(actor: Actor, patch: VendorSelfPatch): Promise<VendorSelf>;
}
