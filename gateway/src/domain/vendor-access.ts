/**
 * `invited` and `applied` wait for somebody, `active` may work, `suspended` may come back, `ended` and `rejected` are over.
 * Devices of a vendor stay registered and judged whatever its state.
 */
export const VENDOR_STATES = ['invited', 'applied', 'active', 'suspended', 'ended', 'rejected'] as const;
export type VendorState = (typeof VENDOR_STATES)[number];

export const VENDOR_ACTIONS = ['approve', 'reject', 'suspend', 'resume', 'end'] as const;
export type VendorAction = (typeof VENDOR_ACTIONS)[number];

const TURNS: Readonly<Record<VendorAction, { readonly from: readonly VendorState[]; readonly to: VendorState }>> = {
  approve: { from: ['applied', 'invited', 'rejected'], to: 'active' },
  reject: { from: ['applied', 'invited'], to: 'rejected' },
  suspend: { from: ['active'], to: 'suspended' },
  resume: { from: ['suspended', 'ended'], to: 'active' },
  end: { from: ['active', 'suspended', 'invited'], to: 'ended' },
};

/** The state an action leads to, or undefined with what would be allowed. */
export function nextVendorState(
  state: VendorState,
  action: VendorAction,
): { readonly next: VendorState | undefined; readonly allowed: readonly VendorAction[] } {
  const allowed = VENDOR_ACTIONS.filter((name) => TURNS[name].from.includes(state));
  return { next: TURNS[action].from.includes(state) ? TURNS[action].to : undefined, allowed };
}

/** What the access of a vendor stands on; days are `YYYY-MM-DD`, the last one included. */
export interface VendorTerms {
  readonly state: VendorState;
  readonly contract: { readonly to?: string | null | undefined } | null;
  /** 保密协议; null = none on record. */
  readonly agreement: { readonly expiresOn: string } | null;
  /** False for vendors from before agreements were recorded: they only carry a warning. */
  readonly agreementRequired: boolean;
}

export type VendorClosed =
  | Exclude<VendorState, 'active'>
  | 'contractEnded'
  | 'agreementEnded'
  | 'agreementMissing'
  | 'unknown';

/** Why a vendor may not work today; null = it may. */
export function vendorClosed(terms: VendorTerms, today: string): VendorClosed | null {
  if (terms.state !== 'active') return terms.state;
  if (terms.contract?.to && terms.contract.to < today) return 'contractEnded';
  if (terms.agreement) return terms.agreement.expiresOn < today ? 'agreementEnded' : null;
  return terms.agreementRequired ? 'agreementMissing' : null;
}

/** The papers that end some day, nearest first. */
export function vendorEnds(terms: VendorTerms): { readonly what: 'contract' | 'agreement'; readonly on: string }[] {
  const ends = [
    ...(terms.contract?.to ? [{ what: 'contract' as const, on: terms.contract.to }] : []),
    ...(terms.agreement ? [{ what: 'agreement' as const, on: terms.agreement.expiresOn }] : []),
  ];
  return ends.sort((a, b) => (a.on < b.on ? -1 : 1));
}

/** Whole days from one `YYYY-MM-DD` to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** Whether a text of the right form is a day of the calendar. */
export function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
}
