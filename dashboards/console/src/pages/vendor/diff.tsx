import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { t } from '../../language.ts';
import { COMMON } from './code-editor.tsx';

/** Two texts side by side with what differs. */
export default function Diff({ before, after }: { before: string; after: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!place.current) return;
    const phrases = EditorState.phrases.of({ '$ unchanged lines': t('versions.unchanged', { n: '$' }) });
    const extensions = [COMMON, EditorState.readOnly.of(true), EditorView.editable.of(false), phrases];
    const view = new MergeView({
      parent: place.current,
      a: { doc: before, extensions },
      b: { doc: after, extensions },
      collapseUnchanged: { margin: 3, minSize: 6 },
    });
    return () => view.destroy();
  }, [before, after]);
  return <div ref={place} className="type-diff" />;
}
