/** A secret that a broker elsewhere has to learn. */
export interface IssuedLogin {
  /** A device's id, or `vendor:<id>`. */
  readonly username: string;
  readonly password: string;
  /** The vendor's key it is. */
  readonly keyId?: string;
}

/** The same on its way, sealed. `hash` is base64. */
export interface PendingLogin {
  readonly username: string;
  readonly sealed: string;
  readonly hash: string;
  readonly keyId: string | null;
}

/** What the broker confirmed. */
export type ConfirmedLogin = Omit<PendingLogin, 'sealed'>;

/** How an external broker learns who may connect: Mosquitto's plug-in, or its own questions over HTTP. */
export type BrokerManager = 'dynsec' | 'http';
