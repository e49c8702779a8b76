import { autocompletion, type CompletionContext, closeBrackets, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, defaultHighlightStyle, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { t } from '../../language.ts';
import { choicesAt, wordsAt } from './schema-help.ts';

export interface Fault {
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}
interface CodeEditorProps {
  readonly value: string;
  readonly onChange?: (text: string) => void;
  readonly faults?: readonly Fault[];
  /** Moves there, line by line from 1; a new object moves again. */
  readonly goTo?: { readonly line: number } | null;
  readonly label: string;
}

/** Styles a script writes are refused by the browser without it. */
const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';

const complete = (context: CompletionContext) => {
  const { from, choices, keys } = choicesAt(context.state.doc.toString(), context.pos);
  if (choices.length === 0 || (from === context.pos && !context.explicit)) return null;
  return {
    from,
    options: choices.map(({ label, words, required }) => ({
      label,
      type: keys ? 'property' : 'enum',
      boost: required ? 1 : 0,
      ...(words && { info: words }),
      ...(required && { detail: t('editor.required') }),
      apply: keys ? `${label}: ` : label,
    })),
  };
};

const help = hoverTooltip((view, position) => {
  const found = wordsAt(view.state.doc.toString(), position);
  if (!found) return null;
  return {
    pos: found.from,
    end: found.to,
    create() {
      const dom = document.createElement('div');
      dom.className = 'editor-help';
      const name = document.createElement('code');
      name.textContent = found.name;
      dom.append(name, ` ${found.words}`);
      return { dom };
    },
  };
});

export const COMMON: Extension = [
  EditorView.cspNonce.of(nonce),
  lineNumbers(),
  yaml(),
  syntaxHighlighting(defaultHighlightStyle),
  EditorView.lineWrapping,
  EditorState.tabSize.of(2),
  indentUnit.of('  '),
];

/** A type's text: completion and explanations from the grammar, faults under what they are about. */
export default function CodeEditor({ value, onChange, faults = [], goTo, label }: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const said = useRef(onChange);
  said.current = onChange;
  const first = useRef(value);
  const readOnly = onChange === undefined;

  useEffect(() => {
    if (!place.current) return;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          COMMON,
          history(),
          lintGutter(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          autocompletion({ override: [complete] }),
          help,
          // Tab leaves the editor: whoever has no mouse must get out of it.
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': label }),
          EditorState.readOnly.of(readOnly),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) said.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [label, readOnly]);

  useEffect(() => {
    const shown = view.current;
    first.current = value;
    if (!shown || shown.state.doc.toString() === value) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const shown = view.current;
    if (shown)
      shown.dispatch(
        setDiagnostics(
          shown.state,
          faults.map((fault) => diagnostic(shown.state, fault)),
        ),
      );
  }, [faults]);

  useEffect(() => {
    const shown = view.current;
    if (!shown || !goTo || goTo.line > shown.state.doc.lines) return;
    const { from } = shown.state.doc.line(goTo.line);
    shown.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    shown.focus();
  }, [goTo]);

  return <div ref={place} className="code-editor" />;
}

function diagnostic(state: EditorState, { message, line = 1, column = 1 }: Fault): Diagnostic {
  const { from, to, text } = state.doc.line(Math.min(Math.max(1, line), state.doc.lines));
  const start = Math.min(from + column - 1, to);
  const length = /^[^\s,}\]]+/.exec(text.slice(start - from))?.[0].length ?? 0;
  return { from: start, to: Math.max(Math.min(start + Math.max(1, length), to), start), severity: 'error', message };
}
