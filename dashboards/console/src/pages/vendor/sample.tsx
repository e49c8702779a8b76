import { Typography } from 'antd';

/** Text to be taken along: a command, a key. */
export function Sample({ text, label }: { text: string; label: string }) {
  return (
    <figure className="sample">
      <figcaption className="quiet">
        {label} <Typography.Text copyable={{ text }} />
      </figcaption>
      <pre>{text}</pre>
    </figure>
  );
}
