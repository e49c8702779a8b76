import { Tooltip } from 'antd';

/** How a number is made, beside it: on hover, by keyboard, and to those who listen. */
export function Rule({ words, shown = 'ⓘ' }: { words: string; shown?: string }) {
  return (
    <Tooltip title={words} trigger={['hover', 'focus', 'click']}>
      <button type="button" className="rule">
        {shown}
        <span className="heard"> {words}</span>
      </button>
    </Tooltip>
  );
}
