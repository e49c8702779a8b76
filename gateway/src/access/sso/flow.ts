import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../../adapters/adapter.ts';
import type { SsoProvider } from '../../domain/sign-in.ts';
import { GatewayError } from '../../errors.ts';
import { bilingual } from '../../messages/index.ts';
import type { Secrets } from '../secrets.ts';

/** What must come back with the browser: it travels sealed in a cookie, so nothing is kept here for strangers. */
export interface Flow {
  readonly provider: SsoProvider;
  readonly state: string;
  /** OIDC only. */
  readonly nonce?: string;
  /** OIDC only: what the code challenge was made from [RFC 7636]. */
  readonly verifier?: string;
}

/** How long somebody may take to log in at the provider. */
export const FLOW_MS = 10 * 60_000;
const CONTEXT = 'sign-in flow';
/** States remembered as used; older ones have ended by their time or are refused by the provider, whose codes work once. */
const REMEMBERED = 10_000;

/** Hexadecimal: WeCom allows letters and digits only. */
export const newState = () => randomBytes(16).toString('hex');

export function createFlows({ secrets, clock }: { secrets: Secrets; clock: Clock }) {
  const used = new Set<string>();
  return {
    seal: (flow: Flow): string => secrets.seal(JSON.stringify({ ...flow, until: clock.now() + FLOW_MS }), CONTEXT),

    /** The flow behind the cookie, once. Throws SSO_REFUSED when it is none of ours, over, used, or for another state. */
    take(provider: SsoProvider, sealed: string | undefined, state: string | null): Flow {
      const flow = sealed === undefined ? undefined : open(sealed);
      const good =
        flow !== undefined &&
        flow.provider === provider &&
        flow.until > clock.now() &&
        flow.state === state &&
        !used.has(flow.state);
      if (!good) throw new GatewayError('SSO_REFUSED', bilingual('sso.flow'));
      if (used.size >= REMEMBERED) used.clear();
      used.add(flow.state);
      return flow;
    },
  };

  function open(sealed: string): (Flow & { until: number }) | undefined {
    try {
      return JSON.parse(secrets.open(sealed, CONTEXT)) as Flow & { until: number };
    } catch (error) {
      // A cookie is input: anything that does not open was never ours.
      if (error instanceof GatewayError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }
}
