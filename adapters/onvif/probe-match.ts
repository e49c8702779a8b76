import type { ProbeMatch } from './thread-protocol.ts';
import { listOf, parseXml, textOf } from './xml.ts';

const MAX_MATCHES = 64;
const MAX_WORDS = 64;

/** Every match in one WS-Discovery answer; recorders and gateways put several devices into one. */
export async function readMatches(xml: string): Promise<readonly ProbeMatch[]> {
  const root = await parseXml(xml);
  const matches = [
    ...listOf(root, 'Body', 'ProbeMatches', 'ProbeMatch'),
    ...listOf(root, 'Body', 'ResolveMatches', 'ResolveMatch'),
  ];
  return matches.slice(0, MAX_MATCHES).flatMap((match) => {
    const xaddrs = words(textOf(match, 'XAddrs'));
    const urn = textOf(match, 'EndpointReference', 'Address') ?? xaddrs[0];
    if (urn === undefined) return [];
    return [{ urn, xaddrs, types: words(textOf(match, 'Types')), scopes: words(textOf(match, 'Scopes')) }];
  });
}

function words(text: string | null): string[] {
  return (text ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS)
    .map((word) => word.slice(0, 500));
}
