import { useQuery } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { createElement, type ReactNode, useState } from 'react';
import { problemOf } from '../api/problem.ts';
import { language, t } from '../language.ts';
import { Loaded } from './loaded.tsx';
import { useTitle } from './page.tsx';
import { Paper } from './print.tsx';
import './gateway-paper.css';

interface GatewayPaperProps {
  readonly title: string;
  /** Address of the gateway's print, without its purpose. */
  readonly address: string;
  /** What such a print is usually for; one click. */
  readonly usual: readonly string[];
}

/**
 * A form as the gateway prints it. Paper that leaves is an export: what for is asked first, and the gateway writes
 * purpose, name and time on it and into the audit.
 */
export function GatewayPaper({ title, address, usual }: GatewayPaperProps) {
  useTitle(title);
  const [purpose, give] = useState<string>();
  if (purpose === undefined) return <AskPurpose title={title} usual={usual} give={give} />;
  return <Printed title={title} address={`${address}?purpose=${encodeURIComponent(purpose)}`} />;
}

function AskPurpose({ title, usual, give }: { title: string; usual: readonly string[]; give: (why: string) => void }) {
  return (
    <main className="desk">
      <section className="paper-ask sheet">
        <h1>{title}</h1>
        <p className="quiet">{t('paper.leaves')}</p>
        <Form<{ purpose: string }> layout="vertical" onFinish={({ purpose }) => give(purpose.trim())}>
          <Form.Item
            name="purpose"
            label={t('paper.purpose')}
            rules={[{ required: true, whitespace: true, min: 2, message: t('paper.purpose.rule') }]}
          >
            <Input autoFocus maxLength={200} />
          </Form.Item>
          <div className="filters">
            {usual.map((why) => (
              <Button key={why} size="small" onClick={() => give(why)}>
                {why}
              </Button>
            ))}
          </div>
          <div className="paper-ask-acts">
            <Button onClick={() => window.history.back()}>{t('paper.back')}</Button>
            <Button type="primary" htmlType="submit">
              {t('paper.make')}
            </Button>
          </div>
        </Form>
      </section>
    </main>
  );
}

function Printed({ title, address }: { title: string; address: string }) {
  // Every answer is an entry in the audit: asked for once, not at every return to the window.
  const made = useQuery({
    queryKey: ['paper', address],
    queryFn: async () => {
      const response = await fetch(address, {
        headers: { 'accept-language': language() },
        credentials: 'same-origin',
        cache: 'no-store',
      });
      if (!response.ok) throw await problemOf(response);
      return new DOMParser().parseFromString(await response.text(), 'text/html');
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  return (
    <Loaded query={made}>
      {({ body, title: named }) => (
        <Paper title={body.querySelector('h1')?.textContent ?? (named || title)}>
          <div className="gateway-paper">{[...body.childNodes].map(drawn)}</div>
        </Paper>
      )}
    </Loaded>
  );
}

/** What a form on paper is made of; anything else becomes its text. */
const KNOWN = new Set(
  'p h2 h3 table thead tbody tr th td div section ul ol li b strong br span svg path circle line rect polygon text g'.split(
    ' ',
  ),
);
const KEPT: Readonly<Record<string, string>> = {
  class: 'className',
  colspan: 'colSpan',
  rowspan: 'rowSpan',
  viewbox: 'viewBox',
  width: 'width',
  height: 'height',
  d: 'd',
  cx: 'cx',
  cy: 'cy',
  r: 'r',
  x: 'x',
  y: 'y',
  x1: 'x1',
  x2: 'x2',
  y1: 'y1',
  y2: 'y2',
  points: 'points',
  fill: 'fill',
  stroke: 'stroke',
  'stroke-width': 'strokeWidth',
  'stroke-dasharray': 'strokeDasharray',
  'text-anchor': 'textAnchor',
  'font-size': 'fontSize',
  transform: 'transform',
};

function drawn(node: ChildNode, place: number): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) {
    const inTable = ['TABLE', 'TBODY', 'THEAD', 'TR'].includes(node.parentElement?.tagName ?? '');
    return inTable ? null : node.textContent;
  }
  if (!(node instanceof Element)) return null;
  const name = node.tagName.toLowerCase();
  if (name === 'h1' || name === 'style' || name === 'script') return null;
  const children = [...node.childNodes].map(drawn);
  if (!KNOWN.has(name)) return node.textContent;
  const kept = [...node.attributes].flatMap(({ name: attribute, value }) => {
    const property = KEPT[attribute.toLowerCase()];
    return property ? [[property, value]] : [];
  });
  return createElement(name, { key: place, ...Object.fromEntries(kept) }, ...(name === 'br' ? [] : children));
}
