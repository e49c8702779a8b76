import { Cam } from 'onvif/lib/cam.js';
import type { Dialog } from './dialog.ts';
import type { SoapReply } from './pass.ts';
import { escapeXml, LOGIN_MARK } from './soap.ts';
import { listOf, type Node, soapBody, textOf } from './xml.ts';

const ENVELOPE = `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>${LOGIN_MARK}`;

/**
 * The library `onvif` for Media2 (H.265 profiles), which node-onvif does not know. It composes the requests; its own
 * HTTP, envelope and reading of answers are replaced: it turns digits into numbers, calls back twice, and throws on what
 * a camera leaves out. Why: docs/decisions/013-onvif-clients.md.
 */
export function media2Calls(dialog: Dialog, url: URL) {
  /** Runs one method of the library up to its request and answers the body of what the camera said. */
  const ask = async (method: (cam: Cam) => void): Promise<Node> => {
    const reply = await new Promise<SoapReply>((resolve, reject) => {
      const cam = new Cam({
        hostname: dialog.xaddr.hostname,
        port: Number(dialog.xaddr.port) || 80,
        path: dialog.xaddr.pathname,
        autoconnect: false,
        useWSSecurity: false,
      });
      cam.uri = { media2: { path: url.pathname } };
      cam.media2Support = true;
      cam._envelopeHeader = (open) => (open ? ENVELOPE : `${ENVELOPE}</s:Header><s:Body>`);
      cam._requestPart2 = ({ body, action }) => {
        dialog.ask(url, body, action).then(resolve, reject);
      };
      method(cam);
    });
    return soapBody(reply);
  };
  return {
    async profiles(): Promise<readonly Node[]> {
      const body = await ask((cam) => cam.getProfiles(unused));
      return listOf(body, 'GetProfilesResponse', 'Profiles');
    },
    async streamUri(profile: string): Promise<string | null> {
      const profileToken = escapeXml(profile);
      const body = await ask((cam) => cam.getStreamUri({ protocol: 'RTSP', profileToken }, unused));
      return textOf(body, 'GetStreamUriResponse', 'Uri');
    },
    async snapshotUri(profile: string): Promise<string | null> {
      const body = await ask((cam) => cam.getSnapshotUri({ profileToken: escapeXml(profile) }, unused));
      return textOf(body, 'GetSnapshotUriResponse', 'Uri');
    },
  };
}

const unused = () => undefined;
