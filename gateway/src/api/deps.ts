import type { Clock, Logger } from '../../../adapters/adapter.ts';
import type { Metrics } from '../metrics.ts';
import type { Auth } from './auth.ts';
import type { ForwardPort } from './ports/forwarding.ts';
import type { Services } from './ports.ts';
import type { Readiness } from './readiness.ts';
import type { Times } from './times.ts';
import type { Updates } from './updates.ts';

export interface ApiConfig {
  /** IANA name; offset of all times in answers. */
  readonly timeZone: string;
  /** When set, `/metrics` wants it as Bearer token. */
  readonly metricsToken?: string | null;
  /** Bytes of a request body; default 1 MiB. */
  readonly bodyLimit?: number;
  /** Nesting of JSON; default 32. */
  readonly jsonDepth?: number;
  /** Milliseconds in which a whole request must have arrived; default 30,000. */
  readonly requestTimeout?: number;
  /** Milliseconds a connection may stand still, also while an answer waits to be read; default 120,000. */
  readonly idleTimeout?: number;
  /** Reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, as addresses and networks; none by default. */
  readonly trustedProxies?: () => readonly string[];
  /** Marks the session cookie Secure in any case; else it is when a trusted proxy says that the browser came by TLS. */
  readonly secureCookie?: boolean;
  /** Where devices connect: the port of this process, or the broker beside it. */
  readonly mqtt?: {
    readonly port: number;
    readonly tls: { readonly port: number } | null;
    readonly url: string | null;
  };
  readonly version?: string;
  /** Where the built console lies; without it the gateway has its API alone. */
  readonly consoleFolder?: string;
}

export interface ApiDeps {
  readonly services: Services;
  readonly config: ApiConfig;
  readonly log: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly readiness: Readiness;
  /** A request that changes something was answered with success. */
  readonly written?: () => void;
  /** Other processes of this gateway; absent = there are none. */
  readonly forwarding?: ForwardPort;
}

/** What the routes work with. */
export interface RouteContext extends ApiDeps {
  readonly auth: Auth;
  readonly times: Times;
  readonly updates: Updates;
}
