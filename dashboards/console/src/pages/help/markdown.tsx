import { Link } from '@tanstack/react-router';
import { marked, type Token, type Tokens } from 'marked';
import { Fragment, type ReactNode, useEffect, useState } from 'react';
import type { Guide } from './guides.ts';
import { pictureUrl, resolve } from './guides.ts';

interface MarkdownProps {
  readonly guide: Guide;
  /** Its name, from which its links are seen. */
  readonly name: string;
}

/** A guide as elements: no text of it ever becomes HTML. */
export function Markdown({ guide, name }: MarkdownProps) {
  const at = { name, language: guide.language };
  return <article className="guide">{marked.lexer(guide.text).map((token, i) => block(token, i, at))}</article>;
}

type Place = { readonly name: string; readonly language: Guide['language'] };

/** The same names for headings as the documents' own links use. */
const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s+/g, '-');

function block(token: Token, key: number, at: Place): ReactNode {
  switch (token.type) {
    case 'heading': {
      const Head = `h${Math.min(4, (token as Tokens.Heading).depth)}` as 'h1' | 'h2' | 'h3' | 'h4';
      return (
        <Head key={key} id={slug(token.text)}>
          {inlines(token.tokens, at)}
        </Head>
      );
    }
    case 'paragraph':
      return <p key={key}>{inlines(token.tokens, at)}</p>;
    case 'code':
      return (
        // Long lines are scrolled, by keyboard too.
        <section key={key} className="guide-code" aria-label={token.lang || 'text'}>
          <pre>
            <code>{token.text}</code>
          </pre>
        </section>
      );
    case 'list': {
      const items = (token as Tokens.List).items.map((item) => (
        <li key={item.raw}>{item.tokens.map((inner, n) => block(inner, n, at))}</li>
      ));
      return token.ordered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
    }
    case 'blockquote':
      return <blockquote key={key}>{token.tokens?.map((inner, i) => block(inner, i, at))}</blockquote>;
    case 'table':
      return <Sheet key={key} table={token as Tokens.Table} at={at} />;
    case 'hr':
      return <hr key={key} />;
    case 'text':
      return <Fragment key={key}>{token.tokens ? inlines(token.tokens, at) : token.text}</Fragment>;
    default:
      return null;
  }
}

function Sheet({ table, at }: { table: Tokens.Table; at: Place }) {
  return (
    <div className="guide-table">
      <table>
        <thead>
          <tr>
            {table.header.map((cell) => (
              <th key={cell.text} scope="col">
                {inlines(cell.tokens, at)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.map(({ text }) => text).join('|')}>
              {row.map((cell, i) => (
                <td key={`${table.header[i]?.text}`}>{inlines(cell.tokens, at)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const unescaped = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

function inlines(tokens: readonly Token[] | undefined, at: Place): ReactNode {
  return tokens?.map((token, key) => {
    const same = `${key}${token.type}`;
    switch (token.type) {
      case 'strong':
        return <strong key={same}>{inlines(token.tokens, at)}</strong>;
      case 'em':
        return <em key={same}>{inlines(token.tokens, at)}</em>;
      case 'codespan':
        return <code key={same}>{unescaped(token.text)}</code>;
      case 'br':
        return <br key={same} />;
      case 'link':
        return (
          <GuideLink key={same} to={token.href} at={at}>
            {inlines(token.tokens, at)}
          </GuideLink>
        );
      case 'image':
        return <Picture key={same} source={token.href} words={token.text} />;
      default:
        return <Fragment key={same}>{unescaped('text' in token ? String(token.text) : token.raw)}</Fragment>;
    }
  });
}

function GuideLink({ to, at, children }: { to: string; at: Place; children: ReactNode }) {
  const found = resolve(to, at.name, at.language);
  // What is not built in, or lies outside, is named and not led to: there may be no way out of here.
  if (found === null) return <span title={to}>{children}</span>;
  return (
    <Link to="/help/$guide" params={{ guide: found.guide }} hash={found.hash}>
      {children}
    </Link>
  );
}

function Picture({ source, words }: { source: string; words: string }) {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    void pictureUrl(source).then(setUrl);
  }, [source]);
  return url === null ? <em>{words}</em> : <img src={url} alt={words} loading="lazy" />;
}
