import { Select, type SelectProps } from 'antd';
import { type Named, useNames } from './names.ts';

interface NamedSelectsProps extends Omit<SelectProps<string[]>, 'options' | 'mode'> {
  readonly of: Named;
}

/** Several of a list of named things. */
export function NamedSelects({ of, ...select }: NamedSelectsProps) {
  const { all } = useNames(of);
  return (
    <Select<string[]>
      mode="multiple"
      allowClear
      maxTagCount="responsive"
      showSearch={{ optionFilterProp: 'label' }}
      popupMatchSelectWidth={false}
      {...select}
      options={all.map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
