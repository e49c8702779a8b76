/** Counters of the broker since `create()`, for metrics and tests. */
export interface MqttStats {
  /** Open sockets, and those of them that are logged in. */
  connections: number;
  sessions: number;
  /** Refused at accept: too many in all, or from one address. */
  connectionsRefused: number;
  /** Logins refused, and logins that could not be checked. */
  loginsRefused: number;
  loginsFailed: number;
  /** Messages handed over and durable, by QoS; wills apart. */
  qos0: number;
  qos1: number;
  qos2: number;
  wills: number;
  /** Wills that could not be kept. */
  willsLost: number;
  /** Messages recorded as refused for their size. */
  oversized: number;
  /** Connections closed for: a topic without right, a malformed or endless packet, a packet over the hard limit. */
  topicsRefused: number;
  malformed: number;
  packetsTooLarge: number;
  /** Filters answered 0x80. */
  subscriptionsRefused: number;
  /** Messages whose acknowledgement had to wait for the spool, and connections closed because it took too long. */
  held: number;
  heldTooLong: number;
  keepAliveTimeouts: number;
  takenOver: number;
  sent: number;
  /** QoS 0 messages of an external broker that could not be kept. */
  lost: number;
  /** Messages an external broker says it dropped since we listen: its queues are too short. */
  dropped: number;
}

export function createStats(): MqttStats {
  return {
    connections: 0,
    sessions: 0,
    connectionsRefused: 0,
    loginsRefused: 0,
    loginsFailed: 0,
    qos0: 0,
    qos1: 0,
    qos2: 0,
    wills: 0,
    willsLost: 0,
    oversized: 0,
    topicsRefused: 0,
    malformed: 0,
    packetsTooLarge: 0,
    subscriptionsRefused: 0,
    held: 0,
    heldTooLong: 0,
    keepAliveTimeouts: 0,
    takenOver: 0,
    sent: 0,
    lost: 0,
    dropped: 0,
  };
}
