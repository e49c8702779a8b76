/** A SOAP request as far as the device reads it. Written apart from the gateway's own XML code on purpose. */
export interface SoapRequest {
  readonly namespace: string;
  /** Local name of the first element of the body. */
  readonly action: string;
  /** WS-UsernameToken of the header. */
  readonly token: { username: string; password: string; nonce: string; created: string; digest: boolean } | undefined;
  /** Path and query that were asked. */
  readonly path: string;
  /** Text of the first such element of the header; '' when absent. */
  header(name: string): string;
  /** Text of the first such element of the body; '' when absent. */
  field(name: string): string;
  /** Attributes of the first such element of the body. */
  attributes(name: string): Readonly<Record<string, string>>;
}

const NAME = '(?:([\\w.-]+):)?';

/** Throws when the text is no SOAP request. */
export function parseSoap(text: string, path = '/'): SoapRequest {
  const body = new RegExp(`<${NAME}Body\\b[^>]*>([\\s\\S]*)</${NAME}Body>`).exec(text)?.[2];
  const first = body === undefined ? null : /<(?:([\w.-]+):)?([\w.-]+)([^>]*)>/.exec(body);
  if (body === undefined || !first) throw new Error('no SOAP body');
  const [, prefix, action = '', rest = ''] = first;
  const declared = prefix ? `xmlns:${prefix}` : 'xmlns';
  const here = new RegExp(`\\b${declared}="([^"]*)"`);
  const namespace = here.exec(rest)?.[1] ?? (prefix ? here.exec(text)?.[1] : undefined) ?? '';
  const header = text.slice(0, text.indexOf(body));
  const username = textOf(header, 'Username');
  const [password = '', kind = ''] = elementOf(header, 'Password');
  const token = {
    username,
    password: unescapeXml(password.trim()),
    nonce: textOf(header, 'Nonce'),
    created: textOf(header, 'Created'),
    digest: kind.includes('PasswordDigest'),
  };
  return {
    namespace,
    action,
    token: header.includes('UsernameToken') ? token : undefined,
    path,
    header: (name) => textOf(header, name),
    field: (name) => textOf(body, name),
    attributes: (name) =>
      Object.fromEntries(
        [...(elementOf(body, name)[1] ?? '').matchAll(/([\w.-]+)="([^"]*)"/g)].map((one) => one.slice(1, 3)),
      ),
  };
}

function elementOf(text: string, name: string): [inner?: string, attributes?: string] {
  const found = new RegExp(`<${NAME}${name}\\b([^>]*?)(?:/>|>([^<]*)<)`).exec(text);
  return found ? [found[3] ?? '', found[2] ?? ''] : [];
}

const textOf = (text: string, name: string) => unescapeXml((elementOf(text, name)[0] ?? '').trim());

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const unescapeXml = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');

export const NAMESPACES = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
  notification: 'http://docs.oasis-open.org/wsn/b-2',
  deviceIO: 'http://www.onvif.org/ver10/deviceIO/wsdl',
} as const;
const SCHEMA = 'http://www.onvif.org/ver10/schema';

/** What a service can do, by the name of the action. */
export type Actions = Readonly<Record<string, (request: SoapRequest) => string | Promise<string>>>;

/** `namespace` is that of the prefix `s` in the body. */
export function envelope(body: string, namespace?: string): string {
  const own = namespace ? ` xmlns:s="${namespace}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>
<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="${SCHEMA}" xmlns:ter="http://www.onvif.org/ver10/error"${own}><env:Body>${body}</env:Body></env:Envelope>`;
}

/** A refusal as ONVIF writes it. */
export class SoapFault extends Error {
  readonly status: number;
  readonly xml: string;
  constructor(status: number, code: 'Sender' | 'Receiver', subcode: string, reason: string) {
    super(reason);
    this.status = status;
    this.xml = envelope(
      `<env:Fault><env:Code><env:Value>env:${code}</env:Value><env:Subcode><env:Value>ter:${subcode}</env:Value></env:Subcode></env:Code><env:Reason><env:Text xml:lang="en">${reason}</env:Text></env:Reason></env:Fault>`,
    );
  }
}
