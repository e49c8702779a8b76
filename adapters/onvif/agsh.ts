import { Cam } from 'onvif/lib/cam.js';
import type { Dialog } from './dialog.ts';
import type { SoapReply } from './pass.ts';
import { escapeXml, LOGIN_MARK } from './soap.ts';
import { listOf, type Node, soapBody, textOf } from './xml.ts';

/** One method of the library, and what its envelope holds besides. */
export interface CamAsk {
  readonly method: (cam: Cam, callback: (error?: unknown) => void) => void;
  /** Header blocks. */
  readonly header?: string;
  /** Declarations they need, ` xmlns:p="…"`. */
  readonly namespaces?: string;
  readonly rewrite?: (soap: string) => string;
}

/**
 * Runs one method of the library `onvif` up to its request and answers the body of what the camera said. The library
 * composes; its own HTTP, envelope and reading of answers are replaced: it turns digits into numbers, calls back twice,
 * and throws on what a camera leaves out. Why: docs/decisions/013-onvif-clients.md.
 */
export async function askCam(dialog: Dialog, url: URL, ask: CamAsk): Promise<{ body: Node; reply: SoapReply }> {
  const { method, header = '', namespaces = '', rewrite = (soap) => soap } = ask;
  const opening =
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"' +
    `${namespaces}><s:Header>${LOGIN_MARK}${header}`;
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
    cam._envelopeHeader = (open) => (open ? opening : `${opening}</s:Header><s:Body>`);
    cam._requestPart2 = ({ body, action }) => {
      Promise.resolve()
        .then(() => dialog.ask(url, rewrite(body), action))
        .then(resolve, reject);
    };
    // It calls back only for what it cannot even compose.
    method(cam, (error) => reject(error instanceof Error ? error : new Error('the library composed no request')));
  });
  return { body: await soapBody(reply), reply };
}

/** The library `onvif` for Media2 (H.265 profiles), which node-onvif does not know. */
export function media2Calls(dialog: Dialog, url: URL) {
  const ask = async (method: CamAsk['method']) => (await askCam(dialog, url, { method })).body;
  return {
    async profiles(): Promise<readonly Node[]> {
      const body = await ask((cam, callback) => cam.getProfiles(callback));
      return listOf(body, 'GetProfilesResponse', 'Profiles');
    },
    async streamUri(profile: string): Promise<string | null> {
      const profileToken = escapeXml(profile);
      const body = await ask((cam, callback) => cam.getStreamUri({ protocol: 'RTSP', profileToken }, callback));
      return textOf(body, 'GetStreamUriResponse', 'Uri');
    },
    async snapshotUri(profile: string): Promise<string | null> {
      const body = await ask((cam, callback) => cam.getSnapshotUri({ profileToken: escapeXml(profile) }, callback));
      return textOf(body, 'GetSnapshotUriResponse', 'Uri');
    },
  };
}
