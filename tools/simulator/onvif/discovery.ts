import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { OnvifDevice } from './device.ts';
import { scopes } from './device-service.ts';
import { escapeXml } from './soap.ts';

const GROUP = '239.255.255.250';
const PORT = 3702;
const MAX_PROBE_BYTES = 8 * 1024;

export interface DiscoveryResponder {
  /** Probes that were understood. */
  readonly probes: number;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Answers WS-Discovery probes for some devices, multicast and unicast, on the named interfaces only. Several responders
 * may run on one machine; each hears every multicast probe, and one of them the unicast ones.
 */
export function createDiscoveryResponder(options: {
  readonly devices: readonly Pick<OnvifDevice, 'urn' | 'xaddr' | 'information'>[];
  /** Addresses of own interfaces; default 127.0.0.1. */
  readonly interfaces?: readonly string[];
  /** Default 3702, which is where clients look. */
  readonly port?: number;
  /** All devices in one answer, as some recorders do; default an answer each. */
  readonly together?: boolean;
  /** Sent instead of answers, for clients that should survive it. */
  readonly garbage?: boolean;
}): DiscoveryResponder {
  const { devices, interfaces = ['127.0.0.1'], port = PORT, together = false, garbage = false } = options;
  const sockets: Socket[] = [];
  let probes = 0;

  const answer = (message: Buffer, from: RemoteInfo, through: Socket) => {
    const text = message.toString('utf8');
    if (message.length > MAX_PROBE_BYTES || !/<(?:\w+:)?Probe[\s/>]/.test(text)) return;
    const types = /<(?:\w+:)?Types[^>]*>([^<]*)</.exec(text)?.[1]?.trim() ?? '';
    if (types !== '' && !/:(NetworkVideoTransmitter|Device)\b/.test(types)) return;
    const id = /<(?:\w+:)?MessageID[^>]*>([^<]*)</.exec(text)?.[1]?.trim() ?? '';
    probes += 1;
    const groups = together ? [devices] : devices.map((device) => [device]);
    for (const group of groups) {
      const reply = garbage ? Buffer.from('<<not xml') : Buffer.from(matches(group, id));
      // The asker may be gone by now; nobody waits for this.
      through.send(reply, from.port, from.address, () => undefined);
    }
  };

  const open = async (address: string): Promise<Socket> => {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.bind(port, address);
    await once(socket, 'listening');
    sockets.push(socket);
    return socket;
  };

  return {
    get probes() {
      return probes;
    },
    async start() {
      // Bound to the group and to the interfaces, so that nothing listens where it was not asked to.
      const group = await open(GROUP);
      for (const own of interfaces) {
        group.addMembership(GROUP, own);
        const single = await open(own);
        single.on('message', (message, from) => answer(message, from, single));
      }
      group.on('message', (message, from) => answer(message, from, group));
    },
    async stop() {
      await Promise.all(
        sockets.splice(0).map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))),
      );
    },
  };
}

function matches(devices: readonly Pick<OnvifDevice, 'urn' | 'xaddr' | 'information'>[], relatesTo: string): string {
  const each = devices.map(
    ({ urn, xaddr, information }) =>
      `<d:ProbeMatch><a:EndpointReference><a:Address>${urn}</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>${scopes(information).join(' ')}</d:Scopes><d:XAddrs>${xaddr}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl"><e:Header><a:MessageID>${devices[0]?.urn ?? ''}</a:MessageID><a:RelatesTo>${escapeXml(relatesTo)}</a:RelatesTo><a:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:To><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></e:Header><e:Body><d:ProbeMatches>${each.join('')}</d:ProbeMatches></e:Body></e:Envelope>`;
}
