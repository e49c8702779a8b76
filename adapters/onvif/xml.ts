import nodeOnvif from 'node-onvif';
import { OnvifError } from './client.ts';
import { judgeStatus, printable } from './failure.ts';
import type { SoapReply } from './pass.ts';
import { unfitXml } from './soap.ts';

/** What node-onvif's parser made of an answer: prefixes stripped, single children not in arrays, text never turned into numbers. */
export type Node = unknown;

/** Guarded against bombs; throws OnvifError notOnvif. */
export async function parseXml(xml: string): Promise<Node> {
  const unfit = unfitXml(xml);
  if (unfit !== undefined) throw new OnvifError('notOnvif', unfit);
  try {
    return await nodeOnvif._OnvifSoap.parse(xml);
  } catch (error) {
    throw new OnvifError('notOnvif', `broken XML: ${printable(error instanceof Error ? error.message : '')}`, error);
  }
}

export function child(node: Node, ...path: readonly string[]): Node {
  let at = node;
  for (const name of path) {
    const first = Array.isArray(at) ? at[0] : at;
    at = typeof first === 'object' && first !== null ? (first as Record<string, unknown>)[name] : undefined;
  }
  return at;
}

/** Text of an element, trimmed; null when it is absent or empty. Digits stay text. */
export function textOf(node: Node, ...path: readonly string[]): string | null {
  const found = child(node, ...path);
  const first = Array.isArray(found) ? found[0] : found;
  const text = typeof first === 'string' ? first : child(first, '_');
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : null;
}

export function listOf(node: Node, ...path: readonly string[]): readonly Node[] {
  const found = child(node, ...path);
  return found === undefined ? [] : Array.isArray(found) ? found : [found];
}

export function numberOf(node: Node, ...path: readonly string[]): number | null {
  const text = textOf(node, ...path);
  const value = text === null ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

/** A SOAP fault the camera answered with; `code` is its innermost subcode without prefix. */
export class SoapFault extends OnvifError {
  readonly code: string;
  constructor(code: string, detail: string) {
    super('serverError', `the camera answers: ${printable(`${code} ${detail}`)}`);
    this.code = code;
  }
}

/** The body of a SOAP answer. Throws SoapFault, or OnvifError for what is no SOAP at all. */
export async function soapBody({ status, xml }: SoapReply): Promise<Node> {
  if (status >= 300 && status < 400) throw judgeStatus(status);
  let root: Node;
  try {
    root = await parseXml(xml);
  } catch (error) {
    throw status === 200 ? error : judgeStatus(status);
  }
  const body = child(root, 'Body');
  if (typeof body !== 'object' || body === null) {
    throw status === 200 ? new OnvifError('notOnvif', 'the answer is no SOAP message') : judgeStatus(status);
  }
  const fault = child(body, 'Fault');
  if (fault !== undefined) {
    const codes = [
      textOf(fault, 'Code', 'Subcode', 'Subcode', 'Value'),
      textOf(fault, 'Code', 'Subcode', 'Value'),
      textOf(fault, 'Code', 'Value'),
      textOf(fault, 'faultcode'),
    ];
    const code = (codes.find((each) => each !== null) ?? 'Fault').replace(/^.*:/, '');
    throw new SoapFault(code, textOf(fault, 'Reason', 'Text') ?? textOf(fault, 'faultstring') ?? '');
  }
  if (status !== 200) throw judgeStatus(status);
  return body;
}
