import { Typography } from 'antd';

/** Text with a button that copies it; its library is loaded when the first one is shown. */
export default function Copyable({ text, words }: { text: string; words: string }) {
  return (
    <Typography.Text type="secondary" copyable={{ text }}>
      {words}
    </Typography.Text>
  );
}
